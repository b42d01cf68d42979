// SPDX-License-Identifier: MPL-2.0
// A certificate authority of the tests' own, in a directory: made with OpenSSL's command, believed by
// Firefox once NSS's tool has put it into a profile.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const NewKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function run(command, args) {
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

export class Authority {
    #directory;

    constructor(directory) {
        this.#directory = directory;
        run('openssl', ['req', '-x509', ...NewKey, '-days', '2', '-subj', '/CN=Carillon tests',
                        '-addext', 'basicConstraints=critical,CA:TRUE',
                        '-keyout', this.#path('ca.key'), '-out', this.file]);
    }

    /// Its certificate, as PEM.
    get file() {
        return this.#path('ca.pem');
    }

    get certificate() {
        return readFileSync(this.file);
    }

    /// Certificate and key for loopback: { certificate, key }, the names of two PEM files.
    issue() {
        const pair = { certificate: this.#path('server.pem'), key: this.#path('server.key') };
        run('openssl', ['req', '-x509', ...NewKey, '-days', '2', '-subj', '/CN=localhost',
                        '-CA', this.file, '-CAkey', this.#path('ca.key'),
                        '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
                        '-addext', 'basicConstraints=critical,CA:FALSE',
                        '-keyout', pair.key, '-out', pair.certificate]);
        return pair;
    }

    /// Makes the Firefox of this profile believe it, and no other of the machine's users.
    addTo(profile) {
        const database = `sql:${profile}`;
        run('certutil', ['-N', '-d', database, '--empty-password']);
        run('certutil', ['-A', '-d', database, '-n', 'Carillon tests', '-t', 'C,,', '-i', this.file]);
    }

    #path(name) {
        return path.join(this.#directory, name);
    }
}
