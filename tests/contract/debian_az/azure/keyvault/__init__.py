"""The names of azure-keyvault 1.1 that azure-cli 2.45 asks for: see ../../README.md."""
import time

__path__ = __import__("pkgutil").extend_path(__path__, __name__)


class KeyVaultAuthentication:
    """A callback that gets tokens, as a credential of azure.core."""

    def __init__(self, callback):
        self._callback = callback

    def get_token(self, *scopes, **_):
        from azure.core.credentials import AccessToken

        resource = scopes[0].removesuffix("/.default")
        return AccessToken(self._callback(None, resource, None)[1], int(time.time()) + 600)


def __getattr__(name):
    if name == "KeyVaultClient":
        from .v7_0.key_vault_client import KeyVaultClient

        return KeyVaultClient
    raise AttributeError(name)
