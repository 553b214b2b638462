#!/bin/bash
# The same unattended run with the az CLI, signed in beforehand: read the secret, redeem it, store its successor, one API call.
# Runs where the production names lead to the sandbox (tests/contract/namespace.sh). unattended_az.sh TENANT VAULT NAME SCRATCH
set -euo pipefail
tenant=$1 vault=$2 name=$3 scratch=$4
refresh_token=$(az keyvault secret show --vault-name "$vault" --name "$name" --query value --output tsv)
printf 'grant_type=refresh_token&client_id=1950a258-227b-4e31-a9cf-717495945fc2&refresh_token=%s&scope=%s' "$refresh_token" \
  '74658136-14ec-4630-ad9b-26e160ff0fc6%2F.default%20offline_access' >"$scratch/form"
az rest --method post --skip-authorization-header --url "https://login.microsoftonline.com/$tenant/oauth2/v2.0/token" \
  --headers Content-Type=application/x-www-form-urlencoded --body "@$scratch/form" >"$scratch/answer"
jq -j .refresh_token "$scratch/answer" >"$scratch/successor"
az keyvault secret set --vault-name "$vault" --name "$name" --file "$scratch/successor" --output none
guid=$(</proc/sys/kernel/random/uuid)
az rest --method get --skip-authorization-header --url 'https://main.iam.ad.ext.azure.com/api/AccountSkus?backfillTenants=true' \
  --headers "Authorization=Bearer $(jq -r .access_token "$scratch/answer")" X-Requested-With=XMLHttpRequest "x-ms-client-request-id=$guid"
