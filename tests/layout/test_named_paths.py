"""Files and folders that the documents name are there."""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
WHOLE = re.compile(r"`((?:src|tests|docs|fuzz|bench|\.ci)/[\w./-]+|(?:install|build|test|demo)\.sh)`")
OF_SRC = re.compile(r"`((?:[a-z_]+/)+[a-z_]+\.(?:h|cc))`")  # `jobs/run/import.cc`, without src/
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
OF_HISTORY = {ROOT / "docs/decisions/deleted-shortcuts.md"}  # names what is no longer there


class NamedPaths(unittest.TestCase):
    def test_what_a_document_names_is_there(self):
        missing, seen = [], 0
        for document in DOCUMENTS:
            text = document.read_text()
            wanted = [ROOT / path for path in WHOLE.findall(text) if "NAME" not in path and "NOUN" not in path]
            if document not in OF_HISTORY:
                wanted += [ROOT / "src" / path for path in OF_SRC.findall(text) if (ROOT / "src" / path.split("/")[0]).is_dir()]
            wanted += [document.parent / path for path in LINK.findall(text)]
            seen += len(wanted)
            missing += [f"{document.name}: {path.relative_to(ROOT)}" for path in wanted if not path.exists()]
        self.assertGreater(seen, 60, "the documents name files in another way than this test knows")
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main()
