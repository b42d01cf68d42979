// SPDX-License-Identifier: MPL-2.0
// The built program (CARILLON_BIN, or the release build) on free ports of loopback, with a directory
// of its own. Its layout is CARILLON_LAYOUT: "all" (both roles in one process) or "apart" (connect and
// endpoint as two processes over one SQLite file). With CARILLON_WIRE "tls" it speaks TLS to clients and
// senders, with a certificate of an authority of its own.
import { randomBytes, randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Authority } from './authority.mjs';
import { Program } from './processes.mjs';
import { until } from './waiting.mjs';

export const Binary = process.env.CARILLON_BIN
    ?? fileURLToPath(new URL('../../../build/release/bin/carillon', import.meta.url));
// How sanitizer builds are told what to report (tests/CMakeLists.txt).
const Sanitizers = Object.fromEntries(Object.entries(process.env).filter(
    ([name]) => /^[A-Z]+SAN_OPTIONS$/.test(name)));
export const Layout = process.env.CARILLON_LAYOUT ?? 'all';
const IsTls = process.env.CARILLON_WIRE === 'tls';

/// Reserves a port for this process until it exits: binds the UDP port of the same number, which no
/// server uses. False if another test program has reserved it (tests/support/testserver.cpp does the
/// same).
function claimPort(port) {
    return new Promise(resolve => {
        const claim = dgram.createSocket('udp4');
        claim.unref();
        claim.on('error', () => { claim.close(); resolve(false); })
            .bind({ address: '127.0.0.1', port, exclusive: true }, () => resolve(true));
    });
}

/// So many ports of loopback that nobody else uses, all different; below those that the system
/// gives to outgoing connections, of other tests too, at any moment.
async function freePorts(count) {
    const holders = [];
    for (let tries = 0; holders.length < count && tries < 1_000; ++tries) {
        const holder = net.createServer();
        const isFree = await new Promise(resolve => {
            holder.on('error', () => resolve(false))
                .listen(randomInt(12_000, 32_000), '127.0.0.1', () => resolve(true));
        });
        if (isFree && await claimPort(holder.address().port))
            holders.push(holder);
        else if (isFree)
            holder.close();
    }
    const ports = holders.map(holder => holder.address().port);
    await Promise.all(holders.map(holder => new Promise(resolve => holder.close(resolve))));
    return ports;
}

/// GET on loopback: { status, body }; with `ca` over TLS.
function get(port, route, ca) {
    return new Promise((resolve, reject) => {
        const wire = ca ? https : http;
        wire.get({ host: '127.0.0.1', port, path: route, agent: false, ca }, response => {
            let body = '';
            response.setEncoding('utf8').on('data', text => body += text)
                .on('end', () => resolve({ status: response.statusCode, body }));
        }).on('error', reject);
    });
}

export class Server {
    /// What else its processes have in their environment.
    environment = {};

    /// A server with these settings ({ 'storage.window': 4 }), not started yet.
    static async create(settings = {}) {
        const server = new Server();
        const [connect, endpoint, router, otherRouter] = await freePorts(4);
        server.connectPort = connect;
        server.endpointPort = endpoint;
        server.cryptoKey = randomBytes(32);
        server.directory = mkdtempSync(path.join(tmpdir(), 'carillon-e2e-'));
        if (IsTls) {
            server.authority = new Authority(server.directory);
            const { certificate, key } = server.authority.issue();
            settings = { 'tls.certificate': certificate, 'tls.key': key, ...settings };
        }
        const common = {
            'connect.port': connect,
            'endpoint.port': endpoint,
            'storage.dsn': `sqlite:${path.join(server.directory, 'carillon.db')}`,
            'state.dir': server.directory,
            'admin.port': 0,
            'keys.crypto_keys':
                `[${server.cryptoKey.toString('base64').replaceAll('+', '-').replaceAll('/', '_')}]`,
            ...settings,
        };
        server.roles = Layout === 'apart'
            ? [{ role: 'connect', port: connect, settings: { ...common, 'router.port': router } },
               { role: 'endpoint', port: endpoint,
                 settings: { ...common, 'router.port': otherRouter } }]
            : [{ role: 'all', port: endpoint, settings: { ...common, 'router.port': router } }];
        return server;
    }

    /// One more process in the role of an endpoint, with other settings; of what start() starts.
    async addEndpoint(settings) {
        const [port, router] = await freePorts(2);
        const added = { role: 'endpoint', port, settings: {
            ...this.roles[0].settings, 'endpoint.port': port, 'router.port': router, ...settings } };
        this.roles.push(added);
        return added;
    }

    /// GET on the listener that a process answers health checks on: { status, body }.
    health(each) {
        return get(each.port, '/health', this.ca);
    }

    get connectUrl() {
        return `${IsTls ? 'wss' : 'ws'}://127.0.0.1:${this.connectPort}/`;
    }

    get origin() {
        return `${IsTls ? 'https' : 'http'}://127.0.0.1:${this.endpointPort}`;
    }

    /// Certificates that its peers have to believe; undefined without TLS.
    get ca() {
        return this.authority?.certificate;
    }

    /// Starts what does not run, and waits until it serves.
    async start() {
        await Promise.all(this.roles.filter(each => !each.program?.isRunning)
            .map(each => this.#startOne(each)));
    }

    /// Starts a process without waiting for it.
    spawn(each) {
        const env = { PATH: process.env.PATH, HOME: this.directory, ...Sanitizers,
                      ...this.environment };
        for (const [name, value] of Object.entries(each.settings))
            env[`CARILLON__${name.toUpperCase().replaceAll('.', '__')}`] = String(value);
        each.program = new Program(Binary, ['serve', '--role', each.role], env);
        each.logs ??= [];
        each.logs.push(each.program);
    }

    async #startOne(each) {
        this.spawn(each);
        await until(`the server in role ${each.role}`, async () => {
            if (!each.program.isRunning)
                return true;
            return (await this.health(each)).status === 200 || undefined;
        });
        if (!each.program.isRunning)
            throw new Error(`the server in role ${each.role} ended:\n${each.program.log()}`);
    }

    /// kill -9 on all processes.
    async kill() {
        await Promise.all(this.roles.map(each => each.program?.kill()));
    }

    async restart() {
        await this.kill();
        await this.start();
    }

    /// What the processes wrote, all runs.
    log() {
        return this.roles.map(each => (each.logs ?? []).map(
            program => `--- ${each.role} ${program.pid}\n${program.log()}`).join('\n')).join('\n');
    }

    /// Ends it and removes its directory. Shows the log if the tests failed, and fails if a sanitizer
    /// had something to say.
    async remove({ failed = false } = {}) {
        await this.kill();
        const log = this.log();
        const report = /(Address|Leak|Thread)Sanitizer|runtime error:/.exec(log);
        if (failed || report)
            console.log(log);
        rmSync(this.directory, { recursive: true, force: true });
        if (report)
            throw new Error(`a sanitizer reported: ${report[0]}`);
    }
}
