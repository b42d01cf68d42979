# SPDX-License-Identifier: MPL-2.0
"""What checks of the sources have in common: a command line, and a test of the check itself."""
import pathlib
import sys
import tempfile


def main(faults, cases, house=None):
    """Runs a check and gives the exit code.

    faults gives the faults of the tree at a path, one line each. cases are (file, content, part of the fault that
    is expected, or None), each in a tree with nothing else but house: file names and their contents.

        CHECK.py [ROOT]    prints each fault; exit code 1 if there is one
        CHECK.py --self    tries the cases
    """
    if sys.argv[1:] == ["--self"]:
        return 1 if failures(faults, cases, house or {}) else 0
    found = list(faults(sys.argv[1] if len(sys.argv) > 1 else "."))
    for fault in found:
        print(fault)
    return 1 if found else 0


def failures(faults, cases, house):
    bad = 0
    for file, content, expected in cases:
        with tempfile.TemporaryDirectory() as directory:
            for name, text in {**house, file: content}.items():
                path = pathlib.Path(directory, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            found = list(faults(directory))
        good = any(expected in fault for fault in found) if expected else not found
        if not good:
            bad += 1
            print(f"{file} with {content!r}: expected {expected!r}, reported {found}")
    print(f"{len(cases)} cases, {bad} failed")
    return bad
