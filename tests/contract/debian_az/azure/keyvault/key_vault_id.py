from urllib.parse import urlsplit


class KeyVaultIdentifier:
    """`https://VAULT/COLLECTION/NAME[/VERSION]`, taken apart."""

    def __init__(self, uri, collection):
        address = urlsplit(uri)
        found, self.name, *version = address.path.strip("/").split("/")
        if found != collection:
            raise ValueError(f"{uri} is not of {collection}")
        self.vault = f"{address.scheme}://{address.netloc}"
        self.version = version[0] if version else None
