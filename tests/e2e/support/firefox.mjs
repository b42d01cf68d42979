// SPDX-License-Identifier: MPL-2.0
// A real Firefox, headless, with a profile that stays between its starts. Firefox is started here and
// not by puppeteer, which would put the profile's preferences back at the end and lose the uaid.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { Program } from './processes.mjs';
import { Patience, within } from './waiting.mjs';

const Binary = process.env.FIREFOX_BIN ?? 'firefox-esr';
// A first start on a busy machine.
const StartPatience = 60_000;

function preferences(pushUrl) {
    return {
        'dom.push.serverURL': pushUrl,
        'dom.push.testing.allowInsecureServerURL': pushUrl.startsWith('ws:'),
        'dom.push.testing.ignorePermission': true,
        'dom.push.connection.enabled': true,
        'dom.push.maxQuotaPerSubscription': 100_000,
        'dom.push.retryBaseInterval': 200,
        'dom.push.loglevel': 'all',
        'network.manage-offline-status': false,
        // Nothing leaves the machine: whatever is not localhost goes to a proxy that is not there.
        'network.proxy.type': 1,
        'network.proxy.http': '127.0.0.1',
        'network.proxy.http_port': 9,
        'network.proxy.ssl': '127.0.0.1',
        'network.proxy.ssl_port': 9,
        'network.proxy.no_proxies_on': 'localhost, 127.0.0.1',
        'network.connectivity-service.enabled': false,
        'network.captive-portal-service.enabled': false,
        'services.settings.server': 'data:,#remote-settings-dummy/v1',
        'app.normandy.enabled': false,
        'app.update.disabledForTesting': true,
        'browser.aboutwelcome.enabled': false,
        'browser.safebrowsing.update.enabled': false,
        'browser.search.update': false,
        'browser.shell.checkDefaultBrowser': false,
        'browser.startup.page': 0,
        'browser.topsites.contile.enabled': false,
        'datareporting.policy.dataSubmissionEnabled': false,
        'extensions.systemAddon.update.enabled': false,
        'extensions.update.enabled': false,
        'media.gmp-manager.updateEnabled': false,
        'toolkit.telemetry.unified': false,
    };
}

export class Firefox {
    #browser;
    #program;
    #tab;
    #profile = mkdtempSync(path.join(tmpdir(), 'carillon-firefox-'));

    /// Uses this push server, and believes its authority's certificates if it has one; not started
    /// yet.
    constructor(pushUrl, authority) {
        authority?.addTo(this.#profile);
        const lines = Object.entries(preferences(pushUrl)).map(
            ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
        writeFileSync(path.join(this.#profile, 'user.js'), lines.join('\n') + '\n');
    }

    /// Starts it and opens the page.
    async start(url) {
        this.#program = new Program(Binary, [
            '--headless', '--no-remote', '--profile', this.#profile,
            '--remote-debugging-port', '0', 'about:blank',
        ], { PATH: process.env.PATH, HOME: this.#profile, TMPDIR: tmpdir(), MOZ_REMOTE_SETTINGS_DEVTOOLS: '1' });
        const [, address] = await this.#program.line(/WebDriver BiDi listening on (ws:\S+)/,
                                                     StartPatience);
        this.#browser = await within(StartPatience, 'Firefox', puppeteer.connect(
            { browserWSEndpoint: `${address}/session`, protocol: 'webDriverBiDi' }));
        this.#tab = await this.#browser.newPage();
        await this.#tab.goto(url);
    }

    /// Calls a function of the page.
    call(name, ...args) {
        return within(Patience, `${name}() in the page`,
                      this.#tab.evaluate((what, values) => window[what](...values), name, args));
    }

    /// Quits as a user does, which writes the profile.
    async quit() {
        await this.#browser.close();
        await within(Patience, 'the end of Firefox', this.#program.ended);
    }

    log() {
        return this.#program?.log() ?? '';
    }

    /// Ends it however it is, and forgets the profile.
    async remove() {
        await this.#program?.kill();
        rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
    }
}
