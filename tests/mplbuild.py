#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Builds the program without the qt transport: nothing under the GPL may be linked.

mplbuild.py ROOT BUILD    configures and builds ROOT in the directory BUILD, which is kept
"""

import pathlib
import subprocess
import sys


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def faults(root, build):
    run("cmake", "-S", root, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
        "-DCARILLON_QT_TRANSPORT=OFF")
    run("cmake", "--build", build, "--target", "carillon")
    program = pathlib.Path(build) / "bin" / "carillon"
    for library in run("ldd", program).splitlines():
        if "HttpServer" in library:
            yield f"links {library.strip()}"
    for test in run("ctest", "--test-dir", build, "-N").splitlines():
        if "qttransport" in test or test.endswith("_qt"):
            yield f"registers {test.strip()}"
    check = [program, "check-config", "--db", "memory:"]
    native = subprocess.run(check, capture_output=True, text=True)
    if native.returncode != 0:
        yield f"check-config fails: {native.stderr}"
    for command, code in (("check-config", 1), ("serve", 2)):
        qt = subprocess.run([program, command, "--db", "memory:", "--transport", "qt"],
                            capture_output=True, text=True, timeout=60)
        if qt.returncode != code or "CARILLON_QT_TRANSPORT=ON" not in qt.stderr:
            yield f"{command} --transport qt: exit code {qt.returncode}, {qt.stderr}"


if __name__ == "__main__":
    try:
        found = list(faults(*sys.argv[1:3]))
    except subprocess.CalledProcessError as error:
        found = [f"{error}\n{error.stdout}\n{error.stderr}"]
    print("\n".join(found) or "no library under the GPL")
    sys.exit(1 if found else 0)
