#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""What one hostile address does to a server with its default configuration.

hostile.py PROGRAM [SECONDS]    60 s unless given; prints what the server answered and what grew

Starts PROGRAM with a proxy that it trusts and nothing else set. As one address it makes clients and
subscriptions, pushes to them with the longest TTL, opens connections with 64 unknown broadcasts each, asks for test
errors, and sends junk and TLS to plain listeners, each as fast as it can. An honest client at another address
is pushed to meanwhile.
"""
import asyncio
import collections
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

HOSTILE, HONEST = "203.0.113.9", "198.51.100.7"
counts = collections.Counter()
endpoints = []
latencies = []


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Client:
    """A WebSocket client behind the proxy."""

    async def open(self, port, address):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        self.writer.write(("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           f"Sec-WebSocket-Version: 13\r\nX-Forwarded-For: {address}\r\n"
                           "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n").encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        return head.startswith(b"HTTP/1.1 101")

    def say(self, message):
        text = json.dumps(message).encode()
        size = len(text)
        length = (bytes([0x80 | size]) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
                  if size < 65536 else struct.pack("!BQ", 0x80 | 127, size))
        self.writer.write(b"\x81" + length + b"\0\0\0\0" + text)

    async def hear(self):
        """The next text message."""
        while True:
            first, size = await self.reader.readexactly(2)
            if size == 126:
                size = struct.unpack("!H", await self.reader.readexactly(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", await self.reader.readexactly(8))[0]
            payload = await self.reader.readexactly(size)
            if first & 15 == 1:
                return json.loads(payload)
            if first & 15 == 8:
                raise EOFError

    async def hello(self, **more):
        self.say({"messageType": "hello", "use_webpush": True, **more})
        return await self.hear()

    async def register(self):
        raw = bytearray(os.urandom(16))
        text = raw.hex()
        channel = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
        self.say({"messageType": "register", "channelID": channel})
        while True:
            answer = await self.hear()
            if answer.get("messageType") == "register":
                return answer


async def forever(work, *arguments):
    while True:
        try:
            await work(*arguments)
        except (EOFError, OSError, asyncio.IncompleteReadError):
            counts["connections that ended"] += 1
            await asyncio.sleep(0.01)


async def make_clients(port):
    client = Client()
    if not await client.open(port, HOSTILE):
        counts["upgrades refused"] += 1
        await asyncio.sleep(0.05)
        return
    await client.hello()
    for _ in range(3):
        answer = await client.register()
        counts[f"register {answer['status']}"] += 1
        if answer["status"] == 200:
            endpoints.append(answer["pushEndpoint"])
    client.writer.close()


async def ask(port, lines, body=b"", many=200):
    """Requests over one connection; their statuses are counted under the first word."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(many):
        name, head = lines()
        writer.write(f"{head}\r\nHost: h\r\nX-Forwarded-For: {HOSTILE}\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        status = answer.split()[1].decode()
        counts[f"{name} {status}"] += 1
        for line in answer.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await reader.readexactly(int(line.split(b":")[1]))
    writer.close()


async def push_to_own(port):
    if not endpoints:
        await asyncio.sleep(0.1)
        return
    turn = iter(range(1 << 30))

    def lines():
        endpoint = endpoints[(next(turn) * 37 + id(turn)) % len(endpoints)]
        path = "/" + endpoint.split("/", 3)[3]
        return "push", f"POST {path} HTTP/1.1\r\nTTL: 2592000\r\nContent-Encoding: aes128gcm"

    await ask(port, lines, os.urandom(5600))


async def hold_connections(port, clients):
    client = Client()
    if not await client.open(port, HOSTILE):
        counts["connections refused"] += 1
        await asyncio.sleep(1)
        return
    broadcasts = {os.urandom(60).hex(): "v" * 800 for _ in range(64)}
    await client.hello(broadcasts=broadcasts)
    clients.append(client)
    counts["connections held"] += 1


async def tls_to_plain(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(bytes.fromhex("160301020001000001fc0303") + os.urandom(500))
    await reader.read(100)
    writer.close()
    counts["TLS on a plain listener"] += 1


async def be_honest(connect, endpoint):
    client = Client()
    assert await client.open(connect, HONEST)
    await client.hello()
    path = "/" + (await client.register())["pushEndpoint"].split("/", 3)[3]
    while True:
        begun = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", endpoint)
        writer.write((f"POST {path} HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: {HONEST}\r\nTTL: 60\r\n"
                      "Content-Encoding: aes128gcm\r\nContent-Length: 2\r\n\r\nhi").encode())
        message = await client.hear()
        client.say({"messageType": "ack", "updates": [{"channelID": message["channelID"],
                                                       "version": message["version"]}]})
        answer = await reader.readuntil(b"\r\n\r\n")
        counts[f"honest push {answer.split()[1].decode()}"] += 1
        latencies.append(time.monotonic() - begun)
        writer.close()
        await asyncio.sleep(0.2)


def looked(process, directory, log):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    rss = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    sizes = {file.name: file.stat().st_size for file in directory.glob("carillon.db*")}
    return {"memory": rss * 1024, "database": sizes.get("carillon.db", 0),
            "database log": sizes.get("carillon.db-wal", 0), "log": log.stat().st_size}


async def attack(process, connect, endpoint, directory, log, seconds):
    await asyncio.sleep(1)
    before = looked(process, directory, log)
    held = []
    tasks = [asyncio.create_task(be_honest(connect, endpoint))]
    for _ in range(4):
        tasks.append(asyncio.create_task(forever(make_clients, connect)))
        tasks.append(asyncio.create_task(forever(push_to_own, endpoint)))
        tasks.append(asyncio.create_task(forever(hold_connections, connect, held)))
    for _ in range(2):
        tasks.append(asyncio.create_task(
            forever(ask, endpoint, lambda: ("error", "GET /__error__ HTTP/1.1"))))
        tasks.append(asyncio.create_task(
            forever(ask, endpoint, lambda: ("junk", "POST /wpush/v2/junk HTTP/1.1\r\nTTL: 1"))))
        tasks.append(asyncio.create_task(forever(tls_to_plain, endpoint)))
    await asyncio.sleep(seconds)
    after = looked(process, directory, log)
    for task in tasks:
        if task.done():
            print("ended:", task)
        task.cancel()
    return before, after


def main():
    program, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 60
    connect, endpoint, router = free_port(), free_port(), free_port()
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        log = directory / "log"
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [program, "serve", "--trusted-proxies", "127.0.0.1", "--state-dir", name,
                 "--connect-port", str(connect), "--endpoint-port", str(endpoint),
                 "--router-port", str(router)], stdout=output, stderr=output)
        try:
            before, after = asyncio.run(
                attack(process, connect, endpoint, directory, log, seconds))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        for what, count in sorted(counts.items()):
            print(f"{what}: {count}")
        for what in before:
            print(f"{what}: {before[what] // 1024} KiB -> {after[what] // 1024} KiB")
        times = sorted(latencies)
        print(f"honest pushes: median {times[len(times) // 2] * 1000:.1f} ms, "
              f"longest {times[-1] * 1000:.1f} ms")
        print(log.read_text())


if __name__ == "__main__":
    main()
