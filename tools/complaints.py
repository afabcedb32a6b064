#!/usr/bin/env python3
"""Holds docs/complaints against the code: every problem that the API can answer has a page, and every page a problem.

usage: complaints.py [--write]     --write makes the index, docs/complaints/README.md, again

A page is docs/complaints/CODE.md: what happened, why, what to do next, in English and in Japanese.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "complaints"
FOLDERS = ("spine/api", "spine/descriptions", "spine/dissect", "spine/model", "spine/store", "spine/journal", "see/api", "see/tables", "see/ledger", "see/comments", "see/weakness", "see/ask", "apps/center", "apps/ask")
CODE = re.compile(r'"((?:api|ask|model|store|journal|ledger|comments|feed|decision|protocols)\.[a-z]+(?:-[a-z]+)*)"(?!, (?:most\(|0, ))')  # A row of a limit has its bound behind the name.
FORM = re.compile(r"# (?P<code>[a-z.-]+)\n\n\*\*What happened\*\*: (?P<what>[^\n]+)\n\*\*Why\*\*: [^\n]+\n\*\*Next\*\*: [^\n]+\n\n"
                  r"## 日本語\n\n\*\*何が起きたか\*\*: (?P<ja>[^\n]+)\n\*\*理由\*\*: [^\n]+\n\*\*次にすること\*\*: [^\n]+\n\Z")


def codes():
    found = {}
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix not in (".cpp", ".h") or file.stem.endswith("_test"):
                continue
            for code in CODE.findall(file.read_text()):
                found.setdefault(code, file.relative_to(ROOT))
    return found


def main():
    if sys.argv[1:] not in ([], ["--write"]):
        sys.exit(__doc__)
    wrong, rows, raised = [], [], codes()
    pages = {file.stem: file for file in PAGES.glob("*.md") if file.name != "README.md"}
    for code in sorted(raised.keys() - pages.keys()):
        wrong.append(f"{raised[code]}: {code} has no page: write docs/complaints/{code}.md")
    for code in sorted(pages.keys() - raised.keys()):
        wrong.append(f"docs/complaints/{code}.md: nothing in the code complains so")
    for code, file in sorted(pages.items()):
        form = FORM.match(file.read_text().replace("  \n", "\n"))
        if not form or form["code"] != code:
            wrong.append(f"docs/complaints/{code}.md: does not have the form of the others")
        else:
            rows.append(f"| [{code}]({code}.md) | {form['what']} | {form['ja']} |")
    index = "\n".join(["# What the API complains about", "", "`code` of a problem, and `type` after its last slash. Made by `tools/complaints.py --write`.", "",
                       "| code | what happened | 何が起きたか |", "| --- | --- | --- |", *rows, ""])
    if sys.argv[1:]:
        (PAGES / "README.md").write_text(index)
    elif not (PAGES / "README.md").is_file() or (PAGES / "README.md").read_text() != index:
        wrong.append("docs/complaints/README.md: not what its pages say: tools/complaints.py --write")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"complaints: {len(pages)} pages, one for each of {len(raised)} codes")


if __name__ == "__main__":
    main()
