#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Checks that secrets and message authentication codes are compared in constant time.

secrets.py [ROOT]   reports each comparison that is not; exit 1 if there are any
secrets.py --self   tests this program
"""
import pathlib
import re
import sys

import sourcecheck

# Where a stranger's bytes are compared with a secret: so many calls of equalInConstantTime() each.
PLACES = {
    "core/crypto/fernet.cpp": 1,
    "server/nodes/nodesignature.cpp": 1,
}
# What that function itself has to do.
CONSTANT_TIME = ("core/crypto/digest.cpp", r"\bCRYPTO_memcmp\s*\(")

# Names of what is secret, or computed with a secret: as a whole or as the end of camelCase.
SECRET = r"(?:\w*(?:[Ss]ecret|[Ss]ignature|[Hh]mac|[Pp]assword|[Aa]piKey|[Aa]uthToken)|mac)"
# Such a name, or a call or view of it, with its members; sizes and states are no secrets.
OPERAND = rf"(?<![\w:\"])(?:m_)?{SECRET}\b(?:\((?:[^()]|\([^()]*\))*\))?"
PUBLIC = r"(?!\s*(?:\.|->)\s*(?:size|isEmpty|isNull|has_value|empty|begin|end|length)\b)"
PUBLIC_LEFT = r"(?:\w+(?:\.|->))*"
RULES = [
    (re.compile(rf"{OPERAND}{PUBLIC}(?:\.\w+\(\))?\s*(?:==|!=)(?!\s*nullptr)"), "compared with =="),
    (re.compile(rf"(?:==|!=)\s*{PUBLIC_LEFT}{OPERAND}{PUBLIC}"), "compared with =="),
    (re.compile(rf"(?<!_)\b(?:std::)?(?:memcmp|equal|strcmp|qstrcmp)\s*\([^;]*\b(?:m_)?{SECRET}\b"),
     "compared byte by byte"),
    (re.compile(rf"\b(?:m_)?{SECRET}\b\s*\.\s*(?:compare|startsWith|endsWith)\s*\("), "compared byte by byte"),
]
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')


def code(text):
    """Without comments and the contents of literals; line numbers stay."""
    text = STRING.sub('""', text)
    return COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)


def faults(root):
    root = pathlib.Path(root)
    for file, calls in PLACES.items():
        path = root / file
        found = len(re.findall(r"\bequalInConstantTime\s*\(", code(path.read_text("utf-8")))) if path.exists() else 0
        if found < calls:
            yield f"{file}: {found} calls of equalInConstantTime() instead of {calls}"
    file, wanted = CONSTANT_TIME
    path = root / file
    if not path.exists() or not re.search(wanted, code(path.read_text("utf-8"))):
        yield f"{file}: equalInConstantTime() does not use CRYPTO_memcmp()"
    for top in ("core", "server"):
        for path in sorted((root / top).rglob("*.[ch]*")):
            if path.suffix not in (".cpp", ".h"):
                continue
            text = code(path.read_text("utf-8"))
            for rule, what in RULES:
                for match in rule.finditer(text):
                    line = text.count("\n", 0, match.start()) + 1
                    yield f"{path.relative_to(root)}:{line}: a secret is {what}: {match[0].strip()}"


GOOD = {
    "core/crypto/fernet.cpp": "if (!equalInConstantTime(viewOf(ours.data(), TagSize), theirs)) continue;\n",
    "server/nodes/nodesignature.cpp": "valid |= equalInConstantTime(mac(secret, method), given);\n",
    "core/crypto/digest.cpp": "return a.size() == b.size() && CRYPTO_memcmp(a, b, n) == 0;\n",
}
# (file, its content, part of the report expected; None: no report)
CASES = [
    ("core/crypto/fernet.cpp", GOOD["core/crypto/fernet.cpp"], None),
    ("core/crypto/fernet.cpp", "if (viewOf(ours.data(), TagSize) != theirs) continue;\n", "0 calls"),
    ("server/nodes/nodesignature.cpp", "valid |= mac(secret, method, path(a)) == given;\n", "0 calls"),
    ("server/nodes/nodesignature.cpp", "// equalInConstantTime(a, b)\n", "0 calls"),
    ("core/crypto/digest.cpp", "return a == b;\n", "CRYPTO_memcmp"),
    ("core/crypto/digest.cpp", "return std::memcmp(a, b, n) == 0; // CRYPTO_memcmp(\n", "CRYPTO_memcmp"),
    ("server/admin/a.cpp", "return given == m_secret;\n", "compared with =="),
    ("server/admin/a.cpp", "return settings.apiKey == given;\n", "compared with =="),
    ("server/admin/a.cpp", "if (given != settings.adminPassword) fail();\n", "compared with =="),
    ("server/admin/a.cpp", "if (signature != expected) fail();\n", "compared with =="),
    ("server/admin/a.cpp", "ok = std::memcmp(mac.data(), given, 32) == 0;\n", "byte by byte"),
    ("server/admin/a.cpp", "ok = CRYPTO_memcmp(mac.data(), given, 32) == 0;\n", None),
    ("server/admin/a.cpp", "ok = secret.compare(given) == 0;\n", "byte by byte"),
    ("server/admin/a.cpp", "if (secret.size() == 32 && !secret.isEmpty()) go();\n", None),
    ("server/admin/a.cpp", 'log("secret == given"); // secret == given\n', None),
    ("server/admin/a.cpp", "if (file.signature() == nullptr) go();\n", None),
]


if __name__ == "__main__":
    sys.exit(sourcecheck.main(faults, CASES, GOOD))
