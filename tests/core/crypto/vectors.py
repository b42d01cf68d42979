#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Prints the test vectors that the tests of core/crypto and core/message hold as constants, worked
out by Debian's python3-cryptography: run it and compare. Tokens that hold an ECDSA signature come
out different each time; all others are the same."""
import base64
import hashlib
import hmac
import json
import struct

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def show(name, value):
    print(f"{name:32} {value if isinstance(value, str) else value.decode()}")


def seeded_key(seed):
    scalar = int.from_bytes(hashlib.sha256(seed).digest(), "big")
    return ec.derive_private_key(scalar, ec.SECP256R1())


def point(key, form=serialization.PublicFormat.UncompressedPoint):
    return key.public_key().public_bytes(serialization.Encoding.X962, form)


def scalar(key):
    return key.private_numbers().private_value.to_bytes(32, "big")


def pem(key, form):
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def hkdf(salt, key, info, size):
    return HKDF(hashes.SHA256(), size, salt, info).derive(key)


# Fernet, endpoint tokens and message ids.
first = base64.urlsafe_b64encode(bytes(range(32)))
second = base64.urlsafe_b64encode(bytes(range(100, 132)))
fernet, other = Fernet(first), Fernet(second)
iv, seconds = bytes(range(16)), 1700000000
uaid = bytes.fromhex("0123456789abcdef0123456789abcdef")
chid = bytes.fromhex("fedcba98765432100123456789abcdef")
key_hash = hashlib.sha256(b"key").digest()
ids = f"{uaid.hex()}:{chid.hex()}:".encode()


def token(data, by=fernet, at=seconds, with_iv=iv):
    return by._encrypt_from_parts(data, at, with_iv)


show("first key", first)
show("second key", second)
show("empty", token(b""))
show("key hash", key_hash.hex())
show("endpoint v1", token(uaid + chid).rstrip(b"="))
show("endpoint v2", token(uaid + chid + key_hash).rstrip(b"="))
show("endpoint v2, second key", token(uaid + chid + key_hash, other).rstrip(b"="))
show("63 bytes", token((uaid + chid + key_hash)[:63]).rstrip(b"="))
show("foreign plain id", token(b"02:" + ids + b"1700000000123"))
show("foreign topic id, dashed", token(b"01:01234567-89ab-cdef-0123-456789abcdef:"
                                       b"fedcba98-7654-3210-0123-456789abcdef:news"))
# The rule of core/message/messageid.h.
tag_key = hmac.new(bytes(range(32)), b"carillon fernet tag v1", hashlib.sha256).digest()
sort_key = 1700000000123456
for topic in (b"", b"news"):
    tagged = uaid + chid + struct.pack(">q", sort_key) + topic
    own_iv = hmac.new(tag_key, tagged, hashlib.sha256).digest()[:16]
    text = b"01:" + ids + topic if topic else b"02:" + ids + str(sort_key).encode()
    show("own topic id" if topic else "own plain id",
         token(text, at=sort_key // 10**6, with_iv=own_iv))

# VAPID.
sender = seeded_key(b"sender")
show("sender scalar", b64(scalar(sender)))
show("sender point", b64(point(sender)))
show("sender point, compressed", b64(point(sender, serialization.PublicFormat.CompressedPoint)))
claims = {"aud": "https://push.example.net", "exp": 1700003600, "sub": "mailto:admin@example.com"}
signed = ".".join(b64(json.dumps(part, separators=(",", ":")).encode())
                  for part in ({"typ": "JWT", "alg": "ES256"}, claims))
r, s = decode_dss_signature(sender.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
show("VAPID token", signed + "." + b64(r.to_bytes(32, "big") + s.to_bytes(32, "big")))
print(pem(sender, serialization.PrivateFormat.TraditionalOpenSSL).decode())
print(pem(ec.derive_private_key(12345, ec.SECP384R1()), serialization.PrivateFormat.PKCS8).decode())

# The encoding aesgcm (draft-ietf-webpush-encryption-04).
receiver = seeded_key(b"receiver")
auth = hashlib.sha256(b"auth").digest()[:16]
salt = hashlib.sha256(b"salt").digest()[:16]
show("receiver scalar", b64(scalar(receiver)))
show("auth secret", b64(auth))
show("salt", b64(salt))


def legacy(plain, record_size, padding):
    secret = sender.exchange(ec.ECDH(), receiver.public_key())
    key = hkdf(auth, secret, b"Content-Encoding: auth\0", 32)
    context = b"P-256\0" + b"".join(struct.pack(">H", 65) + point(k) for k in (receiver, sender))
    cipher = AESGCM(hkdf(salt, key, b"Content-Encoding: aesgcm\0" + context, 16))
    nonce = int.from_bytes(hkdf(salt, key, b"Content-Encoding: nonce\0" + context, 12), "big")
    size, body, number = record_size - 2 - padding, b"", 0
    while True:
        part, plain = plain[:size], plain[size:]
        record = struct.pack(">H", padding) + bytes(padding) + part
        body += cipher.encrypt((nonce ^ number).to_bytes(12, "big"), record, None)
        number += 1
        if len(part) < size:
            return body


fox = b"The quick brown fox jumps over the lazy dog"
show("aesgcm, one record", b64(legacy(fox, 4096, 0)))
show("aesgcm, two records, padded", b64(legacy(fox, 32, 3)))
show("aesgcm, full record", b64(legacy(b"0123456789" * 3, 32, 0)))
