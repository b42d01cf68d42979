// SPDX-License-Identifier: MPL-2.0
// Programs under test. None survives this process: setpriv has the kernel end them with it.
import { spawn } from 'node:child_process';
import { Patience, within } from './waiting.mjs';

export class Program {
    #child;
    #lines = [];
    #rest = '';
    #watchers = new Set();

    /// Starts it; its output is kept for log().
    constructor(command, args, env) {
        this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args],
                            { env, stdio: ['ignore', 'pipe', 'pipe'] });
        /// Resolves with the exit code, or the signal's name.
        this.ended = new Promise((resolve, reject) => {
            this.#child.on('error', reject);
            this.#child.on('close', (code, signal) => resolve(signal ?? code));
        });
        this.ended.then(() => this.isRunning = false, () => this.isRunning = false);
        this.isRunning = true;
        for (const stream of [this.#child.stdout, this.#child.stderr])
            stream.setEncoding('utf8').on('data', text => this.#read(text));
    }

    get pid() {
        return this.#child.pid;
    }

    log() {
        return this.#lines.concat(this.#rest).join('\n');
    }

    signal(name) {
        this.#child.kill(name);
    }

    /// Ends it as a power cut would, and waits until it is gone.
    async kill() {
        if (this.isRunning)
            this.#child.kill('SIGKILL');
        await within(Patience, 'the end of a killed program', this.ended);
    }

    /// The first line, past or future, in which the expression matches: the match.
    async line(expression, milliseconds = Patience) {
        for (const line of this.#lines) {
            const match = expression.exec(line);
            if (match)
                return match;
        }
        let watcher;
        const seen = new Promise(resolve => {
            watcher = line => {
                const match = expression.exec(line);
                if (match)
                    resolve(match);
            };
            this.#watchers.add(watcher);
        });
        const ended = this.ended.then(how => {
            throw new Error(`the program ended (${how}):\n${this.log()}`);
        });
        try {
            return await within(milliseconds, `a line with ${expression}`,
                                Promise.race([seen, ended]));
        } finally {
            this.#watchers.delete(watcher);
        }
    }

    #read(text) {
        const lines = (this.#rest + text).split('\n');
        this.#rest = lines.pop();
        for (const line of lines) {
            this.#lines.push(line);
            this.#watchers.forEach(watcher => watcher(line));
        }
    }
}
