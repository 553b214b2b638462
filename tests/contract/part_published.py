"""The published set-up's own requests, byte for byte, sent by curl: the script that stores the first refresh token, the custom connector to
the vault, the flow's token request, AccountSkus and the upload. Sources: the article, its two scripts and the connector's definition."""
import json
import pathlib
import re

import contract
from contract import check, equal, mask

CLIENT = "1950a258-227b-4e31-a9cf-717495945fc2"
CLOUDS = [
    # name, host of the flow's token request, the script's authority, portal host, app id, vault suffix
    ("global", "login.windows.net", "login.microsoftonline.com", "main.iam.ad.ext.azure.com", "74658136-14ec-4630-ad9b-26e160ff0fc6",
     "vault.azure.net"),
    ("US Government", "login.microsoftonline.us", "login.microsoftonline.us", "main.iam.ad.ext.azure.us",
     "ee62de39-b9b0-4886-aa58-08b89c4e3db3", "vault.usgovcloudapi.net"),
]
FORM = "application/x-www-form-urlencoded"

# The schema that the flow's step "Parse JSON from Login" holds the answer against, and the one for the secret.
LOGIN = {name: str for name in ("access_token", "expires_in", "expires_on", "ext_expires_in", "foci", "id_token", "not_before",
                                "refresh_token", "resource", "scope", "token_type")}
SECRET = {"id": str, "value": str, "attributes": dict}
SECRET_ATTRIBUTES = {"created": int, "enabled": bool, "recoverableDays": int, "recoveryLevel": str, "updated": int}


def fits(found, schema, what):
    """As Power Automate's Parse JSON judges: members may be missing, those that are there must be of their type."""
    for name, kind in schema.items():
        check(name not in found or type(found[name]) is kind, f"{what}: {name} is {type(found.get(name)).__name__}, not {kind.__name__}")


class Curl:
    def __init__(self, part):
        self.part = part
        self.version = re.match(r"curl (\S+)", part.run("curl", "--version").out).group(1)

    def send(self, method, url, *headers, body=None):
        """Headers and the body go through files, as they hold secrets. Gives back (status, JSON or text)."""
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
        try:
            content = json.loads(text)
        except ValueError:
            content = text
        return int(status), content

    def ok(self, *args, **more):
        status, content = self.send(*args, **more)
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
        status, content = curl.send("POST", f"https://{authority}/{tenant}/oauth2/token", f"Content-Type: {FORM}",
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
        fits(content, SECRET, "the secret")
        fits(content["attributes"], SECRET_ATTRIBUTES, "the secret's attributes")
        equal(content["value"] == have["refresh"], True, "the value is the one written")

    with operation("flow: token request"):
        body = (f"resource={app_id}&grant_type=refresh_token&refresh_token={have['refresh']}&client_id={CLIENT}&scope=openid")
        tokens = curl.ok("POST", f"https://{flow_login}/{tenant}/oauth2/token", f"content-type: {FORM}", body=body)
        fits(tokens, LOGIN, "the answer")
        for member in ("access_token", "refresh_token", "id_token", "expires_on"):
            check(tokens.get(member), f"the answer has no {member}")
        have["portal"], have["successor"] = mask(tokens["access_token"]), mask(tokens["refresh_token"])

    with operation("flow: the same with the version 2 endpoint, its default value, is refused with AADSTS901002"):
        status, content = curl.send("POST", f"https://{flow_login}/{tenant}/oauth2/v2.0/token", f"content-type: {FORM}", body=body)
        equal((status, content["error_codes"]), (400, [901002]), "refusal")

    with operation("flow: store the successor"):
        curl.ok("PUT", secret_url, bearer("vault"), "Content-Type: application/json", body=json.dumps({"value": have["successor"]}))

    ids = ("x-ms-client-request-id: 11111111-1111-4111-8111-111111111111", "x-ms-correlation-id: 22222222-2222-4222-8222-222222222222")
    with operation("flow: AccountSkus"):
        skus = curl.ok("GET", f"https://{portal}/api/AccountSkus", bearer("portal"), *ids)
        check(isinstance(skus, list) and skus and skus[0]["accountSkuId"].startswith("contoso:"), f"answer: {skus}")

    with operation("article: upload"):
        sample = {
            "content": "upn,serial number,secret key,time interval,manufacturer,model\r\n"
                       "test@mydomain.com,1234567,2234567abcdef2234567abcdef,30,Contoso,HardwareKey",
            "id": None,
            "mimeType": "application/vnd.ms-excel",
            "name": "760b21fc-128a-4504-9374-71f47638e27c.csv",
        }
        body = json.dumps(sample, indent=2)
        curl.ok("POST", f"https://{portal}/api/MultifactorAuthentication/HardwareToken/upload", bearer("portal"),
                "Content-Type: application/json", *ids, body=body)
        uploads = part.sandbox.admin("GET", "/uploads")
        check("760b21fc-128a-4504-9374-71f47638e27c.csv" in json.dumps(uploads), "the sandbox knows nothing of the upload")

    with operation("an app's own token is refused by the portal"):
        tokens = curl.ok("POST", f"https://{authority}/{tenant}/oauth2/token", f"Content-Type: {FORM}",
                         body=f"grant_type=client_credentials&client_id={part.facts['clientId']}&client_secret={secret}&resource={app_id}")
        status, content = curl.send("GET", f"https://{portal}/api/AccountSkus", "Authorization: Bearer " + mask(tokens["access_token"]), *ids)
        check(status in (400, 401, 403), f"answered with {status}: {content}")


def run(part):
    curl = Curl(part)
    for cloud in CLOUDS:
        one_cloud(part, curl, *cloud)


if __name__ == "__main__":
    contract.main("published", run, "--foci")
