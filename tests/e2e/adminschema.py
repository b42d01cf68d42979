#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Has schemathesis call every route of the admin API with good and bad input, as openapi.json describes
it, against the built program (CARILLON_BIN).

adminschema.py [EXAMPLES]    how many inputs are tried for each route (default: 20)
"""

import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BINARY = os.environ.get("CARILLON_BIN", str(HERE / "../../build/release/bin/carillon"))
# Checks that need what this API does not promise: that a request without a token is always 401. After
# ten of them it is 429, which admin.test.mjs tests.
LEFT_OUT = "ignored_auth"
# They would end the token of the test, or take the node out of service.
NOT_CALLED = ["revokeToken"]
PATIENCE = 20


class LocalConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)


def start(directory):
    """The server, once it serves, with the port of its admin listener."""
    settings = {"connect.port": 0, "endpoint.port": 0, "router.port": 0, "admin.port": 0,
                "state.dir": directory}
    environment = {"PATH": os.environ["PATH"], "HOME": directory}
    for name, value in os.environ.items():
        if name.endswith("SAN_OPTIONS"):
            environment[name] = value
    for name, value in settings.items():
        environment["CARILLON__" + name.upper().replace(".", "__")] = str(value)
    log = pathlib.Path(directory, "log")
    with log.open("wb") as output:
        server = subprocess.Popen([BINARY, "serve"], env=environment, stdout=output,
                                  stderr=subprocess.STDOUT)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        found = re.search(rb"admin 127\.0\.0\.1 (\d+)", log.read_bytes())
        if found:
            return server, int(found[1])
        time.sleep(0.05)
    server.kill()
    sys.exit("the server does not serve:\n" + log.read_text())


def make_token(directory):
    connection = LocalConnection(directory + "/admin.sock")
    body = json.dumps({"name": "schemathesis", "role": "operator"})
    connection.request("POST", "/api/v1/tokens", body, {"Content-Type": "application/json"})
    return json.load(connection.getresponse())["token"]


def main():
    examples = sys.argv[1] if len(sys.argv) > 1 else "20"
    program = HERE / ".venv/bin/schemathesis"
    if "SCHEMATHESIS" in os.environ:
        program = os.environ["SCHEMATHESIS"]
    with tempfile.TemporaryDirectory(prefix="carillon-") as directory:
        server, port = start(directory)
        try:
            command = [program, "run", f"http://127.0.0.1:{port}/api/v1/openapi.json",
                       "--header", f"Authorization: Bearer {make_token(directory)}",
                       "--phases", "examples,coverage,fuzzing", "--exclude-checks", LEFT_OUT,
                       "--max-examples", examples, "--seed", "11", "--no-color"]
            for operation in NOT_CALLED:
                command += ["--exclude-operation-id", operation]
            status = subprocess.run(command, cwd=directory, check=False).returncode
            server.terminate()
            ended = server.wait(PATIENCE)
            if ended != 0:
                sys.exit(f"the server ended with {ended}:\n"
                         + pathlib.Path(directory, "log").read_text())
            sys.exit(status)
        finally:
            server.kill()


if __name__ == "__main__":
    main()
