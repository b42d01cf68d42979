#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Holds docs/limits.md and the tests together: each row of its tables is driven to its bound by a test.

limits.py [ROOT]    compares the page with tests/limits.toml; prints each fault, exit code 1 if there is one
limits.py --self    checks the check

tests/limits.toml gives for the first cell of each row one or more tests, as "path::function".
"""
import pathlib
import re
import sys
import tomllib

PAGE = pathlib.PurePosixPath("docs/limits.md")
LIST = pathlib.PurePosixPath("tests/limits.toml")


def rows(page):
    """First cells of the rows of all tables, without backticks; the head of a table is no row."""
    found = []
    lines = page.splitlines()
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        is_head = re.match(r"\|[-|: ]+\|$", following)
        is_rule = re.match(r"\|[-|: ]+\|$", line)
        if line.startswith("|") and not is_head and not is_rule:
            found.append(line.split("|")[1].strip().replace("`", ""))
    return found


def faults(page, listed, read):
    """read gives a file's text, or None."""
    found = rows(page)
    for row in sorted({row for row in found if found.count(row) > 1}):
        yield f"{PAGE}: two rows are named '{row}'"
    for row in found:
        if not listed.get(row):
            yield f"{PAGE}: {LIST} has no test for '{row}'"
    for row, tests in listed.items():
        if row not in found:
            yield f"{LIST}: {PAGE} has no row '{row}'"
        for test in tests:
            path, _, function = test.partition("::")
            text = read(path)
            if text is None:
                yield f"{LIST}: there is no {path}"
            elif not re.search(rf"\bvoid (\w+::)*{re.escape(function)}\(\)", text):
                yield f"{LIST}: {path} has no test {function}()"


def check(root):
    def read(path):
        file = root / path
        return file.read_text() if file.is_file() else None

    with open(root / LIST, "rb") as file:
        listed = tomllib.load(file)["rows"]
    problems = list(faults(read(PAGE), listed, read))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def check_self():
    page = "| what | bound |\n|---|---|\n| `a` | 1 |\n| b | 2 |\n"
    files = {"t.cpp": "void Test::one()\n{\n}\nvoid Test::one_data()\n"}
    good = {"a": ["t.cpp::one"], "b": ["t.cpp::one"]}
    cases = [
        (page, good, 0),
        (page, {"a": ["t.cpp::one"]}, 1),
        (page, {**good, "b": []}, 1),
        (page, {**good, "c": ["t.cpp::one"]}, 1),
        (page, {**good, "b": ["t.cpp::on"]}, 1),
        (page, {**good, "b": ["u.cpp::one"]}, 1),
        (page + "| b | 3 |\n", good, 1),
    ]
    wrong = [case for case in cases if len(list(faults(case[0], case[1], files.get))) != case[2]]
    for case in wrong:
        print("not as expected:", case)
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--self"]:
        sys.exit(check_self())
    sys.exit(check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
