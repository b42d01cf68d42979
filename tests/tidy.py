#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Runs clang-tidy on the program's sources: tidy.py BUILD [FILE…]

BUILD is a built tree with compile_commands.json. Without FILEs, what passed before is not looked at
again until it, a header of this repository that it includes, its flags or the checks change. What
passed is remembered by content in the user's cache directory, so that every clone profits. Tests are
not linted: Qt Test's idioms are not the checks'.

Most of the time goes into the headers of Qt and the standard library, so the sources of a room are
linted together, as one unit that includes them. Where that finds anything, each is linted alone, and
only that counts.
"""

import collections
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = ("core", "server", "admin-gui")
UNIT = 8  # sources at once, at most
KEPT = 30 * 24 * 3600  # seconds that a result is kept after it was last used
# Locks are checked too; Clang knows them by core/base/threadsafety.h.
EXTRA = ("--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wthread-safety")


def program_sources(build):
    """{source: compile command} of the repository's own sources in the compile database."""
    commands = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in ROOMS:
            commands[path] = entry["command"]
    return commands


@functools.cache
def resolved(build, name):
    return (build / name).resolve()


def made_of_files(build):
    """{source: the files that its object was made of}, from ninja's records."""
    found = collections.defaultdict(set)
    text = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True,
                          text=True).stdout
    for block in text.split("\n\n"):
        files = {resolved(build, line.strip()) for line in block.splitlines()[1:]}
        for file in files:
            if file.suffix == ".cpp" and file.is_relative_to(ROOT):
                found[file] |= files
    return found


def digest(parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@functools.cache
def state(path):
    """What a file holds; of those that are not this repository's, size and time say enough."""
    try:
        if not path.is_relative_to(ROOT):
            return f"{path.stat().st_size} {path.stat().st_mtime_ns}"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return "gone"


def tidy(build, path, *options):
    run = subprocess.run(
        ["clang-tidy", "-p", build, "--quiet", *EXTRA, *options, path],
        capture_output=True, text=True, check=False)
    return run.returncode == 0, run.stdout


def compiler_flags(command):
    """A compile command as a tuple, without what names the one source and its object."""
    words = shlex.split(command)
    return tuple(word for before, word in zip([""] + words, words)
                 if word not in ("-c", "-o") and before not in ("-c", "-o"))


def cache_directory():
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    directory = pathlib.Path(home, "carillon-lint")
    directory.mkdir(parents=True, exist_ok=True)
    for stamp in directory.iterdir():
        if stamp.stat().st_mtime < time.time() - KEPT:
            stamp.unlink(missing_ok=True)
    return directory


def relative(text, build):
    """A text without the places of the build and of this repository, as a part of a key."""
    return text.replace(str(build), "BUILD").replace(str(ROOT), "ROOT")


def units(commands, paths):
    """The sources in lists of those that are compiled alike."""
    alike = collections.defaultdict(list)
    for path in sorted(paths):
        alike[path.parent, compiler_flags(commands[path])].append(path)
    for group in alike.values():
        count = -(-len(group) // UNIT)
        size = -(-len(group) // count)
        yield from (group[at:at + size] for at in range(0, len(group), size))


def tidy_together(build, command, paths):
    """Whether a unit of all these sources passes."""
    with tempfile.TemporaryDirectory() as scratch:
        unit = pathlib.Path(scratch, "unit.cpp")
        unit.write_text("".join(f'#include "{path}" // NOLINT(bugprone-suspicious-include)\n'
                                for path in paths))
        flags = [*compiler_flags(command), "-c", str(unit)]
        database = [{"directory": str(build), "file": str(unit), "arguments": flags}]
        pathlib.Path(scratch, "compile_commands.json").write_text(json.dumps(database))
        return tidy(scratch, unit, f"--config-file={ROOT / '.clang-tidy'}",
                    rf"--header-filter=/({'|'.join(ROOMS)})/[^ ]*\.(h|cpp)$")[0]


def lint(build, commands, paths):
    """Lints a unit: {source: what was found; None: nothing}."""
    if len(paths) > 1 and tidy_together(build, commands[paths[0]], paths):
        return dict.fromkeys(paths)
    found = {path: tidy(build, path) for path in paths}
    return {path: None if good else output for path, (good, output) in found.items()}


def main(build, names):
    commands = program_sources(build)
    cache = cache_directory()
    version = subprocess.run(["clang-tidy", "--version"], check=True, capture_output=True,
                             text=True).stdout
    checks = state(ROOT / ".clang-tidy")
    made_of = made_of_files(build)
    todo = {}
    for path, command in sorted(commands.items()):
        # Without a record of its headers a file is always looked at.
        headers = [relative(str(file), build) + " " + state(file)
                   for file in sorted(made_of.get(path, ()))]
        key = digest([version, *EXTRA, checks, state(pathlib.Path(__file__)), relative(command, build),
                      state(path), *headers])
        stamp = cache / key
        if names:
            if path in names:
                todo[path] = stamp
        elif headers and stamp.exists():
            stamp.touch()
        else:
            todo[path] = stamp
    for name in names - commands.keys():
        print(f"{name} is not among the sources of {build}")
        return 1
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(lint, build, commands, unit) for unit in units(commands, todo)]
        for job in concurrent.futures.as_completed(jobs):
            for path, output in job.result().items():
                if output is None:
                    todo[path].touch()
                else:
                    failed += 1
                    print(output, flush=True)
    print(f"{len(commands)} sources, {len(todo)} linted, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(),
                  {pathlib.Path(name).resolve() for name in sys.argv[2:]}))
