"""Microsoft's Python client for secrets, signed in through the az CLI's session. Debian's python3-azure; run by Debian's /usr/bin/python3.

  keyvault_secrets.py VAULT_URL LABEL     prints one line of JSON per operation
"""
import json
import sys
import traceback

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import AzureCliCredential
from azure.keyvault.secrets import SecretClient
from azure.keyvault.secrets._version import VERSION

vault, label = sys.argv[1:]
client = SecretClient(vault, AzureCliCredential())


def operation(name, run):
    line = {"client": "azure-keyvault-secrets (Python)", "version": VERSION, "operation": name + label, "result": "ok"}
    try:
        run()
    except Exception:
        line.update(result="failed", detail=traceback.format_exc()[-3000:])
    print(json.dumps(line), flush=True)


def set_secret():
    made = client.set_secret("Python", "one", content_type="text/plain", tags={"by": "python"})
    assert (made.value, made.properties.content_type, made.properties.tags) == ("one", "text/plain", {"by": "python"}), made
    client.set_secret("Python", "two")


def get_secret():
    assert client.get_secret("Python").value == "two"
    try:
        client.get_secret("nothing-here")
    except ResourceNotFoundError as error:
        assert error.error.code == "SecretNotFound", error
    else:
        raise AssertionError("a secret that is not there was found")


def versions_and_update():
    versions = list(client.list_properties_of_secret_versions("Python"))
    assert len(versions) == 2, versions
    old = next(v for v in versions if v.tags)
    changed = client.update_secret_properties("Python", old.version, enabled=False)
    assert changed.enabled is False
    try:
        client.get_secret("Python", old.version)
    except HttpResponseError as error:
        assert error.status_code == 403, error
    else:
        raise AssertionError("a disabled version was shown")


def list_pages():
    for n in range(30):
        client.set_secret(f"python-page-{n}", "x")
    names = [s.name for s in client.list_properties_of_secrets()]
    assert sum(name.startswith("python-page-") for name in names) == 30, names
    assert len(set(names)) == len(names)


def delete_recover_purge():
    deleted = client.begin_delete_secret("Python", _polling_interval=0).result()
    assert deleted.recovery_id.endswith("/deletedsecrets/Python"), deleted.recovery_id
    assert [s.name for s in client.list_deleted_secrets()] == ["Python"]
    client.begin_recover_deleted_secret("Python", _polling_interval=0).wait()
    assert client.get_secret("Python").value == "two"
    client.begin_delete_secret("python-page-0", _polling_interval=0).wait()
    client.purge_deleted_secret("python-page-0")
    assert list(client.list_deleted_secrets()) == []


def backup_restore():
    blob = client.backup_secret("python-page-1")
    client.begin_delete_secret("python-page-1", _polling_interval=0).wait()
    client.purge_deleted_secret("python-page-1")
    assert client.restore_secret_backup(blob).name == "python-page-1"
    assert client.get_secret("python-page-1").value == "x"


operation("set_secret", set_secret)
operation("get_secret", get_secret)
operation("list_properties_of_secret_versions, update_secret_properties", versions_and_update)
operation("list_properties_of_secrets, 30 of them", list_pages)
operation("begin_delete_secret, begin_recover_deleted_secret, purge_deleted_secret", delete_recover_purge)
operation("backup_secret, restore_secret_backup", backup_restore)
