// SPDX-License-Identifier: MPL-2.0
// A process that stores a message and cannot tell the one that holds the client (it is killed between
// the two, or is not believed there): the message comes before all that is told of after it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Client } from './support/client.mjs';
import { post } from './support/sender.mjs';
import { Server } from './support/server.mjs';
import { Inbox } from './support/waiting.mjs';

const Window = 2;
const agent = new http.Agent({ keepAlive: true });
let server;
let disbelieved;
let failed = false;

before(async () => {
    server = await Server.create({ 'storage.window': Window });
    disbelieved = await server.addEndpoint({ 'keys.cluster_secret': 'of-another-cluster' });
    await server.start();
}, { timeout: 60_000 });

after(async () => {
    agent.destroy();
    await server?.remove({ failed });
});

/// A client with a channel; its inbox gets the texts of what comes, all acknowledged by ack().
async function subscriber() {
    const client = new Client(server.connectUrl);
    const inbox = new Inbox();
    const came = [];
    client.onNotification = message => {
        came.push(message);
        inbox.put(Buffer.from(message.data, 'base64url').toString());
    };
    await client.open();
    const channelID = randomUUID();
    const endpoint = await client.register(channelID);
    return {
        client,
        ack: () => client.ack(came.splice(0)),
        next: () => inbox.take('the next notification'),
        push: async text => assert.equal((await post(agent, endpoint, text)).status, 201),
        /// Stored, and nobody that holds a client hears of it.
        pushUntold: async text => {
            const url = new URL(endpoint);
            url.port = disbelieved.port;
            assert.equal((await post(agent, url, text)).status, 201);
        },
    };
}

for (const isFull of [false, true]) {
    test(`a message nobody told of comes before the next one, window ${isFull ? 'full' : 'open'}`,
         async () => {
        const { client, ack, next, push, pushUntold } = await subscriber();
        failed = true;
        const before = isFull ? Window : 1;
        for (let i = 0; i < before; ++i)
            await push(`told ${i}`);
        await pushUntold('untold');
        await push('next');
        for (let i = 0; i < before; ++i)
            assert.equal(await next(), `told ${i}`);
        ack();
        assert.equal(await next(), 'untold');
        assert.equal(await next(), 'next');
        ack();
        await client.barrier();
        await client.leave();
        failed = false;
    });
}
