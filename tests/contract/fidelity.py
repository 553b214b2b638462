"""Writes docs/fidelity.md from recorded results and the hand-kept list of differences. Nothing in it changes from run to run."""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs" / "fidelity.md"

HEAD = """# How faithful the sandbox is

Written by `./test.sh --contract`; do not edit. Clients that Microsoft wrote, unmodified, talk to the sandbox under production host names,
and Microsoft's validator holds the exchanges against Microsoft's OpenAPI files. What is known or suspected to differ from the real service
is at the end ([its source](../tests/contract/differences.md)).
"""


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def page(results):
    """The page's text. Results of one client stand together, in the order in which the parts recorded them."""
    clients = {}
    for line in results:
        clients.setdefault((line["client"], line["version"]), []).append(line)
    out = [HEAD]
    for (client, version), lines in clients.items():
        good = sum(line["result"] == "ok" for line in lines)
        out.append(f"\n## {client} {version}: {good} of {len(lines)}\n\n| operation | result |\n| --- | --- |\n")
        out += [f"| {cell(line['operation'])} | {'ok' if line['result'] == 'ok' else '**failed**'} |\n" for line in lines]
    out.append("\n" + (HERE / "differences.md").read_text(encoding="utf-8"))
    return "".join(out)


def write(results):
    """True if the page changed."""
    new = page(results)
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == new:
        return False
    PAGE.write_text(new, encoding="utf-8")
    return True
