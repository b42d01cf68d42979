// SPDX-License-Identifier: MPL-2.0
// `carillon serve --dev` and npm's web-push as it comes, in a process that trusts the server's authority
// through NODE_EXTRA_CA_CERTS: no agent, no option, no URL is adapted to the server.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import webpush from 'web-push';
import { Binary, Server } from './support/server.mjs';
import { Program } from './support/processes.mjs';
import { until } from './support/waiting.mjs';

const run = promisify(execFile);
const Here = path.dirname(fileURLToPath(import.meta.url));
const keys = webpush.generateVAPIDKeys();
let server;
let authority;
let failed = false;
const listeners = [];

before(async () => {
    server = await Server.create({ dev: true });
    await server.start();
    authority = path.join(server.directory, 'dev-ca.pem');
});
after(async () => {
    await Promise.all(listeners.map(listener => listener.kill()));
    await server.remove({ failed });
});

/// What a program does with web-push: the status, or the code of what went wrong.
async function push(subscription, text, environment) {
    const script = `
        const webpush = require('web-push');
        const [subscription, text, keys] = process.argv.slice(1);
        webpush.setVapidDetails('mailto:tests@example.com', ...JSON.parse(keys));
        webpush.sendNotification(JSON.parse(subscription), text)
            .then(answer => console.log(answer.statusCode),
                  error => console.log(error.statusCode ?? error.code));`;
    const { stdout } = await run(process.execPath,
        ['-e', script, JSON.stringify(subscription), text,
         JSON.stringify([keys.publicKey, keys.privateKey])],
        { cwd: Here, env: { PATH: process.env.PATH, ...environment } });
    return stdout.trim();
}

/// `carillon listen` with a subscription for our key.
async function listen() {
    const listener = new Program(Binary, ['listen', '--server', server.connectUrl,
                                          '--vapid-key', keys.publicKey],
                                 { PATH: process.env.PATH, HOME: server.directory });
    listeners.push(listener);
    const first = await until('a subscription', () => listener.log().split('\n')
        .find(line => line.startsWith('{')));
    return { listener, subscription: JSON.parse(first) };
}

function step(name, body) {
    test(name, async () => {
        try {
            await body();
        } catch (error) {
            failed = true;
            throw error;
        }
    });
}

step('web-push pushes to the endpoint as it was given out', async () => {
    assert.ok(existsSync(authority));
    assert.equal(statSync(path.join(server.directory, 'dev-ca-key.pem')).mode & 0o777, 0o600);
    const { listener, subscription } = await listen();
    assert.match(subscription.endpoint, /^http:\/\/127\.0\.0\.1:/);
    assert.equal(await push(subscription, 'Dinner is ready', { NODE_EXTRA_CA_CERTS: authority }),
                 '201');
    await until('the message', () => listener.log().includes('Dinner is ready') || undefined);

    // The same endpoint under names that the certificate has.
    for (const origin of ['https://127.0.0.1', 'https://localhost']) {
        const endpoint = subscription.endpoint.replace('http://127.0.0.1', origin);
        assert.equal(await push({ ...subscription, endpoint }, `By ${origin}`,
                                { NODE_EXTRA_CA_CERTS: authority }), '201');
        await until('the message', () => listener.log().includes(`By ${origin}`) || undefined);
    }
});

step('a sender that does not trust the authority refuses the server', async () => {
    const { subscription } = await listen();
    assert.match(await push(subscription, 'Nobody reads this', {}),
                 /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)$/);
});

step('after a restart the authority is the same', async () => {
    await server.restart();
    const { subscription } = await listen();
    assert.equal(await push(subscription, 'Again', { NODE_EXTRA_CA_CERTS: authority }), '201');
});
