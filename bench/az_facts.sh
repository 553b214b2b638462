#!/bin/bash
# What `portalkey setup plan` and `portalkey doctor` look at, asked with the az CLI. az_facts.sh GROUP VAULT APP_NAME CLIENT_ID
set -euo pipefail
group=$1 vault=$2 name=$3 client=$4
az account show
az provider show --namespace Microsoft.KeyVault
az provider show --namespace Microsoft.Authorization
az group show --name "$group"
id=$(az keyvault show --name "$vault" --query id --output tsv)
az ad app list --display-name "$name"
az ad sp show --id "$client"
az ad app credential list --id "$client"
az role assignment list --scope "$id" --assignee "$client"
az account get-access-token --resource https://vault.azure.net
az keyvault secret show --vault-name "$vault" --name RefreshToken
az keyvault secret list-versions --vault-name "$vault" --name RefreshToken
