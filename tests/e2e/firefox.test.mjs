// SPDX-License-Identifier: MPL-2.0
// Firefox and web-push, as a site and its readers use them. The tests share one Firefox and one
// server and run in order, as its user's day does.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Firefox } from './support/firefox.mjs';
import { Page } from './support/page.mjs';
import { Sender } from './support/sender.mjs';
import { Server } from './support/server.mjs';
import { uaidOf } from './support/tokens.mjs';
import { pass } from './support/waiting.mjs';

let server;
let page;
let firefox;
let failed = false;
let sender;

before(async () => {
    server = await Server.create();
    page = await Page.serve();
    sender = new Sender(server.ca);
    firefox = new Firefox(server.connectUrl, server.authority);
    await server.start();
    await firefox.start(page.url);
}, { timeout: 120_000 });

after(async () => {
    if (failed)
        console.log(firefox.log().split('\n').filter(line => /push/i.test(line)).join('\n'));
    await firefox?.remove();
    page?.close();
    sender?.close();
    await server?.remove({ failed });
});

/// A test whose failure shows the logs at the end.
function scenario(name, run) {
    test(name, { timeout: 120_000 }, async () => {
        try {
            await run();
        } catch (error) {
            failed = true;
            throw error;
        }
    });
}

/// A subscription of its own for a scenario.
const subscribe = name => firefox.call('subscribe', name, sender.publicKey);

async function accepted(subscription, payload, options) {
    const answer = await sender.send(subscription, payload, options);
    assert.equal(answer.status, 201, JSON.stringify(answer));
    return answer;
}

async function arrives(text) {
    assert.equal(await page.pushes.take('a push'), text);
}

/// What was sent before this and comes at all has come: pushes of a subscription keep their order.
async function nothingElseArrives(subscription) {
    await accepted(subscription, 'nothing else');
    await arrives('nothing else');
}

scenario('a subscription with a VAPID key gives an endpoint of this server', async () => {
    const subscription = await subscribe('key');
    assert.ok(subscription.endpoint.startsWith(`${server.origin}/wpush/v2/`),
              subscription.endpoint);
});

scenario('pushes of 20 and of 3,993 bytes and an empty one arrive', async () => {
    const subscription = await subscribe('sizes');
    const short = 'twenty bytes, no more';
    const long = 'x'.repeat(3_993);
    for (const text of [short.slice(0, 20), long]) {
        await accepted(subscription, text);
        await arrives(text);
    }
    await accepted(subscription, undefined);
    await arrives(null);
});

scenario('fifty pushes at once arrive once each', async () => {
    const subscription = await subscribe('fifty');
    const texts = Array.from({ length: 50 }, (_, index) => `push ${index}`);
    await Promise.all(texts.map(text => accepted(subscription, text)));
    const arrived = [];
    while (arrived.length < texts.length)
        arrived.push(await page.pushes.take(`push ${arrived.length + 1} of 50`));
    assert.deepEqual(arrived.sort(), texts.sort());
    await nothingElseArrives(subscription);
});

scenario('another VAPID key than that of the subscription is refused with 401', async () => {
    const subscription = await subscribe('wrong key');
    const other = new Sender(server.ca);
    const answer = await other.send(subscription, 'not from us');
    other.close();
    assert.equal(answer.status, 401);
    assert.equal(answer.body.errno, 109);
    await nothingElseArrives(subscription);
});

scenario('after unsubscribe the endpoint answers 410', async () => {
    const subscription = await subscribe('leaver');
    assert.equal(await firefox.call('unsubscribe', 'leaver'), true);
    const answer = await sender.send(subscription, 'too late');
    assert.equal(answer.status, 410);
    assert.equal(answer.body.errno, 106);
});

scenario('pushes while Firefox is closed arrive after its start, once each, '
         + 'but not those replaced, expired or for now only', async () => {
    const subscription = await subscribe('closed');
    await firefox.quit();
    await accepted(subscription, 'now or never', { TTL: 0 });
    await accepted(subscription, 'within a second', { TTL: 1 });
    const expiry = pass(1_100);
    await accepted(subscription, 'first');
    await accepted(subscription, 'old news', { topic: 'news' });
    await accepted(subscription, 'second');
    await accepted(subscription, 'new news', { topic: 'news' });
    await expiry;
    await firefox.start(page.url);
    // Firefox decrypts them side by side, so their order is what tst_backlog looks at.
    const arrived = [];
    for (let i = 0; i < 3; ++i)
        arrived.push(await page.pushes.take('a push'));
    assert.deepEqual(arrived.sort(), ['first', 'new news', 'second']);
    await nothingElseArrives(subscription);
    const kept = await firefox.call('subscription', 'closed');
    assert.equal(kept.endpoint, subscription.endpoint);
});

scenario('what was acknowledged does not come again after another start', async () => {
    const subscription = await firefox.call('subscription', 'closed');
    await firefox.quit();
    await firefox.start(page.url);
    await nothingElseArrives(subscription);
});

scenario('when the server was killed, Firefox returns with the same uaid', async () => {
    const before = await firefox.call('subscription', 'closed');
    const uaid = uaidOf(before.endpoint, server.cryptoKey);
    await server.kill();
    await server.start();
    // Stored or live, depending on which is quicker; it arrives in any case.
    await accepted(before, 'after the crash');
    await arrives('after the crash');
    const later = await subscribe('after the crash');
    assert.equal(uaidOf(later.endpoint, server.cryptoKey), uaid);
    assert.equal(page.changes, 0, 'Firefox lost its subscriptions');
});
