#!/bin/bash
# What administrators run today, per token: look its user up, create it, activate it. Reads Entra's CSV; signed in beforehand.
# import_loop_az.sh FILE SCRATCH
set -euo pipefail
graph=https://graph.microsoft.com
while IFS=, read -r upn serial key interval manufacturer model; do
  user=$(az rest --method get --url "$graph/v1.0/users/$upn?\$select=id" --query id --output tsv)
  printf '{"serialNumber":"%s","secretKey":"%s","timeIntervalInSeconds":%s,"manufacturer":"%s","model":"%s","hashFunction":"hmacsha1","assignTo":{"id":"%s"}}' \
    "$serial" "$key" "$interval" "$manufacturer" "${model%$'\r'}" "$user" >"$2/body"
  token=$(az rest --method post --url "$graph/beta/directory/authenticationMethodDevices/hardwareOathDevices" --body "@$2/body" --query id --output tsv)
  code=$(oathtool --totp --base32 --time-step-size "${interval}s" - <<<"$key")
  az rest --method post --url "$graph/beta/users/$user/authentication/hardwareOathMethods/$token/activate" --body "{\"verificationCode\":\"$code\"}"
done < <(tail -n +2 "$1")
