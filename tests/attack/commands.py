"""The commands that are attacked. Each makes ready what it needs, at the real sandbox, and says how it is called."""
import json
import time

import world  # noqa: F401  puts the harness on the path
import harness


def with_profile(make):
    return lambda place: [*place.profile, *make(place)]


def after_another_tool(place):
    """Versions are listed only when something else wrote the latest."""
    place.sandbox.vault("PUT", "/secrets/RefreshToken", {"value": place.sandbox.stored()})
    return ["session", "refresh"]


def login(place):
    file = place.given / "refresh-token"
    file.write_text(place.sandbox.refresh_token_of())
    file.chmod(0o600)
    return ["login", "--refresh-token-file", file]


def login_by_device_code(place):
    place.sandbox.policy(nextApprover=harness.SERVICE_ACCOUNT)
    return ["login", "--device-code"]


def import_(backend, report):
    return lambda place: ["--backend", backend, "tokens", "import", place.file, "--report", place.home / report]


def with_tokens(backend, *args, enabled=False, assigned=True):
    """FILE: their seed file; LIST: of them and their users."""
    def ready(place):
        place.put(backend, enabled, assigned=assigned)
        return ["--backend", backend, *[place.file if arg == "FILE" else place.list() if arg == "LIST" else arg for arg in args]]
    return ready


def replace(backend):
    def ready(place):
        place.put(backend, True, place.rows[:1])
        place.rows[1]["upn"] = place.rows[0]["upn"]
        harness.write_seeds(place.file, place.rows)
        return ["--backend", backend, "tokens", "replace", place.file, "--user", place.rows[0]["upn"], "--old", place.serials[0],
                "--new", place.serials[1], "--yes"]
    return ready


def interrupted(backend, place, command=None):
    """An import, or another command, that is killed when it is about to activate; returns the job's id."""
    path = "enable" if backend == "portal" else "/activate"
    place.sandbox.forget_requests()
    place.sandbox.fault(host=backend, path=path, kind="hang")
    place.lead_directly()
    process = harness.start([*place.profile, "--backend", backend, *(command or ["tokens", "import", place.file])], place.home)
    end = time.monotonic() + 30
    while not place.sandbox.requests(part=path) and time.monotonic() < end:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    place.sandbox.no_faults()
    jobs = json.loads(place.run_directly([*place.profile, "jobs", "list", "-o", "json"]).out)
    assert jobs and jobs[0]["state"] in ("open", "interrupted"), f"there is no job to resume: {jobs}"
    return jobs[0]["id"]


def resume(backend):
    return lambda place: ["--backend", backend, "jobs", "resume", interrupted(backend, place)]


def setup(verb, *more, made=False):
    def ready(place):
        name = f"atk{place.n}x"
        names = ["--resource-group", name, "--vault", name + "kv", "--app-name", name + "app"]
        if made:
            ran = place.run_directly([*place.setup_profile, "apply", "--location", "westeurope", *names])
            assert ran.code == 0, f"there is nothing to destroy: {ran}"
        return [*place.setup_profile, verb, *names, *more]
    return ready


COMMANDS = {name: with_profile(make) for name, make in {
    "session refresh": after_another_tool,
    "session status": lambda place: ["session", "status"],
    "session status, managed identity": lambda place: ["--credential", "managed_identity", "session", "status"],
    "login --refresh-token-file": login,
    "login": login_by_device_code,
    "skus": lambda place: ["skus"],
    "api GET": lambda place: ["api", "GET", "/api/AccountSkus?backfillTenants=true"],
    "tokens list, portal": with_tokens("portal", "tokens", "list"),
    "tokens list, graph": with_tokens("graph", "tokens", "list"),
    "tokens import, portal": import_("portal", "report.csv"),
    "tokens import, graph": import_("graph", "report.html"),
    "tokens activate, portal": with_tokens("portal", "tokens", "activate", "FILE"),
    "tokens activate, graph": with_tokens("graph", "tokens", "activate", "FILE"),
    "tokens remove, portal": with_tokens("portal", "tokens", "remove", "--list", "LIST", "--yes", enabled=True),
    "tokens remove, graph": with_tokens("graph", "tokens", "remove", "--list", "LIST", "--yes", enabled=True),
    "tokens assign, graph": with_tokens("graph", "tokens", "assign", "--list", "LIST", assigned=False),
    "tokens unassign, graph": with_tokens("graph", "tokens", "unassign", "--list", "LIST", "--yes"),
    "tokens replace, portal": replace("portal"),
    "tokens replace, graph": replace("graph"),
    "tokens report, portal": with_tokens("portal", "tokens", "report"),
    "tokens report, graph": with_tokens("graph", "tokens", "report"),
    "tokens validate, portal": with_tokens("portal", "tokens", "validate", "FILE", "--against-tenant"),
    "tokens validate, graph": with_tokens("graph", "tokens", "validate", "FILE", "--against-tenant"),
    "jobs resume, portal": resume("portal"),
    "jobs resume, graph": resume("graph"),
    "doctor, portal": lambda place: ["doctor", "--redeem"],
    "doctor, graph": lambda place: ["--backend", "graph", "doctor"],
}.items()} | {
    "setup plan": setup("plan", "--location", "westeurope"),
    "setup apply": setup("apply", "--location", "westeurope"),
    "setup destroy": setup("destroy", "--yes", made=True),
}
