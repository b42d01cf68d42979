#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Checks that what sources and pages cite is there: pages, their sections, and what links name.

citations.py [ROOT]   reports each citation that leads nowhere; exit 1 if there are any
citations.py --self   tests this program

A page is named by its path from the root, from docs/, or from the file that cites it. Its sections
are cited by number (design.md §3.2) or by title (configuration.md, "From autopush"). A bare § belongs
to the page or standard that was named before it, within the same sentence or two.
"""
import pathlib
import re
import sys

import sourcecheck

TOPS = ("cmake", "core", "server", "tests", "sql", "docs")
SUFFIXES = {".cpp", ".h", ".sql", ".py", ".mjs", ".js", ".html", ".md", ".toml", ".txt"}
LEFT_OUT = {"build", "node_modules", ".venv"}
# It tells of pages that are not there.
SELF = "tests/citations.py"

PAGE = r"(?<![\w/.-])[\w.-]+(?:/[\w.-]+)*\.md\b"
SOURCE = re.compile(rf"({PAGE})|\b(?:RFC \d+|draft-[\w-]+)")
SECTION = re.compile(r"§ ?(\d+(?:\.\d+)*)")
TITLE = re.compile(rf'({PAGE}),? \(?"([^"]+)"')
ANCHOR = re.compile(rf"({PAGE})#([\w-]+)")
DECISION = re.compile(r"\bdocs/decisions/(\d{4})\b")
LINK = re.compile(r"\]\(([^()\s]+)\)")
# How far before it the source of a section may be named.
REACH = 200
# What continues a comment on the next line.
CONTINUED = re.compile(r"\n[ \t]*(?:///?|\*|#|--|;)?[ \t]*")
HEADING = re.compile(r"^#+ +(.*?) *$", re.M)
EXAMPLE = re.compile(r"^(?:    |\t)[^\n]*$|^```.*?^```$", re.M | re.S)


class Page:
    def __init__(self, path):
        text = path.read_text("utf-8")
        self.titles = [title.replace("`", "") for title in HEADING.findall(EXAMPLE.sub("", text))]
        self.numbers = {match[1] for title in self.titles if (match := re.match(r"(\d+(?:\.\d+)*)\.? ", title))}
        self.anchors = {slug(title) for title in self.titles} | set(re.findall(r'<a id="([^"]+)"', text))


def slug(title):
    """As GitHub makes anchors of headings."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


class Pages:
    def __init__(self, root):
        self.root = root
        self.known = {}

    def find(self, name, citing):
        for base in (self.root, self.root / "docs", citing.parent):
            path = (base / name).resolve()
            if path.is_file():
                if path not in self.known:
                    self.known[path] = Page(path)
                return self.known[path]
        return None


def files(root):
    yield from sorted(root.glob("*.md"))
    yield from (path for path in [root / "dev", root / "CMakeLists.txt"] if path.exists())
    for top in TOPS:
        for path in sorted((root / top).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file() and not LEFT_OUT & set(path.relative_to(root).parts):
                yield path


def flattened(text):
    """One line, without what begins the lines of comments, and where each of its characters was."""
    pieces, lines, line, at = [], [], 1, 0
    for gap in CONTINUED.finditer(text):
        piece = text[at:gap.start()] + " "
        pieces.append(piece)
        lines.extend([line] * len(piece))
        line += gap[0].count("\n")
        at = gap.end()
    pieces.append(text[at:])
    lines.extend([line] * (len(text) - at + 1))
    return "".join(pieces), lines


def page_faults(text, path, pages):
    """Where in the text, and what is wrong."""
    for match in SOURCE.finditer(text):
        if match[1] and not pages.find(match[1], path):
            yield match.start(), f"there is no page {match[1]}"
    for match in ANCHOR.finditer(text):
        page = pages.find(match[1], path)
        if page and match[2] not in page.anchors:
            yield match.start(), f"{match[1]} has no anchor {match[2]}"
    for match in TITLE.finditer(text):
        page = pages.find(match[1], path)
        if page and match[2] not in page.titles:
            yield match.start(), f"{match[1]} has no section “{match[2]}”"
    for match in SECTION.finditer(text):
        named = list(SOURCE.finditer(text, max(0, match.start() - REACH), match.start()))
        if not named:
            yield match.start(), f"{match[0]}: of which page?"
            continue
        name = named[-1][1]
        page = pages.find(name, path) if name else None
        if page and match[1] not in page.numbers:
            yield match.start(), f"{name} has no section {match[1]}"
    for match in DECISION.finditer(text):
        if not list((pages.root / "docs" / "decisions").glob(match[1] + "-*.md")):
            yield match.start(), f"there is no decision {match[1]}"


def link_faults(text, path, pages):
    for match in LINK.finditer(text):
        target, _, anchor = match[1].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        goal = path if not target else (path.parent / target).resolve()
        if not goal.exists():
            yield match.start(), f"the link to {match[1]} leads nowhere"
        elif anchor and goal.suffix == ".md":
            if anchor not in pages.find(str(goal), path).anchors:
                yield match.start(), f"the link to {match[1]} leads to no heading"


def faults(root):
    root = pathlib.Path(root).resolve()
    pages = Pages(root)
    for path in files(root):
        name = path.relative_to(root).as_posix()
        if name == SELF:
            continue
        text = path.read_text("utf-8")
        flat, lines = flattened(text)
        found = {(lines[place], what) for place, what in page_faults(flat, path, pages)}
        if path.suffix == ".md":
            plain = EXAMPLE.sub(lambda example: "\n" * example[0].count("\n"), text)
            found |= {(plain.count("\n", 0, place) + 1, what) for place, what in link_faults(plain, path, pages)}
        for line, what in sorted(found):
            yield f"{name}:{line}: {what}"


HOUSE = {
    "docs/design.md": "# Design\n\n## 1. One\n\n    ## 7. An example\n\n### 1.2 The window\n",
    "docs/errors.md": 'Errors\n\n## A `code`\n\n<a id="Gone"></a>\n',
    "docs/decisions/0003-roles.md": "# 3. Roles\n",
    "README.md": "See [the design](docs/design.md#12-the-window).\n",
}
# (file, its content, part of the report expected; None: no report)
CASES = [
    ("core/a.h", "/// As it has to be (design.md §1.2).\n", None),
    ("core/a.h", "/// As it has to be (docs/design.md §1).\n", None),
    ("core/a.h", "/// As it has to be (design.md\n/// §1.3).\n", "core/a.h:2: design.md has no section 1.3"),
    ("core/a.h", "/// (design.md §7)\n", "no section 7"),
    ("core/a.h", "/// design.md §1 and §2\n", "no section 2"),
    ("core/a.h", "/// RFC 6455 §7.4, design.md §1, RFC 9112 §9\n", None),
    ("core/a.h", "/// As §3 says\n", "of which page?"),
    ("core/a.h", "/// autopush.md has the edges\n", "core/a.h:1: there is no page autopush.md"),
    ("core/a.h", '/// (design.md, "1.2 The window")\n', None),
    ("core/a.h", '/// (design.md, "Windows")\n', "no section “Windows”"),
    ("core/a.h", "/// docs/decisions/0003\n", None),
    ("core/a.h", "/// docs/decisions/0009\n", "no decision 0009"),
    ("core/a.cpp", 'x = "docs/errors.md#Gone";\n', None),
    ("core/a.cpp", 'x = "docs/errors.md#" + name;\n', None),
    ("core/a.cpp", 'x = "docs/errors.md#Went";\n', "no anchor Went"),
    ("sql/a.sql", "-- design.md\n-- §4\n", "sql/a.sql:2: design.md has no section 4"),
    ("tests/a.py", "# protocol.md\n", "no page protocol.md"),
    ("docs/a.md", "[a](design.md) [b](errors.md#a-code) [c](https://example.com/x.md#y)\n", None),
    ("docs/a.md", "text\n\n[a](#there)\n", "docs/a.md:3: the link to #there leads to no heading"),
    ("docs/a.md", "[a](away.txt)\n", "leads nowhere"),
    ("docs/a.md", "[a](design.md#12-the-door)\n", "leads to no heading"),
    ("docs/a.md", "    [a](away.txt)\n", None),
    ("build/a.h", "/// autopush.md\n", None),
    ("tests/e2e/node_modules/a/README.md", "[a](away.md)\n", None),
]


if __name__ == "__main__":
    sys.exit(sourcecheck.main(faults, CASES, HOUSE))
