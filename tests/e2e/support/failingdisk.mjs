// SPDX-License-Identifier: MPL-2.0
// A disk that fails under a server when told to (tests/support/failingdisk.cpp).
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const Library = process.env.CARILLON_FAILINGDISK ?? fileURLToPath(
    new URL('../../../build/release/bin/failingdisk.so', import.meta.url));

export const Calls = { open: 1, read: 2, write: 4, sync: 8, truncate: 16, all: 31 };
export const Files = { all: 0, log: 1, database: 2 };
export const Errors = { EIO: 5, ENOSPC: 28 };

export class FailingDisk {
    #control;
    /// What the server's processes need in their environment.
    environment;

    /// Under the database of a server that has not started yet.
    constructor(server) {
        const control = path.join(server.directory, 'disk-control');
        this.#control = openSync(control, 'w+');
        this.heal();
        this.environment = {
            LD_PRELOAD: Library,
            FAILINGDISK_CONTROL: control,
            FAILINGDISK_FILES: path.join(server.directory, 'carillon.db'),
            // Its runtime wants to be the first library.
            ASAN_OPTIONS: [process.env.ASAN_OPTIONS, 'verify_asan_link_order=0']
                .filter(Boolean).join(':'),
        };
        server.environment = this.environment;
    }

    /// From now on these calls fail on these files.
    fail(error, calls, files = Files.all) {
        this.#write(error, calls, files, 0);
    }

    /// Calls that failed since then.
    get failures() {
        const words = new Int32Array(4);
        readSync(this.#control, words, 0, words.byteLength, 0);
        return words[3];
    }

    heal() {
        this.#write(0, 0, 0, 0);
    }

    close() {
        closeSync(this.#control);
    }

    #write(...words) {
        writeSync(this.#control, new Int32Array(words), 0, words.length * 4, 0);
    }
}
