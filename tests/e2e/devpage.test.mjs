// SPDX-License-Identifier: MPL-2.0
// The page of `carillon serve --dev` in the Firefox of `carillon firefox`: subscribes, shows a command
// that works, pushes to itself.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import puppeteer from 'puppeteer-core';
import { Program } from './support/processes.mjs';
import { Server } from './support/server.mjs';
import { until, within } from './support/waiting.mjs';

// A first start on a busy machine.
const StartPatience = 60_000;
const directory = mkdtempSync(path.join(tmpdir(), 'carillon-devpage-'));
let server;
let firefox;
let browser;
let tab;

/// Firefox as `carillon firefox` starts it, with a way in for the test and none out of the machine.
function driven() {
    const wrapper = path.join(directory, 'firefox');
    const offline = [['type', 1], ['http', '"127.0.0.1"'], ['http_port', 9], ['ssl', '"127.0.0.1"'],
                     ['ssl_port', 9], ['no_proxies_on', '"localhost, 127.0.0.1"']]
        .map(([name, value]) => `user_pref("network.proxy.${name}", ${value});`).join('\n');
    writeFileSync(wrapper, `#!/bin/sh
[ "$1" = --profile ] || exit 9
echo "profile $2" >&2
cat "$2/user.js" > '${path.join(directory, 'user.js')}'
cat >> "$2/user.js" <<'END'
${offline}
END
exec "\${FIREFOX_BIN:-firefox-esr}" --remote-debugging-port 0 "$@"
`);
    chmodSync(wrapper, 0o755);
    return wrapper;
}

before(async () => {
    server = await Server.create({ dev: true });
    await server.start();
    firefox = new Program(process.env.CARILLON_BIN, [
        'firefox', '--headless', '--browser', driven(), '--server', server.connectUrl, '--page',
        `${server.origin}/`,
    ], { PATH: process.env.PATH, HOME: directory, TMPDIR: directory,
         MOZ_REMOTE_SETTINGS_DEVTOOLS: '1' });
    const [, address] = await firefox.line(/WebDriver BiDi listening on (ws:\S+)/, StartPatience);
    browser = await within(StartPatience, 'Firefox', puppeteer.connect(
        { browserWSEndpoint: `${address}/session`, protocol: 'webDriverBiDi' }));
    tab = await until('the page', async () =>
        (await browser.pages()).find(page => page.url() === `${server.origin}/`), StartPatience);
}, { timeout: 180_000 });

after(async () => {
    await firefox?.kill();
    await server?.remove();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

const textOf = selector => tab.$eval(selector, element => element.textContent);

async function click(selector) {
    await tab.waitForSelector(`${selector}:not([disabled])`);
    await tab.click(selector);
}

async function logHas(text) {
    await until(`"${text}" in the page's log`, async () =>
        (await textOf('#log')).includes(text) || undefined);
}

test('the page names the preferences that the profile has', { timeout: 60_000 }, async () => {
    const profile = readFileSync(path.join(directory, 'user.js'), 'utf8');
    const lines = (await textOf('#preferences')).trim().split('\n');
    assert.ok(lines.some(line => line === `dom.push.serverURL = "${server.connectUrl}"`));
    for (const line of lines) {
        const [name, value] = line.split(' = ');
        assert.ok(profile.includes(`user_pref("${name}", ${value});`), line);
    }
});

test('a click subscribes at this server', { timeout: 60_000 }, async () => {
    await click('#subscribe');
    const subscription = await until('a subscription', async () =>
        JSON.parse(await textOf('#subscription')));
    assert.ok(subscription.endpoint.startsWith(`${server.origin}/wpush/v2/`));
    assert.equal(await textOf('#state'), 'Subscribed.');
});

test('the page pushes to itself, with a text and without', { timeout: 60_000 }, async () => {
    await click('#send');
    await logHas('sent: 201');
    await logHas('received: Hello from this page');
    await tab.$eval('#text', element => { element.value = ''; });
    await click('#send');
    await logHas('received: no text');
});

test('the command it shows pushes to it', { timeout: 60_000 }, async () => {
    const command = await textOf('#command');
    assert.match(command, /^carillon send /);
    const run = promisify(execFile)('sh', ['-c', command.replace('carillon', '"$CARILLON_BIN"')]);
    assert.match((await run).stdout, /^201 Created\nLocation: /);
    await logHas('received: Hello from a terminal');
});

test('unsubscribing ends it', { timeout: 60_000 }, async () => {
    await click('#unsubscribe');
    await until('the end', async () => (await textOf('#state')) === 'No longer subscribed.' || undefined);
});

test('the profile goes with the browser', { timeout: 60_000 }, async () => {
    const [, profile] = await firefox.line(/^profile (.+)$/);
    assert.ok(existsSync(profile));
    await browser.close();
    assert.equal(await within(StartPatience, 'the end of Firefox', firefox.ended), 0);
    assert.ok(!existsSync(profile));
});
