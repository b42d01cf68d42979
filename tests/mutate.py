#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Breaks one rule of the product at a time and sees whether the tests notice.

mutate.py [NAME…]   all mutations of mutations.toml, or those named; exit 1 if one survives
mutate.py --check   only whether the list fits the sources
mutate.py --list    their names

It works on a copy in build/mutate, which it keeps, so that the next build is an incremental one.
"""
import os
import pathlib
import re
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "build" / "mutate"
BUILD = COPY / "build" / "release"
FIELDS = {"name", "rule", "file", "old", "new", "tests"}
ENOUGH = 40
# A test or its properties, and the programs that are named there.
TEST = re.compile(r'^(?:add_test|set_tests_properties)\(\[?=*\[?"?([\w.-]+?)"?\]?=*\]? (.*)\)$', re.M)
PROGRAM = re.compile(re.escape(str(BUILD / "bin")) + r"/([\w-]+)")


def load():
    with open(ROOT / "tests" / "mutations.toml", "rb") as file:
        return tomllib.load(file)["mutation"]


def faults(mutations):
    names = set()
    for mutation in mutations:
        name = mutation.get("name", "?")
        if set(mutation) != FIELDS:
            yield f"{name}: has not exactly the fields {', '.join(sorted(FIELDS))}"
            continue
        if name in names:
            yield f"{name}: is there twice"
        names.add(name)
        path = ROOT / mutation["file"]
        count = path.read_text("utf-8").count(mutation["old"]) if path.exists() else 0
        if count != 1:
            yield f"{name}: {mutation['file']} has its old text {count} times"
        if mutation["old"] == mutation["new"]:
            yield f"{name}: changes nothing"
    if len(mutations) < ENOUGH:
        yield f"{len(mutations)} mutations, {ENOUGH} are wanted"


def run(command, **options):
    return subprocess.run(command, cwd=COPY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)


def copy_tree():
    """Brings the copy up to date; what has not changed keeps its time."""
    COPY.mkdir(parents=True, exist_ok=True)
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.split("\n")
    wanted = {file for file in files if file and (ROOT / file).is_file()}
    for file in wanted:
        source, target = ROOT / file, COPY / file
        content = source.read_bytes()
        if target.exists() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(source.stat().st_mode)
    for path in list(COPY.rglob("*")):
        relative = path.relative_to(COPY)
        if relative.parts[0] == "build" or "node_modules" in relative.parts:
            continue
        if path.is_file() and not path.is_symlink() and str(relative) not in wanted:
            path.unlink()
    modules = COPY / "tests/e2e/node_modules"
    if (ROOT / "tests/e2e/node_modules").exists() and not modules.exists():
        modules.symlink_to(ROOT / "tests/e2e/node_modules")


def known_tests():
    """Each test by name, with the programs that it needs. From CMake's own files: ctest tells the
    commands only of what is built."""
    tests = {}
    for file in sorted(BUILD.rglob("CTestTestfile.cmake")):
        for name, words in TEST.findall(file.read_text("utf-8")):
            tests.setdefault(name, set()).update(PROGRAM.findall(words))
    return tests


def build(names, tests):
    targets = sorted(set().union(*(tests[name] for name in names)))
    if "sqlitestoragetest" in targets:
        targets.append("storagewriter")
    return run(["cmake", "--build", str(BUILD), "--target", *targets]) if targets else None


def test(names):
    pattern = "^(" + "|".join(re.escape(name) for name in names) + ")$"
    return run(["ctest", "--test-dir", str(BUILD), "-R", pattern, "--stop-on-failure", "-j2",
                "--output-on-failure"])


def failed(output):
    return re.findall(r"^\s*\d+ - (\S+) \(", output, re.M)


def expected(mutation, tests):
    return [name for name in tests if re.search(mutation["tests"], name)]


def mutate(mutation, tests):
    """Gives what became of it, and whether that is good."""
    names = expected(mutation, tests)
    path = COPY / mutation["file"]
    original = path.read_text("utf-8")
    path.write_text(original.replace(mutation["old"], mutation["new"]), encoding="utf-8")
    try:
        built = build(names, tests)
        if built and built.returncode != 0:
            errors = [line for line in built.stdout.split("\n") if " error: " in line]
            return "does not build: " + (errors or ["?"])[0], False
        tested = test(names)
        if tested.returncode == 0:
            return "SURVIVED " + ", ".join(names), False
        return "caught by " + (", ".join(failed(tested.stdout)) or "a test that did not end"), True
    finally:
        path.write_text(original, encoding="utf-8")


def prepare(mutations):
    copy_tree()
    if not (BUILD / "build.ninja").exists():
        configured = run(["cmake", "--preset", "release"])
        if configured.returncode != 0:
            sys.exit(configured.stdout)
    tests = known_tests()
    unknown = [mutation["name"] for mutation in mutations if not expected(mutation, tests)]
    if unknown:
        sys.exit("no test has the name that is expected: " + ", ".join(unknown))
    # Without a mutation they pass, or their failure would say nothing.
    names = sorted({name for mutation in mutations for name in expected(mutation, tests)})
    print(f"{len(mutations)} mutations, {len(names)} tests", flush=True)
    for step in (build(names, tests), test(names)):
        if step and step.returncode != 0:
            sys.exit(step.stdout[-4000:] + "\nfails without a mutation")
    return tests


def main(arguments):
    mutations = load()
    found = list(faults(mutations))
    for fault in found:
        print(fault)
    if found or arguments == ["--check"]:
        return 1 if found else 0
    if arguments == ["--list"]:
        for mutation in mutations:
            print(f"{mutation['name']}: {mutation['rule']}")
        return 0
    unknown = set(arguments) - {mutation["name"] for mutation in mutations}
    if unknown:
        sys.exit("no such mutation: " + ", ".join(sorted(unknown)))
    chosen = [mutation for mutation in mutations if not arguments or mutation["name"] in arguments]
    os.environ.pop("CARILLON_LONG", None)
    tests = prepare(chosen)
    survivors = []
    for mutation in chosen:
        begin = time.monotonic()
        outcome, is_good = mutate(mutation, tests)
        print(f"{mutation['name']} ({time.monotonic() - begin:.0f} s): {outcome}", flush=True)
        if not is_good:
            survivors.append(mutation)
    for mutation in survivors:
        print(f"not caught: {mutation['name']}: {mutation['rule']}")
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutations are caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
