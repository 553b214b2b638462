"""The published set-up, by curl: the requests of the script that stores the first refresh token and of the custom connector to
the vault, and the flow, performed from its definition (flow/README.md). Sources: the article, its two scripts, and a description
of the two solutions."""
import json
import pathlib
import re

import contract
from contract import check, equal, mask
from workflow_definition import SECURED, Flow

CLIENT = "1950a258-227b-4e31-a9cf-717495945fc2"
CLOUDS = [
    # name, host of the flow's token request, the script's authority, portal host, app id, vault suffix
    ("global", "login.windows.net", "login.microsoftonline.com", "main.iam.ad.ext.azure.com", "74658136-14ec-4630-ad9b-26e160ff0fc6",
     "vault.azure.net"),
    ("US Government", "login.microsoftonline.us", "login.microsoftonline.us", "main.iam.ad.ext.azure.us",
     "ee62de39-b9b0-4886-aa58-08b89c4e3db3", "vault.usgovcloudapi.net"),
]
FORM = "application/x-www-form-urlencoded"

FLOWS = contract.HERE / "flow" / "Workflows"
CONNECTOR = json.loads((contract.HERE / "flow" / "Connector" / "con_vault_openapidefinition.json").read_text())
REFERENCE = "shared_con-5fvault"


def definition(name, portal):
    """A flow as the solution holds it; in another cloud people replace the portal's host, which is a literal in it."""
    text = next(FLOWS.glob(f"{name}-*.json")).read_text()
    return json.loads(text.replace("main.iam.ad.ext.azure.com", portal))


class Curl:
    def __init__(self, part):
        self.part = part
        self.version = re.match(r"curl (\S+)", part.run("curl", "--version").out).group(1)

    def send(self, method, url, *headers, body=None):
        """Headers and the body go through files, as they hold secrets. Gives back (status, text)."""
        config = [f'url = "{url}"', f'request = "{method}"', f'cacert = "{self.part.ca}"', "silent", "show-error",
                  'write-out = "\\n%{http_code}"']
        config += [f'header = "{header}"' for header in headers]
        if body is not None:
            file = self.part.folder / "body"
            file.write_bytes(body.encode())
            config.append(f'data-binary = "@{file}"')
        ran = self.part.run("curl", "--config", "-", stdin="\n".join(config) + "\n")
        check(ran.code == 0, str(ran))
        text, _, status = ran.out.rpartition("\n")
        return int(status), text

    def send_json(self, *args, **more):
        status, text = self.send(*args, **more)
        try:
            content = json.loads(text)
        except ValueError:
            content = text
        return status, content

    def ok(self, *args, **more):
        status, content = self.send_json(*args, **more)
        check(status in (200, 201), f"{args[0]} {args[1]} was answered with {status}: {content}")
        return content


def one_cloud(part, curl, cloud, flow_login, authority, portal, app_id, suffix):
    tenant = part.facts["tenantId"]
    vault = f"https://{pathlib.PurePosixPath(part.facts['vaultUrl']).name.split('.')[0]}.{suffix}"
    secret_url = f"{vault}/secrets/RefreshToken?api-version=7.0"
    have = {}

    def operation(name):
        return part.operation("curl", curl.version, f"{name}, {cloud}")

    with operation("script: device code by version 1"):
        code = curl.ok("POST", f"https://{authority}/{tenant}/oauth2/devicecode", f"Content-Type: {FORM}",
                       body=f"resource=https%3A%2F%2F{portal}&client_id={CLIENT}")
        check("microsoft.com/devicelogin" in code["message"] and code["user_code"] in code["message"], f"message: {code['message']}")
        tokens = curl.ok("POST", f"https://{authority}/{tenant}/oauth2/token", f"Content-Type: {FORM}",
                         body=f"grant_type=device_code&resource=https%3A%2F%2F{portal}&code={code['device_code']}&client_id={CLIENT}")
        have["refresh"] = mask(tokens["refresh_token"])

    with operation("script: token for the portal's app id"):
        tokens = curl.ok("POST", f"https://{authority}/{tenant}/oauth2/token", f"Content-Type: {FORM}",
                         body=f"resource={app_id}&grant_type=refresh_token&refresh_token={have['refresh']}&client_id={CLIENT}&scope=openid")
        equal(tokens["resource"], app_id, "resource")

    with operation("script: a refresh without client_id is refused with AADSTS900144"):
        status, content = curl.send_json("POST", f"https://{authority}/{tenant}/oauth2/token", f"Content-Type: {FORM}",
                                         body=f"grant_type=refresh_token&refresh_token={have['refresh']}")
        equal((status, content["error_codes"]), (400, [900144]), "refusal")

    with operation("connector: token for the vault by version 1"):
        secret = mask(part.secret_file.read_text().strip())
        tokens = curl.ok("POST", f"https://{authority}/{tenant}/oauth2/token", f"Content-Type: {FORM}",
                         body=f"grant_type=client_credentials&client_id={part.facts['clientId']}&client_secret={secret}"
                              f"&resource=https%3A%2F%2F{suffix}")
        check("refresh_token" not in tokens, "an app got a refresh token")
        have["vault"] = mask(tokens["access_token"])

    def bearer(which):
        return "Authorization: Bearer " + have[which]

    with operation("connector: write the secret (api-version 7.0)"):
        content = curl.ok("PUT", secret_url, bearer("vault"), "Content-Type: application/json", body=json.dumps({"value": have["refresh"]}))
        check(re.fullmatch(re.escape(vault) + "/secrets/RefreshToken/[0-9a-f]{32}", content["id"]), f"id: {content['id']}")

    with operation("connector: read the secret (api-version 7.0)"):
        content = curl.ok("GET", secret_url, bearer("vault"))
        equal(content["value"] == have["refresh"], True, "the value is the one written")

    def perform(name, values, body=None):
        """Runs a flow whose connection to the vault is the app's. Tokens that it got are masked in what is recorded."""
        connections = {REFERENCE: (CONNECTOR, vault, {"Authorization": "Bearer " + have["vault"]})}

        def send(method, url, headers, sent):
            return curl.send(method, url, *(f"{header}: {value}" for header, value in headers.items()), body=sent)

        flow = Flow(definition(name, portal), send, values, connections)
        ran = flow.run(body)
        for member in ("access_token", "refresh_token", "id_token"):
            mask(((flow.result("Login").get("outputs") or {}).get("body") or {}).get(member) or "-")
        return flow, ran

    def statuses(ran):
        return {name: one["status"] for name, one in ran["actions"].items()}

    def stored():
        return mask(curl.ok("GET", secret_url, bearer("vault"))["value"])

    variables = {"con_TenantOAuthTokenEndpoint": f"https://{flow_login}/{tenant}/oauth2/token",
                 "con_PowerShellAppRegistrationId": app_id}

    with operation("flow: performed from its definition"):
        flow, ran = perform("UseHiddenAPI", variables)
        equal(ran["status"], "Succeeded", f"the run {json.dumps(ran['actions'])[:2000]}; status")
        equal(set(statuses(ran).values()), {"Succeeded"}, "statuses")
        skus = flow.result("HTTP")["outputs"]["body"]
        check(skus[0]["accountSkuId"].startswith("contoso:"), f"AccountSkus: {skus}")
        tokens = flow.result("Login")["outputs"]["body"]
        for member in ("access_token", "refresh_token", "id_token", "expires_on"):
            check(tokens.get(member), f"the answer has no {member}")
        successor = tokens["refresh_token"]
        check(successor != have["refresh"] and stored() == successor, "the vault does not hold the successor")
        shown = [ran["actions"]["Login"][name] for name in ("inputs", "outputs")]
        equal(shown, [SECURED, SECURED], "what the history shows of the login")

    with operation("flow: again, with the successor it stored"):
        equal(perform("UseHiddenAPI", variables)[1]["status"], "Succeeded", "status")

    with operation("flow: with version 2's endpoint, its stale default: AADSTS901002, and nothing is lost"):
        before = stored()
        default = {**variables, "con_TenantOAuthTokenEndpoint": f"https://{flow_login}/{tenant}/oauth2/v2.0/token"}
        flow, ran = perform("UseHiddenAPI", default)
        equal((ran["status"], flow.result("Login")["outputs"]["body"]["error_codes"]), ("Failed", [901002]), "refusal")
        skipped = [name for name, status in statuses(ran).items() if status == "Skipped"]
        equal(skipped, ["Parse_JSON_From_Login", "Set_New_Refresh_Token", "HTTP"], "skipped")
        equal(stored() == before, True, "the vault holds what it held")

    with operation("flow: a vault that is down for a moment is asked again"):
        part.sandbox.fault(host="vault", kind="503", times=2)
        flow, ran = perform("UseHiddenAPI", variables)
        equal((ran["status"], flow.result("Get_Refresh_Token")["attempts"]), ("Succeeded", 3), "the run")

    with operation("flow: rows from its trigger uploaded, and their end waited for"):
        rows = [["test@contoso.com", f"{cloud[:2]}-1234567", "2234567abcdef2234567abcdef", "30", "Contoso", "HardwareKey"],
                ["other@contoso.com", f"{cloud[:2]}-1234568", "3234567abcdef2234567abcdef", "60", "Contoso", "HardwareKey"]]
        flow, ran = perform("UploadTokens", variables, {"rows": rows})
        equal((ran["status"], statuses(ran)["Stop"]), ("Succeeded", "Skipped"), f"the run {json.dumps(ran)[:2000]}; status")
        there = {one["serialNumber"]: one["upn"] for one in part.sandbox.tokens()}
        equal([there.get(row[1]) for row in rows], [row[0] for row in rows], "whose the tokens are")

    with operation("flow: an upload that ends with errors ends the flow as failed, the successor stored"):
        before = stored()
        flow, ran = perform("UploadTokens", variables, {"rows": rows})  # the same serial numbers again
        equal((ran["status"], (ran["error"] or {}).get("code")), ("Failed", "UploadHadErrors"), "the run")
        check(stored() != before, "the successor was not stored")

    ids = ("x-ms-client-request-id: 11111111-1111-4111-8111-111111111111", "x-ms-correlation-id: 22222222-2222-4222-8222-222222222222")
    with operation("article: upload"):
        sample = {
            "content": "upn,serial number,secret key,time interval,manufacturer,model\r\n"
                       "test@mydomain.com,1234567,2234567abcdef2234567abcdef,30,Contoso,HardwareKey",
            "id": None,
            "mimeType": "application/vnd.ms-excel",
            "name": "760b21fc-128a-4504-9374-71f47638e27c.csv",
        }
        have["portal"] = mask(flow.result("Login")["outputs"]["body"]["access_token"])
        curl.ok("POST", f"https://{portal}/api/MultifactorAuthentication/HardwareToken/upload", bearer("portal"),
                "Content-Type: application/json", *ids, body=json.dumps(sample, indent=2))
        uploads = part.sandbox.admin("GET", "/uploads")
        check("760b21fc-128a-4504-9374-71f47638e27c.csv" in json.dumps(uploads), "the sandbox knows nothing of the upload")

    with operation("an app's own token is refused by the portal"):
        tokens = curl.ok("POST", f"https://{authority}/{tenant}/oauth2/token", f"Content-Type: {FORM}",
                         body=f"grant_type=client_credentials&client_id={part.facts['clientId']}&client_secret={secret}&resource={app_id}")
        own = "Authorization: Bearer " + mask(tokens["access_token"])
        status, content = curl.send_json("GET", f"https://{portal}/api/AccountSkus", own, *ids)
        check(status in (400, 401, 403), f"answered with {status}: {content}")


def run(part):
    curl = Curl(part)
    for cloud in CLOUDS:
        one_cloud(part, curl, *cloud)


if __name__ == "__main__":
    contract.main("published", run, "--foci")
