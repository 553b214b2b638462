#!/bin/bash
# The yardstick for an unattended run: the same five requests with bash, curl and jq. No secret goes through a command line; like
# most such scripts it checks little else. unattended_run.sh SANDBOX_FOLDER
set -euo pipefail
folder=$1
{ read -r port; read -r tenant; read -r vault; read -r name; read -r client; } < <(
  jq -r '.port, .tenantId, .vaultUrl, .secretName, .clientId' "$folder/sandbox.json")
portal=74658136-14ec-4630-ad9b-26e160ff0fc6
public_client=1950a258-227b-4e31-a9cf-717495945fc2

# The rest of the request, and whatever is secret in it, comes as a curl config on standard input.
call() { curl --silent --show-error --fail --cacert "$folder/ca.pem" --connect-to "::127.0.0.1:$port" --config - "$@"; }
token() { call "https://login.microsoftonline.com/$tenant/oauth2/v2.0/token"; }

vault_token=$(token <<END | jq -r .access_token
data-urlencode = "grant_type=client_credentials"
data-urlencode = "client_id=$client"
data-urlencode = "client_secret=$(<"$folder/client-secret")"
data-urlencode = "scope=https://vault.azure.net/.default"
END
)
bearer="header = \"Authorization: Bearer $vault_token\""
refresh_token=$(call "$vault/secrets/$name?api-version=7.5" <<<"$bearer" | jq -r .value)
answer=$(token <<END
data-urlencode = "grant_type=refresh_token"
data-urlencode = "client_id=$public_client"
data-urlencode = "refresh_token=$refresh_token"
data-urlencode = "scope=$portal/.default offline_access openid"
END
)
body=$(jq -c '{value: .refresh_token, contentType: "text/plain", attributes: {enabled: true}}' <<<"$answer")
call --request PUT "$vault/secrets/$name?api-version=7.5" >/dev/null <<END
$bearer
header = "Content-Type: application/json"
data = $(jq -R . <<<"$body")
END
call 'https://main.iam.ad.ext.azure.com/api/AccountSkus?backfillTenants=true' <<END | jq .
header = "Authorization: Bearer $(jq -r .access_token <<<"$answer")"
header = "X-Requested-With: XMLHttpRequest"
header = "x-ms-client-request-id: $(</proc/sys/kernel/random/uuid)"
END
