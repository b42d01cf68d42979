// SPDX-License-Identifier: MPL-2.0
// The built program (CARILLON_BIN, or the release build) on free ports of loopback, with a directory
// of its own. Its layout is CARILLON_LAYOUT: "all" (both roles in one process) or "apart" (connect and
// endpoint as two processes over one SQLite file).
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program } from './processes.mjs';
import { until } from './waiting.mjs';

const Binary = process.env.CARILLON_BIN
    ?? fileURLToPath(new URL('../../../build/release/bin/carillon', import.meta.url));
// How sanitizer builds are told what to report (tests/CMakeLists.txt).
const Sanitizers = Object.fromEntries(Object.entries(process.env).filter(
    ([name]) => /^[A-Z]+SAN_OPTIONS$/.test(name)));
export const Layout = process.env.CARILLON_LAYOUT ?? 'all';

/// So many ports of loopback that were free a moment ago, all different.
export async function freePorts(count) {
    const servers = await Promise.all(Array.from({ length: count }, () => new Promise(
        (resolve, reject) => {
            const server = net.createServer().on('error', reject);
            server.listen(0, '127.0.0.1', () => resolve(server));
        })));
    const ports = servers.map(server => server.address().port);
    await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
    return ports;
}

/// GET on loopback: { status, body }.
function get(port, route) {
    return new Promise((resolve, reject) => {
        http.get({ host: '127.0.0.1', port, path: route, agent: false }, response => {
            let body = '';
            response.setEncoding('utf8').on('data', text => body += text)
                .on('end', () => resolve({ status: response.statusCode, body }));
        }).on('error', reject);
    });
}

export class Server {
    /// A server with these settings ({ 'storage.window': 4 }), not started yet.
    static async create(settings = {}) {
        const server = new Server();
        const [connect, endpoint, router, otherRouter] = await freePorts(4);
        server.connectPort = connect;
        server.endpointPort = endpoint;
        server.cryptoKey = randomBytes(32);
        server.directory = mkdtempSync(path.join(tmpdir(), 'carillon-e2e-'));
        const common = {
            'connect.port': connect,
            'endpoint.port': endpoint,
            'storage.dsn': `sqlite:${path.join(server.directory, 'carillon.db')}`,
            'state.dir': server.directory,
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

    get connectUrl() {
        return `ws://127.0.0.1:${this.connectPort}/`;
    }

    get origin() {
        return `http://127.0.0.1:${this.endpointPort}`;
    }

    /// Starts what does not run, and waits until it serves.
    async start() {
        await Promise.all(this.roles.filter(each => !each.program?.isRunning)
            .map(each => this.#startOne(each)));
    }

    /// Starts a process without waiting for it.
    spawn(each) {
        const env = { PATH: process.env.PATH, HOME: this.directory, ...Sanitizers };
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
            return (await get(each.port, '/health')).status === 200 || undefined;
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
