// SPDX-License-Identifier: MPL-2.0
// The admin API of the built program (docs/admin-api.md): who may use it, what it refuses and how, whether
// its answers are what openapi.json says, and its live feed. Over its Unix socket and over TCP.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { Client } from './support/client.mjs';
import { Layout, Server } from './support/server.mjs';
import { conforms } from './support/jsonschema.mjs';
import { Inbox, until, within } from './support/waiting.mjs';

const Role = Layout === 'apart' ? 'connect' : 'all';
let server;
let socketPath;
let port;
let node;
let failed = false;

before(async () => {
    server = await Server.create({ 'admin.port': 0 });
    await server.start();
    socketPath = path.join(server.directory, Layout === 'apart' ? 'admin-connect.sock' : 'admin.sock');
    // The server says it when everything is started; clients are served before.
    port = await until('the port of the admin API',
                       () => Number(/admin 127\.0\.0\.1 (\d+)/.exec(server.log())[1]));
    node = (await call('GET', '/status')).json.node;
});
after(() => server.remove({ failed }));

/// A test whose failure shows the server's log.
function check(name, body) {
    test(name, async () => {
        try {
            await body();
        } catch (error) {
            failed = true;
            throw error;
        }
    });
}

/// A request over the Unix socket, or with `tcp` over TCP: { status, headers, text, json }.
function call(method, target, { body, headers = {}, tcp = false, token, raw } = {}) {
    const bytes = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const all = { ...headers };
    if (body !== undefined)
        all['Content-Type'] ??= 'application/json';
    if (bytes !== undefined)
        all['Content-Length'] = Buffer.byteLength(bytes);
    if (token)
        all.Authorization = `Bearer ${token}`;
    const where = tcp ? { host: '127.0.0.1', port } : { socketPath, host: 'localhost' };
    return new Promise((resolve, reject) => {
        const request = http.request(
            { ...where, method, path: `/api/v1${target}`, headers: all, agent: false }, response => {
                let text = '';
                response.setEncoding('utf8').on('data', piece => text += piece).on('end', () => {
                    const isJson = /json/.test(response.headers['content-type'] ?? '') && text;
                    resolve({ status: response.statusCode, headers: response.headers, text,
                              json: isJson ? JSON.parse(text) : undefined });
                });
            });
        request.on('error', reject).end(bytes);
    });
}

/// A problem document of this type and status (RFC 9457).
function assertProblem(answer, status, name) {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json.type, `/api/v1/problems/${name}`);
    assert.equal(answer.json.status, status);
    assert.ok(answer.json.title && answer.json.detail, answer.text);
}

async function makeToken(role, name = `${role}-${Math.random().toString(36).slice(2)}`) {
    const answer = await call('POST', '/tokens', { body: { name, role } });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
}

// Who may use it.

check('the socket is for its user and group only, and needs no token', async () => {
    assert.equal(statSync(socketPath).mode & 0o777, 0o660);
    const answer = await call('GET', '/status');
    assert.equal(answer.status, 200);
    assert.equal(answer.json.caller.role, 'operator');
    assert.equal(answer.json.state, 'serving');
});

check('without a token TCP answers 401 and says how', async () => {
    const answer = await call('GET', '/status', { tcp: true });
    assertProblem(answer, 401, 'unauthorized');
    assert.match(answer.headers['www-authenticate'], /^Bearer realm=/);
});

check('a token is shown once, works, and is refused as soon as it is revoked', async () => {
    const made = await makeToken('viewer');
    const list = await call('GET', '/tokens');
    assert.ok(list.json.items.some(item => item.id === made.id && item.role === 'viewer'));
    assert.ok(!list.text.includes(made.token));
    const status = await call('GET', '/status', { tcp: true, token: made.token });
    assert.deepEqual(status.json.caller, { name: `token:${made.name}`, role: 'viewer' });
    assert.equal((await call('DELETE', `/tokens/${made.id}`)).status, 200);
    assertProblem(await call('GET', '/status', { tcp: true, token: made.token }), 401, 'unauthorized');
    assertProblem(await call('DELETE', `/tokens/${made.id}`), 404, 'not-found');
});

check('a viewer reads but does not act, and an attempt is in the audit log', async () => {
    const { token, name } = await makeToken('viewer');
    assert.equal((await call('GET', '/config', { tcp: true, token })).status, 200);
    const refused = await call('POST', '/tokens',
                               { tcp: true, token, body: { name: 'mine', role: 'operator' } });
    assertProblem(refused, 403, 'forbidden');
    const { items } = (await call('GET', `/audit?who=token:${name}`)).json;
    assert.deepEqual(items.map(({ action, result }) => ({ action, result })),
                     [{ action: 'createToken', result: 'forbidden' }]);
});

check('an operator token acts, and the audit log says who did what to what', async () => {
    const { token, name } = await makeToken('operator');
    const target = `by-${name}`;
    const answer = await call('POST', '/tokens',
                              { tcp: true, token, body: { name: target, role: 'viewer' } });
    assert.equal(answer.status, 201);
    const [record] = (await call('GET', `/audit?who=token:${name}`)).json.items;
    assert.equal(record.action, 'createToken');
    assert.equal(record.target, target);
    assert.equal(record.result, 'ok');
    assert.ok(Math.abs(Date.parse(record.time) - Date.now()) < 60_000);
});

check('two tokens of one name are a conflict', async () => {
    const { name } = await makeToken('viewer');
    assertProblem(await call('POST', '/tokens', { body: { name, role: 'viewer' } }), 409, 'conflict');
});

check('pages of other origins, and other host names on loopback, are refused', async () => {
    const { token } = await makeToken('viewer');
    const origin = await call('GET', '/status',
                              { tcp: true, token, headers: { Origin: 'https://evil.example' } });
    assertProblem(origin, 403, 'wrong-origin');
    assert.equal(origin.headers['access-control-allow-origin'], undefined);
    const own = await call('GET', '/status',
                           { tcp: true, token, headers: { Origin: `http://127.0.0.1:${port}` } });
    assert.equal(own.status, 200);
    const rebound = await call('GET', '/status',
                               { tcp: true, token, headers: { Host: 'evil.example' } });
    assertProblem(rebound, 403, 'wrong-origin');
    assertProblem(await call('OPTIONS', '/status', { tcp: true, token }), 405, 'method-not-allowed');
});

// What it refuses.

const BadRequests = [
    ['an unknown path', 'GET', '/nothing', {}, 404, 'not-found'],
    ['another method', 'PUT', '/status', {}, 405, 'method-not-allowed'],
    ['an unknown parameter', 'GET', '/audit?colour=red', {}, 400, 'invalid-parameter'],
    ['a parameter twice', 'GET', '/audit?who=a&who=b', {}, 400, 'invalid-parameter'],
    ['broken percent-encoding', 'GET', '/audit?who=%zz', {}, 400, 'invalid-parameter'],
    ['bytes that are no UTF-8', 'GET', '/audit?who=%ff', {}, 400, 'invalid-parameter'],
    ['a limit of 0', 'GET', '/audit?limit=0', {}, 400, 'invalid-parameter'],
    ['a limit above 1000', 'GET', '/audit?limit=1001', {}, 400, 'invalid-parameter'],
    ['a limit that is no number', 'GET', '/audit?limit=ten', {}, 400, 'invalid-parameter'],
    ['an unknown sort', 'GET', '/audit?sort=colour', {}, 400, 'invalid-parameter'],
    ['an unknown order', 'GET', '/audit?order=sideways', {}, 400, 'invalid-parameter'],
    ['a seek of another type', 'GET', '/audit?seek=abc', {}, 400, 'invalid-parameter'],
    ['a time that is none', 'GET', '/audit?since=yesterday', {}, 400, 'invalid-parameter'],
    ['a kind that is none', 'GET', '/history?kind=push.eaten', {}, 400, 'invalid-parameter'],
    ['a UAID that is none', 'GET', '/history?uaid=12', {}, 400, 'invalid-parameter'],
    ['a message id that is none', 'GET', '/history?id=12', {}, 404, 'not-found'],
    ['a level that is none', 'GET', '/logs?level=loud', {}, 400, 'invalid-parameter'],
    ['a step that is not offered', 'GET', '/stats/history?step=7', {}, 400, 'invalid-parameter'],
    ['a cursor of nobody', 'GET', '/audit?cursor=abc', {}, 400, 'invalid-cursor'],
    ['a cursor that is no base64', 'GET', '/audit?cursor=%21%21', {}, 400, 'invalid-cursor'],
    ['a body that is no JSON', 'POST', '/tokens',
     { raw: '{', headers: { 'Content-Type': 'application/json' } }, 400, 'invalid-body'],
    ['a body that is no object', 'POST', '/tokens', { body: [] }, 400, 'invalid-body'],
    ['a member that is missing', 'POST', '/tokens', { body: { name: 'x' } }, 400, 'invalid-body'],
    ['a member that is unknown', 'POST', '/tokens',
     { body: { name: 'x', role: 'viewer', colour: 1 } }, 400, 'invalid-body'],
    ['a member of another type', 'POST', '/tokens', { body: { name: 1, role: 'viewer' } }, 400,
     'invalid-body'],
    ['a role that is none', 'POST', '/tokens', { body: { name: 'x', role: 'king' } }, 400,
     'invalid-body'],
    ['a name with control characters', 'POST', '/tokens',
     { body: { name: 'a\nb', role: 'viewer' } }, 400, 'invalid-body'],
    ['a body where none belongs', 'DELETE', '/tokens/1', { body: {} }, 400, 'invalid-body'],
    ['another media type', 'POST', '/tokens',
     { raw: 'name=x', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }, 415,
     'unsupported-media-type'],
    ['an encoded body', 'POST', '/tokens',
     { body: {}, headers: { 'Content-Encoding': 'gzip' } }, 415, 'unsupported-media-type'],
    ['a body above 64 KiB', 'POST', '/tokens', { body: { name: 'x'.repeat(70_000) } }, 413,
     'body-too-large'],
    ['an id that is no number', 'DELETE', '/tokens/abc', {}, 400, 'invalid-parameter'],
    ['another node', 'POST', '/nodes/http%3A%2F%2Fexample.com/drain', {}, 404, 'not-found'],
    ['an unknown log category', 'PUT', '/logs/levels',
     { body: { category: 'carillon.kitchen', level: 'debug' } }, 404, 'not-found'],
    ['the live feed without a handshake', 'GET', '/live', {}, 426, 'upgrade-required'],
];
for (const [what, method, target, options, status, name] of BadRequests) {
    check(`${what}: ${status}`, async () => {
        const answer = await call(method, target, options);
        assertProblem(answer, status, name);
        if (status === 405)
            assert.equal(answer.headers.allow, 'GET, HEAD');
    });
}

check('a head above its limit is 431, and no HTTP at all 400', async () => {
    const big = await call('GET', '/status', { headers: { 'X-Big': 'x'.repeat(17_000) } });
    assertProblem(big, 431, 'head-too-large');
    const socket = net.connect(socketPath);
    const answer = new Promise(resolve => {
        let text = '';
        socket.on('data', bytes => text += bytes).on('end', () => resolve(text));
    });
    socket.write('HELLO\r\n\r\n');
    assert.match(await within(10_000, 'an answer', answer), /^HTTP\/1\.1 400 [^]*problems\/bad-request/);
});

check('a viewer cannot open tokens, and each type of problem is described without a token', async () => {
    const { token } = await makeToken('viewer');
    assertProblem(await call('GET', '/tokens', { tcp: true, token }), 403, 'forbidden');
    const page = await call('GET', '/problems/forbidden', { tcp: true });
    assert.equal(page.status, 200);
    assert.equal(page.json.status, 403);
    assert.ok(page.json.description);
});

// Lists.

check('pages follow each other without gaps, in both orders, and carry their filters', async () => {
    const names = [];
    for (let i = 0; i < 7; ++i)
        names.push((await makeToken('viewer', `page-${i}-${Date.now()}`)).name);
    for (const order of ['forward', 'reverse']) {
        const whole = (await call('GET', `/audit?action=createToken&order=${order}&limit=1000`)).json;
        assert.equal(whole.next, null);
        const seen = [];
        let next = `/audit?action=createToken&order=${order}&limit=2`;
        for (let pages = 0; next && pages < 1000; ++pages) {
            const page = (await call('GET', next)).json;
            assert.ok(page.items.length <= 2);
            seen.push(...page.items);
            next = page.next && `/audit?limit=2&cursor=${page.next}`;
        }
        assert.deepEqual(seen, whole.items);
        const ids = seen.map(item => item.id);
        assert.deepEqual(ids, [...ids].sort((a, b) => order === 'forward' ? b - a : a - b));
    }
});

check('a cursor does not fit another filter, order or list', async () => {
    const { next } = (await call('GET', '/audit?action=createToken&limit=1')).json;
    for (const other of [`/audit?action=revokeToken&cursor=${next}`, `/audit?order=reverse&cursor=${next}`,
                         `/audit?seek=1&cursor=${next}`, `/history?cursor=${next}`])
        assertProblem(await call('GET', other), 400, 'invalid-cursor');
    assert.equal((await call('GET', `/audit?action=createToken&cursor=${next}`)).status, 200);
});

check('seek begins at a value', async () => {
    const { items } = (await call('GET', '/audit?limit=5')).json;
    const from = (await call('GET', `/audit?limit=2&seek=${items[2].id}`)).json;
    assert.deepEqual(from.items, items.slice(2, 4));
});

check('a list that has not changed is 304 for those who know it', async () => {
    const first = await call('GET', '/tokens');
    const { etag } = first.headers;
    const again = await call('GET', '/tokens', { headers: { 'If-None-Match': `"other", W/${etag}` } });
    assert.equal(again.status, 304);
    assert.equal(again.text, '');
    await makeToken('viewer');
    assert.equal((await call('GET', '/tokens', { headers: { 'If-None-Match': etag } })).status, 200);
});

check('a long target does not fill the audit log', async () => {
    const body = { category: 'x'.repeat(60), level: 'debug' };
    assertProblem(await call('PUT', '/logs/levels', { body }), 404, 'not-found');
    assertProblem(await call('POST', `/nodes/${'x'.repeat(1024)}/resume`), 404, 'not-found');
    const { items: [record] } = (await call('GET', '/audit?limit=1')).json;
    assert.equal(record.action, 'resumeNode');
    assert.equal(record.target, 'x'.repeat(1000));
});

check('HEAD has the headers of GET', async () => {
    const [head, get] = [await call('HEAD', '/tokens'), await call('GET', '/tokens')];
    assert.equal(head.status, 200);
    assert.equal(head.headers.etag, get.headers.etag);
    assert.equal(head.text, '');
});

// What it says of itself.

check('every resource answers as openapi.json says', async () => {
    const { json: api } = await call('GET', '/openapi.json');
    assert.equal(api.openapi, '3.1.0');
    const parameters = { node: encodeURIComponent(node), problem: 'conflict' };
    let checked = 0;
    for (const [route, methods] of Object.entries(api.paths)) {
        const get = methods.get;
        const schema = get?.responses['200']?.content?.['application/json']?.schema;
        const names = [...route.matchAll(/\{(\w+)\}/g)].map(match => match[1]);
        const isKnown = names.every(name => parameters[name]);
        const required = (get?.parameters ?? []).filter(each => each.in === 'query' && each.required);
        if (!schema || !isKnown || required.length)
            continue;
        const target = names.reduce((text, name) => text.replace(`{${name}}`, parameters[name]), route);
        const answer = await call('GET', target);
        assert.equal(answer.status, 200, `${route}: ${answer.text}`);
        assert.deepEqual(conforms(schema, answer.json), [], route);
        ++checked;
    }
    assert.ok(checked >= 10, `${checked} resources`);
    for (const list of ['/tokens', '/audit', '/history', '/logs', '/nodes']) {
        assert.ok(api.paths[list].get['x-sort'].length > 0, list);
        assert.ok(Array.isArray(api.paths[list].get['x-filter']), list);
    }
});

check('the configuration names its sources and hides its secrets', async () => {
    const { text, json } = await call('GET', '/config');
    const item = name => json.items.find(each => each.name === name);
    assert.equal(item('connect.port').origin, 'CARILLON__CONNECT__PORT');
    assert.equal(item('connect.port').value, String(server.connectPort));
    assert.equal(item('log.format').origin, 'default');
    assert.ok(item('keys.crypto_keys').secret);
    const key = server.cryptoKey.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
    assert.ok(!text.includes(key));
});

check('log levels change while the server runs, and go back', async () => {
    const level = async () => (await call('GET', '/logs/levels')).json.items
        .find(each => each.category === 'carillon.net');
    assert.deepEqual(await level(), { category: 'carillon.net', level: 'info', changed: false });
    const body = { category: 'carillon.net', level: 'debug' };
    assert.equal((await call('PUT', '/logs/levels', { body })).status, 200);
    assert.deepEqual(await level(), { category: 'carillon.net', level: 'debug', changed: true });
    assert.equal((await call('DELETE', '/logs/levels')).status, 200);
    assert.equal((await level()).changed, false);
});

check('figures come each second, now and as series', async () => {
    const { json } = await call('GET', '/stats');
    assert.ok(json.process.memory > 0 && json.process.descriptors > 0);
    const series = await until('three points', async () => {
        const answer = (await call('GET', '/stats/history?step=1')).json;
        return answer.times.length >= 3 ? answer : undefined;
    });
    assert.equal(series.series.connections.length, series.times.length);
    assert.ok(Date.parse(series.times[1]) > Date.parse(series.times[0]));
});

// The live feed.

async function openLive(options = {}) {
    const url = options.token ? `ws://127.0.0.1:${port}/api/v1/live`
        : `ws+unix://${socketPath}:/api/v1/live`;
    const socket = new WebSocket(url, {
        headers: { ...options.headers, ...(options.token && { Authorization: `Bearer ${options.token}` }) } });
    const inbox = new Inbox();
    socket.on('message', text => inbox.put(JSON.parse(text)));
    socket.on('close', (code, reason) => inbox.put({ closed: code, reason: String(reason) }));
    const status = await within(10_000, 'a handshake', new Promise((resolve, reject) => {
        socket.on('open', () => resolve(101));
        socket.on('unexpected-response', (request, response) => resolve(response.statusCode));
        socket.on('error', reject);
    }));
    return { socket, inbox, status };
}

const nextOf = (inbox, wanted) => inbox.take('a message of the feed', wanted);

check('the live feed tells figures, events and log records as they come', async () => {
    const { socket, inbox } = await openLive();
    socket.send(JSON.stringify({ subscribe: ['stats', 'events', 'logs'],
                                 events: { kind: 'client.*' } }));
    const { subscribed } = await nextOf(inbox, message => message.subscribed);
    assert.deepEqual(subscribed, ['stats', 'events', 'logs']);
    const client = new Client(server.connectUrl);
    await client.open();
    const { uaid } = client;
    const { event } = await nextOf(inbox, message => message.event?.uaid === uaid);
    assert.equal(event.kind, 'client.connected');
    await nextOf(inbox, message => message.stats?.connections === 1);
    await makeToken('viewer');
    await nextOf(inbox, message => /createToken/.test(message.log?.message ?? ''));
    await client.leave();
    const left = await nextOf(inbox, message => message.event?.uaid === uaid);
    assert.equal(left.event.kind, 'client.disconnected');
    assert.ok(left.event.id > event.id);
    socket.close();
});

check('the live feed says what is wrong with a subscription, and stays', async () => {
    const { socket, inbox } = await openLive();
    for (const text of ['x', '[]', '{}', '{"subscribe":"stats"}', '{"subscribe":["weather"]}',
                        '{"subscribe":["events"],"events":{"kind":"push.eaten"}}',
                        '{"subscribe":["events"],"events":{"colour":"red"}}',
                        '{"subscribe":["logs"],"logs":{"level":1}}', '{"subscribe":[],"x":1}']) {
        socket.send(text);
        const { problem } = await nextOf(inbox, message => message.problem);
        assert.equal(problem.status, 400, text);
    }
    socket.send('{"subscribe":["stats"]}');
    await nextOf(inbox, message => message.stats);
    socket.close();
});

check('the live feed needs a token over TCP, which ends with it, and the own origin', async () => {
    assert.equal((await openLive({ token: 'wrong' })).status, 401);
    const made = await makeToken('viewer');
    const other = await openLive({ token: made.token, headers: { Origin: 'https://evil.example' } });
    assert.equal(other.status, 403);
    const { inbox, status } = await openLive({ token: made.token });
    assert.equal(status, 101);
    await call('DELETE', `/tokens/${made.id}`);
    assert.equal((await nextOf(inbox, message => message.closed)).closed, 1008);
});

// The node.

if (Role === 'all') {
    check('a drained node lets no client in and closes those it has, until it is resumed', async () => {
        const client = new Client(server.connectUrl);
        await client.open();
        const target = `/nodes/${encodeURIComponent(node)}`;
        const drained = await call('POST', `${target}/drain`, { body: { period: 0 } });
        assert.equal(drained.json.state, 'draining', drained.text);
        await within(10_000, 'the end of the client', client.closed);
        await assert.rejects(new Client(server.connectUrl).open());
        assert.equal((await call('POST', `${target}/resume`)).status, 200);
        await until('a client that gets in', async () => {
            const back = new Client(server.connectUrl);
            await back.open();
            await back.leave();
            return true;
        });
        assert.equal((await call('GET', '/status')).json.state, 'serving');
    });
}

// Last: this address cannot log in for a minute then.
check('ten failed logins within a minute: 429, also with a good token', async () => {
    const { token } = await makeToken('viewer');
    let answer;
    for (let i = 0; i < 11; ++i)
        answer = await call('GET', '/status', { tcp: true, token: `wrong-${i}` });
    assertProblem(answer, 429, 'too-many-requests');
    assert.ok(Number(answer.headers['retry-after']) <= 60);
    assertProblem(await call('GET', '/status', { tcp: true, token }), 429, 'too-many-requests');
    assert.equal((await call('GET', '/status')).status, 200);
});

check('a stale socket is replaced, and a file that is none is left alone', async () => {
    await server.kill();
    assert.ok(existsSync(socketPath)); // as kill -9 leaves it
    await server.start();
    // It is there a moment after clients are served.
    const status = await until('the admin API', () => call('GET', '/status'));
    assert.equal(status.status, 200);
    server.roles[0].program.signal('SIGTERM');
    await within(10_000, 'the end of the server', server.roles[0].program.ended);
    assert.ok(!existsSync(socketPath));
    writeFileSync(socketPath, 'not a socket');
    await server.start();
    assert.equal(readFileSync(socketPath, 'utf8'), 'not a socket');
});
