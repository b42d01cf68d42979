// SPDX-License-Identifier: MPL-2.0
// The disk under a running server begins to fail, in several ways: nothing that cannot be kept is
// answered 201, the health check and the log say what is wrong, once, and as soon as the disk works
// again so does the server. In the end all that was answered 201 is delivered.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Client } from './support/client.mjs';
import { Calls, Errors, FailingDisk, Files } from './support/failingdisk.mjs';
import { post } from './support/sender.mjs';
import { Server } from './support/server.mjs';
import { Inbox, until } from './support/waiting.mjs';

const agent = new http.Agent({ keepAlive: true });
const Big = 60_000;
let server;
let disk;
let away; // a client that comes in the end only
let failed = false;

const accepted = []; // what was pushed to it and answered 201, in order
let next = 0;

before(async () => {
    server = await Server.create({
        'endpoint.max_data_bytes': Big, 'storage.max_bytes': '64 MiB', 'storage.max_messages': 10_000,
    });
    disk = new FailingDisk(server);
    await server.start();
    away = await subscriber();
    await away.client.leave();
}, { timeout: 60_000 });

after(async () => {
    agent.destroy();
    disk?.close();
    await server?.remove({ failed });
});

/// A client with a channel; its inbox gets the texts of what comes, which it acknowledges.
async function subscriber() {
    const client = new Client(server.connectUrl);
    const inbox = new Inbox();
    client.onNotification = message => {
        inbox.put(Buffer.from(message.data, 'base64url').toString().trim());
        client.ack([message]);
    };
    await client.open();
    return { client, inbox, endpoint: await client.register(randomUUID()) };
}

/// A push to the client that is away.
async function send(size = 0) {
    const body = String(next++);
    const answer = await post(agent, away.endpoint, body.padEnd(size));
    if (answer.status === 201)
        accepted.push(body);
    return answer;
}

/// How many lines of each process's log say so.
function lines(text) {
    return server.roles.map(({ program }) =>
        program.log().split('\n').filter(line => line.includes(text)).length);
}

function noted(body) {
    return async () => {
        try {
            await body();
        } catch (error) {
            failed = true;
            disk.heal();
            throw error;
        }
    };
}

/// The processes that say so one time more than before; none says it more often.
function assertSaidOnce(text, before) {
    const more = lines(text).map((count, i) => count - before[i]);
    assert.ok(more.every(count => count <= 1) && more.includes(1), `"${text}" was said ${more} times`);
}

for (const { what, error, calls, readsFail = false } of [
    { what: 'no write succeeds', error: Errors.EIO, calls: Calls.write | Calls.truncate },
    { what: 'no sync succeeds', error: Errors.EIO, calls: Calls.sync },
    { what: 'the disk is full', error: Errors.ENOSPC, calls: Calls.write | Calls.truncate },
    { what: 'the disk is gone', error: Errors.EIO, calls: Calls.all, readsFail: true },
]) {
    test(`${what}: refused, said once, and over when it works again`, { timeout: 60_000 },
         noted(async () => {
        await server.restart(); // what fails again within a minute is not said again
        const present = await subscriber();
        const returning = await subscriber();
        await returning.client.leave();
        assert.equal((await send()).status, 201);
        const begins = lines('the database cannot be written');
        const ends = lines('the database can be written again');
        const all = server.log().split('\n').length;

        disk.fail(error, calls);
        const refusal = await send();
        assert.equal(refusal.status, 503);
        assert.match(refusal.headers['retry-after'] ?? '', /^[1-9][0-9]*$/);
        assert.equal(JSON.parse(refusal.body).errno, 201);
        for (let i = 0; i < 20; ++i)
            assert.equal((await send()).status, 503);
        // Many at once share a transaction.
        for (const { status } of await Promise.all(Array.from({ length: 50 }, () => send())))
            assert.equal(status, 503);
        assert.ok(disk.failures > 0);

        for (const each of server.roles) {
            const health = await until('a health check that fails', async () => {
                const answer = await server.health(each);
                return answer.status === 503 ? JSON.parse(answer.body) : undefined;
            });
            assert.equal(health.status, 'ERROR');
            assert.equal(health.storage.status, 'ERROR');
        }
        // A client is not forgotten because nobody can look it up.
        await assert.rejects(returning.client.open());
        assert.equal(await returning.client.closed, 1013);
        await assert.rejects(present.client.register(randomUUID()), /answered 500/);
        // What is not stored needs no disk, but for the look at where its client is.
        const live = await post(agent, present.endpoint, 'now or never', { ttl: 0 });
        if (!readsFail || server.roles.length === 1) {
            assert.equal(live.status, 201);
            assert.equal(await present.inbox.take('a push with TTL 0'), 'now or never');
        }
        assertSaidOnce('the database cannot be written', begins);
        const said = server.log().split('\n').length - all;
        assert.ok(said <= 4 * server.roles.length, `the failure has ${said} lines`);

        disk.heal();
        await until('a push that is taken', async () => (await send()).status === 201 || undefined);
        for (let i = 0; i < 10; ++i)
            assert.equal((await send()).status, 201);
        for (const each of server.roles) {
            await until('a health check that succeeds', async () =>
                (await server.health(each)).status === 200 || undefined);
        }
        assertSaidOnce('the database can be written again', ends);
        await returning.client.open();
        assert.equal((await post(agent, returning.endpoint, 'welcome')).status, 201);
        assert.equal(await returning.inbox.take('a push after it'), 'welcome');
        await returning.client.leave();
        await present.client.leave();
    }));
}

test('what cannot be copied out of the log is kept there, and that is said once',
     { timeout: 60_000 }, noted(async () => {
    const begins = lines('cannot be copied');
    const ends = lines('is copied into the database again');
    disk.fail(Errors.EIO, Calls.write | Calls.sync, Files.database);
    // Several times what a checkpoint is made for.
    const sendMuch = async () => {
        for (let i = 0; i < 20; ++i)
            assert.equal((await send(Big)).status, 201);
    };
    let failures = 0;
    await until('several checkpoints that fail', async () => {
        const before = disk.failures;
        await sendMuch();
        failures += disk.failures > before ? 1 : 0;
        return failures >= 3 || undefined;
    });
    assertSaidOnce('cannot be copied', begins);
    disk.heal();
    await until('a checkpoint that succeeds', async () => {
        await sendMuch();
        return lines('is copied into the database again').some((count, i) => count > ends[i]) || undefined;
    });
    assertSaidOnce('is copied into the database again', ends);
}));

test('all that was answered 201 is delivered, in order and once', { timeout: 60_000 },
     noted(async () => {
    await server.restart();
    await away.client.open();
    const arrived = [];
    while (arrived.length < accepted.length)
        arrived.push(await away.inbox.take(`push ${arrived.length} of ${accepted.length}`));
    assert.deepEqual(arrived, accepted);
    await away.client.barrier();
    assert.deepEqual(away.inbox.takeAll(), []);
}));
