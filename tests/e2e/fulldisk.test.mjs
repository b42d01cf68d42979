// SPDX-License-Identifier: MPL-2.0
// The disk is full: senders are told to come back, nothing that was accepted is lost, and all is well
// again as soon as there is room. A limit on the size of the server's files stands for the disk.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from './support/client.mjs';
import { post } from './support/sender.mjs';
import { Server } from './support/server.mjs';
import { Inbox, until } from './support/waiting.mjs';

const agent = new http.Agent({ keepAlive: true });
let server;
let failed = false;

before(async () => {
    server = await Server.create();
    await server.start();
}, { timeout: 60_000 });

after(async () => {
    agent.destroy();
    await server?.remove({ failed });
});

/// No file of the server may grow beyond so many bytes from now on.
function limitFiles(bytes) {
    for (const { program } of server.roles)
        execFileSync('prlimit', ['--pid', String(program.pid), `--fsize=${bytes}:`]);
}

function logSize() {
    return statSync(path.join(server.directory, 'carillon.db-wal')).size;
}

/// A client with a channel: { client, channelID, endpoint, inbox of texts }.
async function subscriber() {
    const client = new Client(server.connectUrl);
    const inbox = new Inbox();
    client.onNotification = message => inbox.put(message);
    await client.open();
    const channelID = randomUUID();
    return { client, inbox, endpoint: await client.register(channelID) };
}

const text = message => Buffer.from(message.data, 'base64url').toString().trim();

test('a full disk answers 503 with Retry-After, loses nothing that was accepted, and passes',
     { timeout: 120_000 }, async () => {
    try {
        const absent = await subscriber();
        await absent.client.leave();
        const present = await subscriber();

        // What is sent to the client that is away, in order; each is a page of the database.
        const accepted = [];
        let next = 0;
        const send = async () => {
            const body = String(next++);
            const answer = await post(agent, absent.endpoint, body.padEnd(4_000));
            if (answer.status === 201)
                accepted.push(body);
            return answer;
        };

        assert.equal((await send()).status, 201);
        limitFiles(logSize() + 100_000);
        const refusal = await until('a refusal', async () => {
            const answer = await send();
            return answer.status === 201 ? undefined : answer;
        });
        assert.equal(refusal.status, 503);
        assert.match(refusal.headers['retry-after'] ?? '', /^[1-9][0-9]*$/);
        assert.equal(JSON.parse(refusal.body).errno, 201);
        assert.ok(accepted.length > 1, 'the limit left room for some');

        // No room at all, not even in the part of the log that could be used again. Many at once
        // share a transaction: each of them is refused.
        limitFiles(0);
        for (const { status } of await Promise.all(Array.from({ length: 20 }, send)))
            assert.equal(status, 503);
        // What is not stored needs no disk.
        const live = await post(agent, present.endpoint, 'now or never', { ttl: 0 });
        assert.equal(live.status, 201);
        const liveMessage = await present.inbox.take('a push with TTL 0');
        assert.equal(text(liveMessage), 'now or never');

        limitFiles('unlimited');
        await until('room again', async () =>
            (await send()).status === 201 || undefined);
        assert.equal((await send()).status, 201);
        present.client.ack([liveMessage]);
        await present.client.barrier();

        // What was accepted is in storage: it survives even this.
        await server.restart();
        await absent.client.open();
        const arrived = [];
        while (arrived.length < accepted.length)
            arrived.push(text(await absent.inbox.take(`push ${arrived.length} of ${accepted.length}`)));
        assert.deepEqual(arrived, accepted);
        assert.deepEqual(absent.inbox.takeAll(), []);
    } catch (error) {
        failed = true;
        throw error;
    }
});
