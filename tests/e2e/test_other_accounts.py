"""What another account of this machine plants, owns or may change is refused: every file that portalkey reads or writes, in every
hostile layout, before anything is sent. As root, which can set such layouts up; the program runs as root and as an account of its own."""
import json
import os
import re
import shutil
import stat
import subprocess
import unittest

import harness
from harness import *

STRANGER = 65534  # whoever sets the trap
ACCOUNT = 4321  # the account that portalkey runs as, where it is not root; nothing on the machine is its own
IS_ROOT = os.geteuid() == 0


# --- Layouts: each changes what lies at `path`, and returns a word of the refusal ---------------------------------------------------

def planted_link(path, aside):
    move_aside(path, aside)
    path.symlink_to(aside / path.name)
    os.lchown(path, STRANGER, STRANGER)
    return "is not followed|this is a link"


def dangling_link(path, aside):
    move_aside(path, aside)
    path.symlink_to(aside / "nothing")
    return "leads to nothing|this is a link"


def link_in_a_shared_folder(path, aside):
    planted_link(path, aside)
    os.lchown(path, os.stat(path.parent).st_uid, -1)
    path.parent.chmod(0o1777)
    return "is not followed|this is a link|folder is open"


def owned_by_another(path, aside):
    os.lchown(path, STRANGER, STRANGER)
    return "belongs to another account"


def hard_link(path, aside):
    os.link(path, aside / path.name)
    path.parent.chmod(0o1777)
    return "hard link|folder is open"


def named_pipe(path, aside):
    move_aside(path, aside)
    os.mkfifo(path, 0o600)
    return "this is a named pipe"


def folder(path, aside):
    move_aside(path, aside)
    path.mkdir(0o700)
    return "this is a folder"


def device(path, aside):
    move_aside(path, aside)
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    return "this is a device"


def folder_all_may_write(path, aside):
    path.parent.chmod(0o777)
    return "may write to the folder"


def folder_its_group_may_write(path, aside):
    path.parent.chmod(0o770)
    return "may write to the folder"


def folder_of_another(path, aside):
    os.chown(path.parent, STRANGER, STRANGER)
    path.parent.chmod(0o755)
    return "folder belongs to another account"


def folder_above_all_may_write(path, aside):
    path.parent.parent.chmod(0o777)
    return "may write to the folder"


def writable_by_all(path, aside):
    path.chmod(path.stat().st_mode | 0o002)
    return "other accounts"


def writable_by_its_group(path, aside):
    path.chmod(path.stat().st_mode | 0o020)
    return "other accounts"


def readable_by_all(path, aside):
    path.chmod(path.stat().st_mode | 0o004)
    return "open to other accounts"


def move_aside(path, aside):
    if path.exists():
        shutil.move(path, aside / path.name)
    else:
        (aside / path.name).write_text("")
    os.chown(aside / path.name, os.stat(path.parent).st_uid, -1)


ANYWHERE = [planted_link, dangling_link, link_in_a_shared_folder, owned_by_another, hard_link, named_pipe, folder, device,
            folder_all_may_write, folder_its_group_may_write, folder_of_another, folder_above_all_may_write]
READ = ANYWHERE + [writable_by_all, writable_by_its_group]
SECRET = READ + [readable_by_all]
CREATED = [planted_link, dangling_link, link_in_a_shared_folder, owned_by_another, named_pipe, folder, device, folder_all_may_write,
           folder_its_group_may_write, folder_of_another, folder_above_all_may_write]
AS_ACCOUNT = [planted_link, owned_by_another, folder_of_another, folder_all_may_write]


@unittest.skipUnless(IS_ROOT, "only root can give files to another account")
class OtherAccounts(EndToEnd):
    """`world` is a folder with everything a profile uses, made once; each case spoils one file of a copy."""

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.binary = self.folder / "portalkey"
        shutil.copy(PROGRAM, self.binary)  # where every account may start it
        self.binary.chmod(0o755)
        self.world = self.folder / "world"
        (self.world / "config").mkdir(parents=True)
        self.make_world()

    def make_world(self):
        facts, config = self.sandbox.facts, self.world / "config"
        sandbox = self.world / "sandbox"
        sandbox.mkdir()
        for name in ("ca.pem", "client-secret"):
            shutil.copy(self.sandbox.folder / name, sandbox / name)
        (config / "passphrase").write_text(mask("one passphrase for all"))
        (config / "client-secret").write_text((self.sandbox.folder / "client-secret").read_text())
        (config / "certificate.pem").write_text("no certificate, which shows only when it is read")
        (config / "federated").write_text("no token")
        (config / "ca.pem").write_text((self.sandbox.folder / "ca.pem").read_text())
        key_vault = f'[profile.NAME.vault]\ntype = "key_vault"\nurl = "{facts["vaultUrl"]}"\n[profile.NAME.credential]\nclient_id = "{facts["clientId"]}"\n'
        profiles = {
            "file": '[profile.file.vault]\ntype = "file"\npath = "../data/vault"\npassphrase_file = "passphrase"\n',
            "secret": key_vault + 'client_secret_file = "client-secret"\n',
            "certificate": key_vault + 'type = "client_certificate"\nclient_certificate_file = "certificate.pem"\n',
            "federated": key_vault + 'type = "workload_identity"\nfederated_token_file = "federated"\n'}
        text = "".join(f'[profile.{name}]\nsandbox = "../sandbox"\nstate_dir = "../state-{"file" if name == "file" else "vault"}"\n' +
                       tables.replace("NAME", name) for name, tables in profiles.items())
        # No sandbox, so that extra authorities count; it is refused before there is a network.
        text += ('[profile.direct]\ntenant = "contoso.onmicrosoft.com"\nca_file = "ca.pem"\nstate_dir = "../state-vault"\n' +
                 profiles["secret"].replace("NAME", "direct"))
        (config / "config.toml").write_text(text)
        (self.world / "home").mkdir()
        (self.world / "home" / ".bashrc").write_text("# what somebody wants to have overwritten\n")
        (self.world / "out").mkdir()
        self.rewrite_sandbox(self.world)
        for profile in ("file", "secret"):
            self.expect(DONE, self.at(self.world, "--profile", profile, "login", "--refresh-token-file", "-", stdin=self.sandbox.refresh_token_of()))
        rows = seed_rows(2)
        write_seeds(self.world / "seeds.csv", rows)
        self.expect(DONE, self.at(self.world, "--profile", "secret", "tokens", "import", "../seeds.csv", cwd="out"))
        (job,) = self.expect(DONE, self.at(self.world, "--profile", "secret", "jobs", "list", "-o", "json")).json()
        self.job = job["id"]
        state = self.world / "state-vault"
        (state / "setup.json").write_text("{}")
        (state / "escrow.sealed").write_text("no escrow")
        if not (state / "escrow.sealed.key").exists():
            (state / "escrow.sealed.key").write_bytes(bytes(32))
        for suffix in ("-wal", "-shm", "-journal"):
            (state / "jobs" / f"jobs.db{suffix}").touch()
        (self.world / "out" / "report.csv").write_text("an earlier report\n")
        for file in self.world.rglob("*"):
            file.chmod(0o700 if file.is_dir() else 0o600)

    def rewrite_sandbox(self, world):
        """The description of the sandbox names files of this copy."""
        facts = json.loads((self.sandbox.folder / "sandbox.json").read_text())
        facts.update(caFile=str(world / "sandbox" / "ca.pem"), clientSecretFile=str(world / "sandbox" / "client-secret"))
        (world / "sandbox" / "sandbox.json").write_text(json.dumps(facts))

    def at(self, world, *args, cwd="config", account=0, env=None, stdin=None, timeout=60):
        """Runs the program in a copy of the world."""
        args = ["--config", str(world / "config" / "config.toml"), *map(str, args)]
        ran = subprocess.run([self.binary, *args], cwd=world / cwd, env=environment(world / "home", env), input=(stdin or "").encode(),
                             capture_output=True, timeout=timeout, user=account, group=account, extra_groups=[], umask=0o022)
        return self.note(Ran(args, ran.returncode, ran.stdout.decode(errors="replace"), ran.stderr.decode(errors="replace")))

    def files(self):
        """(file in the world, layouts, profile, command)"""
        refresh = ("session", "refresh")
        importing = ("tokens", "import", "../seeds.csv")
        convert = ("tokens", "convert", "../seeds.csv", "--to", "json", "--reveal-secrets", "-O")
        state, jobs = "state-vault", "state-vault/jobs"
        yield "config/config.toml", READ, "file", ("session", "status")
        yield "config/passphrase", SECRET, "file", refresh
        yield "config/client-secret", SECRET, "secret", refresh
        yield "config/certificate.pem", SECRET, "certificate", refresh
        yield "config/federated", READ, "federated", refresh
        yield "config/ca.pem", READ, "direct", refresh
        yield "sandbox/sandbox.json", READ, "secret", refresh
        yield "sandbox/ca.pem", READ, "secret", refresh
        yield "data/vault", SECRET, "file", refresh
        yield "data/vault", SECRET, "file", ("login", "--refresh-token-file", "-")
        yield "data/vault.lock", SECRET, "file", refresh
        yield "state-file/session.lock", SECRET, "file", refresh
        yield f"{state}/session.lock", SECRET, "secret", refresh
        yield f"{state}/escrow.sealed", SECRET, "secret", refresh
        yield f"{state}/escrow.sealed.key", SECRET, "secret", refresh
        yield f"{state}/setup.json", READ, "secret", ("setup", "plan")
        yield f"{jobs}/jobs.db", SECRET, "secret", importing
        yield f"{jobs}/jobs.db-wal", SECRET, "secret", importing
        yield f"{jobs}/jobs.db-shm", SECRET, "secret", importing
        yield f"{jobs}/jobs.db-journal", SECRET, "secret", importing
        yield f"{jobs}/jobs.key", SECRET, "secret", importing
        yield f"{jobs}/{self.job}.lock", SECRET, "secret", ("jobs", "forget", self.job)
        yield "out/report.csv", ANYWHERE, "secret", (*importing, "--report", "../out/report.csv")
        yield "out/new.json", CREATED, None, (*convert, "../out/new.json")

    def attack(self, layouts, account):
        copy, aside = self.folder / "copy", self.folder / "aside"
        count = 0
        for name, fitting, profile, command in self.files():
            for layout in fitting:
                if layout not in layouts:
                    continue
                with self.subTest(file=name, layout=layout.__name__, command=command[:2], account=account):
                    for spoilt in (copy, aside):
                        shutil.rmtree(spoilt, ignore_errors=True)
                    shutil.copytree(self.world, copy, symlinks=True)
                    aside.mkdir(0o755)
                    self.rewrite_sandbox(copy)
                    for file in [copy, *copy.rglob("*"), aside]:
                        os.chown(file, account, account)
                    path = copy / name
                    if not path.exists() and layout is owned_by_another:
                        path.write_text("planted")
                    words = layout(path, aside)
                    before = {file: file.read_bytes() for file in aside.iterdir() if file.is_file()}
                    self.sandbox.forget_requests()
                    args = (["--profile", profile] if profile else []) + list(command)
                    ran = self.at(copy, *args, account=account, timeout=30)
                    self.assertNotEqual(DONE, ran.code, str(ran))
                    self.expect_error(ran.code, ran)
                    named = {os.path.normpath(copy / "config" / at) for at in re.findall(r"^  [a-z ]+: (\S*/\S*)$", ran.err, re.M)}
                    self.assertTrue(named & {str(path), str(path.parent), str(path.parent.parent)}, f"it names something else:\n{ran}")
                    self.assertRegex(ran.err, words + ("|exists already|cannot be written there" if name.startswith("out/") else ""), "the refusal names no reason")
                    self.assertEqual([], self.sandbox.requests(), "something was sent")
                    self.assertEqual(before, {file: file.read_bytes() for file in aside.iterdir() if file.is_file()}, "something was overwritten")
                    self.assertFalse((aside / "nothing").exists(), "a link was written through")
                    count += 1
        return count

    def test_every_file_in_every_hostile_layout(self):
        self.assertGreater(self.attack(set(SECRET), 0), 250)

    def test_the_same_for_an_account_of_its_own(self):
        self.assertGreater(self.attack(set(AS_ACCOUNT), ACCOUNT), 80)

    def test_unspoilt_it_works_for_both(self):
        """Otherwise all of the above might be refused for another reason."""
        for account in (0, ACCOUNT):
            copy = self.folder / f"copy-{account}"
            shutil.copytree(self.world, copy)
            self.rewrite_sandbox(copy)
            (copy / "state-vault" / "escrow.sealed").unlink()
            for suffix in ("-wal", "-shm", "-journal"):
                (copy / "state-vault" / "jobs" / f"jobs.db{suffix}").unlink()
            for file in [copy, *copy.rglob("*")]:
                os.chown(file, account, account)
            for profile in ("file", "secret"):
                self.expect(DONE, self.at(copy, "--profile", profile, "session", "refresh", account=account))
            self.expect(DONE, self.at(copy, "tokens", "convert", "../seeds.csv", "--to", "json", "--reveal-secrets", "-O", "../out/new.json", account=account))
            self.expect(DONE, self.at(copy, "--profile", "secret", "tokens", "import", "../seeds.csv", "--report", "../out/report.csv", account=account))
            for made in ("out/new.json", "out/report.csv"):
                self.assertEqual(0o600, stat.S_IMODE((copy / made).stat().st_mode))
            self.assertNotIn("an earlier report", (copy / "out" / "report.csv").read_text())
            self.expect(DONE, self.at(copy, "--profile", "secret", "jobs", "forget", self.job, account=account))

    def test_what_root_hands_out_is_taken(self):
        """A configuration of root's, a secret of root's for a group, and our own links to them."""
        copy = self.folder / "copy"
        shutil.copytree(self.world, copy)
        self.rewrite_sandbox(copy)
        for file in [copy, *copy.rglob("*")]:
            os.chown(file, ACCOUNT, ACCOUNT)
        config = copy / "config"
        for file in (config, *config.iterdir()):
            os.chown(file, 0, ACCOUNT)
            file.chmod(0o750 if file.is_dir() else 0o440)
        (config / "config.toml").chmod(0o644)
        self.expect(DONE, self.at(copy, "--profile", "file", "session", "refresh", account=ACCOUNT))
        (copy / "home" / "link.toml").symlink_to(config / "config.toml")
        os.lchown(copy / "home" / "link.toml", ACCOUNT, ACCOUNT)
        ran = self.at(copy, "--config", copy / "home" / "link.toml", "--profile", "file", "session", "status", account=ACCOUNT)
        self.expect(USAGE, ran, absent=["is not followed"])  # what the profile names is looked for beside the link
        (config / "passphrase").chmod(0o444)
        self.expect_error(FAILED, self.at(copy, "--profile", "file", "session", "refresh", account=ACCOUNT), "open to other accounts", "chmod 600")

    def test_secrets_as_kubernetes_mounts_them(self):
        """A folder that all may write to, were it not mounted read-only, with links of root's; as the files of a secret are."""
        copy = self.folder / "copy"
        shutil.copytree(self.world, copy)
        self.rewrite_sandbox(copy)
        for file in [copy, *copy.rglob("*")]:
            os.chown(file, ACCOUNT, ACCOUNT)
        mount = copy / "mounted"
        mount.mkdir()
        config = (copy / "config" / "config.toml").read_text().replace('"client-secret"', f'"{mount}/client-secret"')
        (copy / "config" / "config.toml").write_text(config)
        for read_only in (True, False):
            script = (f'mount -t tmpfs -o mode=1777 none "{mount}" && cd "{mount}" && mkdir -m 755 ..2024 && cp ../config/client-secret ..2024 && '
                      f'chown root:{ACCOUNT} ..2024/client-secret && chmod 440 ..2024/client-secret && ln -s ..2024 ..data && '
                      f'ln -s ..data/client-secret client-secret && ' + (f'mount -o remount,ro none "{mount}" && ' if read_only else "") +
                      f'exec setpriv --reuid {ACCOUNT} --regid {ACCOUNT} --clear-groups "$0" "$@"')
            args = ["--config", str(copy / "config" / "config.toml"), "--profile", "secret", "session", "refresh"]
            (copy / "state-vault" / "escrow.sealed").unlink(missing_ok=True)
            ran = subprocess.run(["unshare", "--mount", "sh", "-c", script, self.binary, *args], env=environment(copy / "home"),
                                 capture_output=True, text=True, timeout=60)
            ran = self.note(Ran(args, ran.returncode, ran.stdout, ran.stderr))
            if read_only:
                self.expect(DONE, ran)
            else:
                self.expect_error(ran.code, ran, "is not followed", "client-secret")

    def test_more_rights_than_the_caller_has(self):
        """Of a set-user-ID program's environment, which the caller made, nothing decides anything."""
        if os.statvfs(self.folder).f_flag & os.ST_NOSUID:
            self.skipTest("the temporary folder is mounted without set-user-ID")
        os.chown(self.binary, ACCOUNT, ACCOUNT)
        env = {"PORTALKEY_CONFIG": "/planted/config.toml", "PORTALKEY_SANDBOX": "/planted/sandbox", "HOME": "/planted/home",
               "XDG_CONFIG_HOME": "/planted/xdg", "AZURE_TENANT_ID": "planted.example", "SSL_CERT_FILE": "/planted/ca"}
        for mode, words, absent in ((0o755, ["planted"], []), (0o4755, ["names no tenant"], ["planted"])):
            self.binary.chmod(mode)
            ran = subprocess.run([self.binary, "session", "status"], env=environment(self.home, env), capture_output=True, text=True,
                                 timeout=60, cwd="/", user=STRANGER, group=STRANGER, extra_groups=[])
            self.expect(USAGE, self.note(Ran(["session", "status"], ran.returncode, ran.stdout, ran.stderr)), *words, absent=absent)


class Programs(EndToEnd):
    """What az, or any other program that portalkey starts, is found by and told."""
    SIGNED_IN = True

    def test_az_gets_a_clean_environment_and_is_nobody_elses(self):
        programs, seen = self.folder / "bin", self.folder / "seen"
        programs.mkdir()
        (programs / "az").write_text(f"#!/bin/sh\n(pwd; /usr/bin/ls /proc/$$/fd | /usr/bin/tr '\\n' ' '; echo; /usr/bin/env) >{seen}\nexit 1\n")
        (programs / "az").chmod(0o755)
        before = self.profile(vault=f'type = "key_vault"\nurl = "{self.sandbox.facts["vaultUrl"]}"', credential='type = "azure_cli"')
        kept = {"AZURE_CONFIG_DIR": "/azure", "https_proxy": "http://proxy.example:1", "REQUESTS_CA_BUNDLE": "/ca", "LC_ALL": "C.UTF-8"}
        dropped = {"AZURE_CLIENT_SECRET": "hidden", "PORTALKEY_PASSPHRASE": "hidden", "PYTHONPATH": "/hidden", "BASH_ENV": "/hidden",
                   "LD_AUDIT": "/hidden", "AZURE_CLI_DISABLE_CONNECTION_VERIFICATION": "hidden"}
        open_folder = self.folder / "open"
        open_folder.mkdir()
        open_folder.chmod(0o777)
        env = {**kept, **dropped, "PATH": f"{open_folder}:relative::{programs}"}  # no other az
        self.expect_error(FAILED, self.bare(*before, "session", "refresh", env=env), "az gave no access token")
        where, descriptors, *variables = seen.read_text().splitlines()
        self.assertEqual("/", where)
        self.assertLessEqual(set(descriptors.split()), {"0", "1", "2", "10", "255"}, "what the shell itself opens")
        for name, value in kept.items():
            self.assertIn(f"{name}={value}", variables)
        self.assertIn(f"PATH={programs}", variables)
        self.assertNotIn("hidden", seen.read_text())
        seen.unlink()
        for spoil in (lambda: programs.chmod(0o777), lambda: (programs.chmod(0o755), (programs / "az").chmod(0o757))):
            spoil()
            ran = self.bare(*before, "session", "refresh", env=env)
            self.expect_error(FAILED, ran, "the program az is not started", str(programs))
            self.assertFalse(seen.exists(), "it was started all the same")


class Secrets(EndToEnd):
    """`--reveal-secrets` and access tokens: to a pipe, or to a file of one's own."""
    SIGNED_IN = True

    def to(self, target, *args, umask=0o022, flags=os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
        before = os.umask(umask)
        try:
            out = os.open(target, flags, 0o666)
        finally:
            os.umask(before)
        try:
            ran = subprocess.run([PROGRAM, *map(str, args)], env=environment(self.home), stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.PIPE, text=True, timeout=60)
        finally:
            os.close(out)
        return self.note(Ran(list(map(str, args)), ran.returncode, "", ran.stderr))

    def test_where_secrets_may_go(self):
        file, rows = self.seeds(2)
        key = rows[0]["secret key"]
        commands = {"validate": ["tokens", "validate", file, "-o", "json", "--reveal-secrets"],
                    "convert": ["tokens", "convert", file, "--to", "json", "--reveal-secrets"],
                    "access-token": ["--sandbox", self.sandbox.folder, "session", "access-token"]}
        for name, command in commands.items():
            with self.subTest(command=name):
                secret = "eyJ" if name == "access-token" else key
                self.assertIn(secret, self.expect(DONE, self.bare(*command)).out, "a pipe")
                out = self.folder / f"{name}.own"
                self.expect(DONE, self.to(out, *command, umask=0o077))
                self.assertIn(secret, out.read_text(), "a file of one's own")
                self.expect(DONE, self.to("/dev/null", *command, flags=os.O_WRONLY))
                for umask in (0o022, 0o027, 0o073):
                    out = self.folder / f"{name}.{umask:o}"
                    ran = self.to(out, *command, umask=umask)
                    self.assertNotEqual(DONE, ran.code)
                    self.expect(ran.code, ran, "other accounts may read", "umask 077")
                    self.assertEqual("", out.read_text())
                shown = harness.run_on_terminal(*command, home=self.home)
                self.assertNotEqual(DONE, shown.code)
                self.assertNotIn(secret, shown.out)
                self.assertIn("a terminal", shown.out)

    def test_a_secret_by_process_substitution(self):
        """A descriptor that the caller hands over is what he says it is."""
        vault = f'type = "file"\npath = "{self.folder}/data/vault"\npassphrase_file = "/dev/fd/77"'
        before = self.profile(vault=vault, state_dir=f"{self.folder}/state")
        word = self.folder / "word"
        word.write_text(mask("a passphrase by pipe"))
        for args, more in (("login --refresh-token-file -", self.sandbox.refresh_token_of()), ("session refresh", "")):
            given = self.folder / "given"
            given.write_text(more)
            script = f'exec 77< <(cat "{word}"); exec "$0" "$@" <"{given}"'
            ran = subprocess.run(["bash", "-c", script, PROGRAM, *before, *args.split()], env=environment(self.home), capture_output=True,
                                 text=True, timeout=60)
            self.expect(DONE, self.note(Ran(args.split(), ran.returncode, ran.stdout, ran.stderr)))

    def test_a_config_nested_without_end(self):
        for text in ("x = " + "[" * 100_000, "x = " + "[" * 100_000 + "]" * 100_000, "[a" + ".a" * 100_000 + "]", "a" + ".a" * 100_000 + " = 1",
                     "x = " + "{a = " * 100_000 + "1" + "}" * 100_000):
            file = self.folder / "deep.toml"
            file.write_text("# a config file\n" + text + "\n")
            for command in (("session", "status"), ("setup", "plan")):
                ran = self.bare("--config", file, *command)
                self.expect_error(USAGE if command[0] == "session" else ran.code, ran, "nests", "line: 2", str(file))
                self.assertGreater(ran.code, 0)
                self.assertLess(ran.code, 126)


if __name__ == "__main__":
    main()
