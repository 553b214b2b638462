from azure.core.exceptions import HttpResponseError as KeyVaultErrorException  # noqa: F401
from azure.keyvault.secrets._generated.v7_0.models import *  # noqa: F401,F403
