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
# It would end the token of the test; and a WebSocket, which admin.test.mjs opens.
NOT_CALLED = ["revokeToken", "openLive"]
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


def call(directory, method, path, body=None):
    connection = LocalConnection(directory + "/admin.sock")
    connection.request(method, "/api/v1" + path, body and json.dumps(body),
                       {"Content-Type": "application/json"} if body else {})
    return json.load(connection.getresponse())


def description(directory):
    """openapi.json without what a schema cannot say: what a cursor is, what a look-up knows, which order
    goes with which filter, which days there are, and that an address that sends no token is soon
    answered 429. admin.test.mjs and tst_adminclients test these."""
    api = call(directory, "GET", "/openapi.json")
    del api["security"]
    del api["components"]["securitySchemes"]
    for methods in api["paths"].values():
        for operation in methods.values():
            unsaid = ["cursor", "seek"]
            if operation["operationId"] in ("listClients", "listMessages"):
                unsaid += ["sort"]
            operation["parameters"] = [each for each in operation["parameters"]
                                       if each["name"] not in unsaid]
            for each in operation["parameters"]:
                if operation["operationId"] == "lookUp" and each["name"] == "q":
                    each["schema"] = {"type": "string", "enum": ["0123456789abcdef" * 2]}
                if each["name"] == "date":
                    each["schema"] = {"type": "string", "enum": ["2026-02-28"]}
    file = pathlib.Path(directory, "openapi.json")
    file.write_text(json.dumps(api))
    return file


def main():
    examples = sys.argv[1] if len(sys.argv) > 1 else "20"
    program = HERE / ".venv/bin/schemathesis"
    if "SCHEMATHESIS" in os.environ:
        program = os.environ["SCHEMATHESIS"]
    with tempfile.TemporaryDirectory(prefix="carillon-") as directory:
        server, port = start(directory)
        try:
            token = call(directory, "POST", "/tokens",
                         {"name": "schemathesis", "role": "operator"})["token"]
            command = [program, "run", description(directory),
                       "--url", f"http://127.0.0.1:{port}/api/v1",
                       "--header", f"Authorization: Bearer {token}",
                       "--phases", "examples,coverage,fuzzing", "--max-examples", examples, "--suppress-health-check", "all", "--seed", "11", "--no-color"]
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
