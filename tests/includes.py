#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Holds the house plan: which room may include which, what core keeps out, where SQL lives.

includes.py [ROOT]    checks a source tree; prints each violation, exit code 1 if there is one
includes.py --self    checks the check: trees made to violate each rule must be reported
"""

import pathlib
import re
import sys

import sourcecheck

# Rooms under server/ and the other rooms there that each may include; all may include core.
SERVER_ROOMS = {
    "net": set(),
    "metrics": set(),
    "logging": {"net"},
    "journal": {"metrics"},
    "history": {"journal", "metrics"},
    "storage": set(),
    "reliability": {"metrics"},
    "responses": {"net"},
    "routing": {"net", "metrics", "journal"},
    "endpoint": {"responses", "routing", "net", "metrics", "journal"},
    "connect": {"responses", "routing", "net", "metrics", "journal"},
    "nodes": {"responses", "routing", "net", "metrics", "journal"},
    "senders": set(),
    "bridges": {"routing", "net", "metrics", "journal"},
    "admin": {"responses", "routing", "net", "metrics", "journal", "history", "logging",
              "senders", "reliability"},
    "settings": {"net"},
    "housekeeping": {"routing", "net", "metrics", "journal"},
    "dev": {"settings", "net"},
    "commands": {"dev", "settings", "net"},
    "app": {"net", "logging", "metrics", "journal", "history", "storage", "reliability",
            "responses", "routing", "senders", "endpoint", "connect", "nodes", "bridges", "admin",
            "settings", "housekeeping", "dev", "commands"},
}
# The settings room composes the options of the others, which are plain values: these headers only.
OPTIONS = re.compile(r"\w+options\.h")
TOP = ("core", "server", "admin-gui", "tests")

# Parts of server/net and which of its other parts each may include. Parsers are pure functions of
# bytes: they know neither the seam (transport.h, the services) nor sockets, threads or timers.
NET_PARTS = {
    "parsers": set(),
    "common": {"parsers"},
    "native": {"parsers", "common"},
    "qt": {"parsers", "common"},
    "client": {"parsers", "common"},
}
NET_PARSERS = re.compile(
    r"server/net/(http/(?!routetable\.)|websocket/|proxy/proxyprotocol\.|ip(address|network)\.)")

# No sockets, no database and no timers in core: time comes from Clock.
NOT_IN_CORE = re.compile(
    r"Qt(Sql|Network|HttpServer|WebSockets|Widgets|Gui)\b"
    r"|Q(Sql|Tcp|Udp|Ssl|Local(Socket|Server)|Network|Host|WebSocket|Http|AbstractSocket)\w*"
    r"|Q(Timer|BasicTimer|ChronoTimer|ElapsedTimer|DeadlineTimer|SocketNotifier|EventLoop)\b"
    r"|sys/(socket|epoll|timerfd|eventfd)\.h|netinet/.*|arpa/.*|sqlite3\.h|libpq-fe\.h")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# A string literal, or a character literal or comment, which are passed over. Raw strings first.
TOKEN = re.compile(
    r'R"(?P<d>[^()\\\s]{0,16})\((?P<raw>.*?)\)(?P=d)"'
    r'|"(?P<text>(?:[^"\\\n]|\\.)*)"'
    r"|(?<![0-9A-Fa-f])'(?:[^'\\\n]|\\.)+'"
    r"|//[^\n]*|/\*.*?\*/",
    re.DOTALL)
# Session statements (BEGIN, PRAGMA) name no table and are not queries.
SQL = re.compile(
    r"\b(SELECT\s.*\bFROM|INSERT\s+(OR\s+\w+\s+)?INTO|REPLACE\s+INTO|DELETE\s+FROM"
    r"|UPDATE\s+\w+\s+SET|(CREATE|DROP|ALTER)\s+(UNIQUE\s+)?(TABLE|INDEX|VIEW|TRIGGER))\b",
    re.DOTALL)


def room(path):
    """("core", "message") of core/message/x.h; ("server", "net") of server/net/x.h."""
    parts = pathlib.PurePosixPath(path).parts
    return (parts[0] if parts else "", parts[1] if len(parts) > 2 else "")


def net_part(path):
    """The part of server/net that a file there belongs to."""
    if NET_PARSERS.match(path):
        return "parsers"
    shelf = pathlib.PurePosixPath(path).parts[2]
    return shelf if shelf in NET_PARTS else "common"


def literals(text):
    """(line, content) of each string literal; adjacent ones count as one, as they do in C++."""
    line, at, content, end = 1, 0, "", None
    for match in TOKEN.finditer(text):
        piece = match["raw"] if match["raw"] is not None else match["text"]
        if piece is None:
            continue
        if end is not None and text[end:match.start()].strip() in ("", "u8", "u", "L", "U"):
            content += piece
        else:
            if end is not None:
                yield line, content
            line += text.count("\n", at, match.start())
            at, content = match.start(), piece
        end = match.end()
    if end is not None:
        yield line, content


def include_fault(source, target, quoted, root):
    """Why source may not include target; None if it may."""
    top, name = room(source)
    to_top, to_name = room(target)
    if top == "core" and NOT_IN_CORE.fullmatch(pathlib.PurePosixPath(target).name
                                               if target.startswith("Q") else target):
        return "core has no sockets, no database and no timers"
    if not quoted:
        return "a file of this repository is included with quotes" if to_top in TOP else None
    if to_top not in TOP:
        if (root / pathlib.PurePosixPath(source).parent / target).exists():
            return "includes name the path from the top of the repository"
        return None
    if top == "tests":
        return None
    if to_top == "tests":
        return "only tests include tests"
    if top == "core" and to_top != "core":
        return "core includes nothing but core"
    if top == "admin-gui" and to_top == "server":
        return "the console never includes the server"
    if top == "server":
        if to_top == "admin-gui":
            return "the server never includes the console"
        if name == "settings" and OPTIONS.fullmatch(pathlib.PurePosixPath(target).name):
            return None
        if to_top == "server" and to_name != name and to_name not in SERVER_ROOMS.get(name, set()):
            return f"room {name} may include, besides core: " + (
                ", ".join(sorted(SERVER_ROOMS.get(name, set()))) or "nothing")
        if name == to_name == "net":
            part, to_part = net_part(source), net_part(target)
            if to_part != part and to_part not in NET_PARTS[part]:
                return f"part {part} of net may include, besides itself: " + (
                    ", ".join(sorted(NET_PARTS[part])) or "nothing")
    return None


def faults(root):
    root = pathlib.Path(root)
    count = 0
    for top in TOP:
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in (".h", ".cpp") or "node_modules" in path.parts:
                continue
            count += 1
            source = path.relative_to(root).as_posix()
            text = path.read_text(encoding="utf-8")
            if top == "server" and room(source)[1] not in SERVER_ROOMS:
                yield f"{source}: not in a room of the house plan"
            for number, line in enumerate(text.splitlines(), 1):
                match = INCLUDE.match(line)
                if match:
                    fault = include_fault(source, match[2], match[1] == '"', root)
                    if fault:
                        yield f"{source}:{number}: includes {match[2]}: {fault}"
            if top == "server":
                for number, content in literals(text):
                    if SQL.search(content):
                        yield f"{source}:{number}: SQL belongs into sql/, one file per query"
    if count == 0:
        yield f"{root}: no sources here"


# (file, content, part of the report expected; None: no report)
CASES = [
    ("core/base/a.h", '#include "core/message/b.h"\n', None),
    ("core/base/a.h", '#include "server/net/http/httpmessage.h"\n', "core includes nothing but core"),
    ("core/base/a.h", "#include <QTimer>\n", "no timers"),
    ("core/base/a.cpp", "#include <QtCore/QTimer>\n", "no timers"),
    ("core/base/a.cpp", "#include <QSqlQuery>\n", "no database"),
    ("core/base/a.cpp", "#include <QtNetwork>\n", "no sockets"),
    ("core/base/a.cpp", "#include <sys/socket.h>\n", "no sockets"),
    ("core/base/a.cpp", "#include <QByteArray>\n#include <openssl/evp.h>\n", None),
    ("core/base/a.cpp", "#include <core/base/b.h>\n", "with quotes"),
    ("server/net/a.cpp", '#include "server/net/b.h"\n#include "core/base/a.h"\n', None),
    ("server/net/a.cpp", '#include "server/metrics/b.h"\n', "room net may include"),
    ("server/responses/a.cpp", '#include "server/net/http/b.h"\n', None),
    ("server/responses/a.cpp", '#include "server/endpoint/b.h"\n', "room responses may include"),
    ("server/storage/a.cpp", '  #  include "server/net/b.h"\n', "room storage may include"),
    ("server/routing/a.h", '#include "server/net/b.h"\n#include "server/metrics/b.h"\n', None),
    ("server/routing/a.h", '#include "server/connect/b.h"\n', "journal, metrics, net"),
    ("server/endpoint/a.h", '#include "server/connect/b.h"\n', "room endpoint may include"),
    ("server/connect/a.h", '#include "server/storage/b.h"\n', "room connect may include"),
    ("server/nodes/a.h", '#include "server/routing/b.h"\n', None),
    ("server/routing/a.h", '#include "server/nodes/b.h"\n', "room routing may include"),
    ("server/settings/a.h", '#include "server/routing/boptions.h"\n', None),
    ("server/settings/a.h", '#include "server/routing/b.h"\n', "room settings may include"),
    ("server/endpoint/a.h", '#include "server/connect/boptions.h"\n', "room endpoint may include"),
    ("server/app/a.h", '#include "server/storage/b.h"\n#include "server/connect/c.h"\n', None),
    ("server/net/http/a.h", '#include "server/net/ipaddress.h"\n', None),
    ("server/net/http/a.h", '#include "server/net/transport.h"\n', "part parsers of net"),
    ("server/net/http/a.h", '#include "server/net/http/routetable.h"\n', "part parsers of net"),
    ("server/net/http/routetable.h", '#include "server/net/httpservice.h"\n', None),
    ("server/net/websocket/a.h", '#include "server/net/worker.h"\n', "part parsers of net"),
    ("server/net/proxy/proxyprotocol.h", '#include "server/net/listener.h"\n', "part parsers"),
    ("server/net/proxy/a.h", '#include "server/net/listener.h"\n', None),
    ("server/net/ipaddress.h", '#include "server/net/tls/a.h"\n', "part parsers of net"),
    ("server/net/a.h", '#include "server/net/native/b.h"\n', "part common of net"),
    ("server/net/tls/a.h", '#include "server/net/client/b.h"\n', "part common of net"),
    ("server/net/native/a.h", '#include "server/net/qt/b.h"\n', "part native of net"),
    ("server/net/qt/a.h", '#include "server/net/native/b.h"\n', "part qt of net"),
    ("server/net/client/a.h", '#include "server/net/native/b.h"\n', "part client of net"),
    ("server/net/client/a.h", '#include "server/net/http/b.h"\n#include "server/net/c.h"\n', None),
    ("server/app/a.h", '#include "server/net/qt/b.h"\n', None),
    ("server/net/a.h", '#include "tests/support/b.h"\n', "only tests"),
    ("server/push/a.h", "\n", "not in a room"),
    ("admin-gui/api/a.h", '#include "core/adminapi/b.h"\n', None),
    ("admin-gui/api/a.h", '#include "server/admin/b.h"\n', "console never"),
    ("tests/server/a.cpp", '#include "server/connect/b.h"\n#include "core/base/c.h"\n', None),
    ("server/storage/a.cpp", 'q("SELECT a FROM b");\n', "SQL belongs"),
    ("server/storage/a.cpp", '\nq("DELETE "\n  "FROM b");\n', ":2: SQL belongs"),
    ("server/storage/a.cpp", 'q(R"(INSERT OR IGNORE\nINTO b)");\n', "SQL belongs"),
    ("server/storage/a.cpp", 'q("UPDATE b SET a=1");\n', "SQL belongs"),
    ("server/storage/a.cpp", "// SELECT a FROM b\nchar c = '\"'; /* DELETE FROM b */\n", None),
    ("server/storage/a.cpp", 'q("PRAGMA wal_checkpoint"); log("cannot delete from b");\n', None),
    ("server/endpoint/a.cpp", 'allow("GET, DELETE"); int n = 1\'000; log("SELECT");\n', None),
]


if __name__ == "__main__":
    sys.exit(sourcecheck.main(faults, CASES))
