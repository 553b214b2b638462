"""What an import leaves for people and machines to read."""
import csv
import html.parser
import io
import json

import harness
from harness import DONE, FAILED, PARTLY, USAGE, EndToEnd


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.links = [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href")]

    def handle_data(self, data):
        self.text += data


class Reports(EndToEnd):
    SIGNED_IN = True

    def test_each_format_tells_the_same(self):
        file, rows = self.seeds(4)
        file.write_text(file.read_text().replace(rows[1]["upn"], "left.company@contoso.com")
                        + "<script>alert(1)</script>@contoso.com,=HYPERLINK(1),JBSWY3DPEHPK3PXP,30,C,M\n")
        page = self.folder / "report.html"
        ran = self.expect(PARTLY, self.pk("tokens", "import", file, "--report", page, "-o", "json")).json()
        (job,) = self.expect(DONE, self.pk("jobs", "list", "-o", "json")).json()
        table, document = self.folder / "report.csv", self.folder / "report.json"
        self.expect(DONE, self.pk("jobs", "show", job["id"], "--report", table))
        self.expect(DONE, self.pk("jobs", "show", job["id"], "--report", document))

        states = [token["state"] for token in ran["tokens"]]
        self.assertEqual(3, states.count("active"))
        written = json.loads(document.read_text())
        self.assertEqual(states, [token["state"] for token in written["tokens"]])
        self.assertEqual(ran["summary"], written["summary"])
        self.assertEqual(job["id"], written["job"])
        self.assertEqual(sum(1 for s in states if s != "active"), sum(cause["tokens"] for cause in written["failures"]))
        lines = list(csv.DictReader(io.StringIO(table.read_text())))
        self.assertEqual(states, [line["state"] for line in lines])
        for line in lines:
            for value in line.values():
                self.assertFalse(value.startswith(("=", "+", "-", "@")), f"a spreadsheet would run {value!r}")
        read = Page(page.read_text())
        self.assertIn("3 active", read.text)
        self.assertIn("left.company@contoso.com", read.text)
        self.assertIn("polyline", read.tags)
        self.assertNotIn("script", read.tags)
        self.assertEqual([], read.links, "the page loads something")
        for path in (page, table, document):
            self.assertEqual(0, path.stat().st_mode & 0o077)
            for row in rows:
                self.assertNotIn(row["secret key"], path.read_text(), "a secret key is in " + path.name)

    def test_what_cannot_be_written_is_said_before_anything_is_sent(self):
        file, rows = self.seeds(1)
        self.sandbox.forget_requests()
        self.expect_error(FAILED, self.pk("tokens", "import", file, "--report", "report.pdf"), ".html")
        self.expect_error(FAILED, self.pk("tokens", "import", file, "--report", "/nowhere/report.csv"), "cannot be written there")
        self.expect(USAGE, self.pk("tokens", "import", file, "--dry-run", "--report", "report.csv"))
        self.assertEqual([], self.sandbox.requests())


if __name__ == "__main__":
    harness.main()
