"""portalkey itself, so that what it sends to Key Vault and Resource Manager is recorded and can be judged by Microsoft's OpenAPI files."""
import contract
from contract import check, mask


class Portalkey:
    def __init__(self, part):
        self.part = part

    def ok(self, *args, env=None):
        ran = self.part.run(contract.PROGRAM, "--sandbox", self.part.sandbox.folder, *args, env=env)
        check(ran.code == 0, str(ran))
        return ran


def run(part):
    portalkey = Portalkey(part)
    version = part.run(contract.PROGRAM, "--version").out.split()[-1]

    def operation(name):
        return part.operation("portalkey", version, name)

    with operation("login, with the vault as the store"):
        file = part.folder / "refresh-token"
        file.touch(0o600)
        file.write_text(part.sandbox.refresh_token_of())
        portalkey.ok("login", "--refresh-token-file", file)
        file.unlink()
        check(part.sandbox.stored() is not None, "the vault holds no refresh token")
    with operation("session refresh, three times"):
        before = mask(part.sandbox.stored())
        for _ in range(3):
            portalkey.ok("session", "refresh")
        check(part.sandbox.stored() != before, "the vault still holds the first refresh token")
    with operation("skus"):
        check("contoso:" in portalkey.ok("skus").out, "no licence is listed")


if __name__ == "__main__":
    contract.main("portalkey", run)
