"""Microsoft's generated client for Key Vault 7.0 behind the signatures of azure-keyvault 1.1: two methods had their parameters spread out,
and all of them ignored what they did not know (az passes everything that its command line has)."""
import functools
import inspect

from azure.keyvault.secrets._generated.v7_0 import KeyVaultClient as Generated
from azure.keyvault.secrets._generated.v7_0 import models
from azure.keyvault.secrets._shared import ChallengeAuthPolicy

UNCHANGED = ("get_secret", "get_secrets", "get_secret_versions", "get_deleted_secret", "get_deleted_secrets", "delete_secret",
             "recover_deleted_secret", "purge_deleted_secret", "backup_secret", "restore_secret")


class KeyVaultClient(Generated):
    def __init__(self, credentials, api_version=None):
        super().__init__(api_version=api_version, authentication_policy=ChallengeAuthPolicy(credentials))

    def set_secret(self, vault_base_url, secret_name, value, tags=None, content_type=None, secret_attributes=None, **kwargs):
        """Sets a secret in a specified key vault.

        :param vault_base_url: The vault name, for example https://myvault.vault.azure.net.
        :param secret_name: The name of the secret.
        :param value: The value of the secret.
        :param tags: Application specific metadata in the form of key-value pairs.
        :param content_type: Type of the secret value such as a password.
        :param secret_attributes: The secret management attributes.
        """
        parameters = models.SecretSetParameters(value=value, tags=tags, content_type=content_type, secret_attributes=secret_attributes)
        return super().set_secret(vault_base_url, secret_name, parameters)

    def update_secret(self, vault_base_url, secret_name, secret_version, content_type=None, secret_attributes=None, tags=None, **kwargs):
        """Updates the attributes associated with a specified secret in a given key vault.

        :param vault_base_url: The vault name, for example https://myvault.vault.azure.net.
        :param secret_name: The name of the secret.
        :param secret_version: The version of the secret.
        :param content_type: Type of the secret value such as a password.
        :param secret_attributes: The secret management attributes.
        :param tags: Application specific metadata in the form of key-value pairs.
        """
        parameters = models.SecretUpdateParameters(content_type=content_type, secret_attributes=secret_attributes, tags=tags)
        return super().update_secret(vault_base_url, secret_name, secret_version or "", parameters)


def tolerant(method):
    known = set(inspect.signature(method).parameters)

    @functools.wraps(method)
    def call(self, *args, **kwargs):
        return method(self, *args, **{name: value for name, value in kwargs.items() if name in known})

    return call


for name in UNCHANGED:
    setattr(KeyVaultClient, name, tolerant(getattr(Generated, name)))
for name in ("set_secret", "update_secret"):  # where the generated code keeps the path
    getattr(KeyVaultClient, name).metadata = getattr(Generated, name).metadata
