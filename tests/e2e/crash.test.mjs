// SPDX-License-Identifier: MPL-2.0
// While pushes are sent to prompt, slow and absent clients, the server is killed with SIGKILL at
// random moments and started again on the same database. What 201 promises (design.md §3.1) has to
// hold. CARILLON_SEED repeats the choices of a run; CARILLON_KILLS sets the number of kills.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import http from 'node:http';
import { test } from 'node:test';
import { Ledger } from './support/ledger.mjs';
import { Random } from './support/random.mjs';
import { post } from './support/sender.mjs';
import { Server } from './support/server.mjs';
import { Subscriber } from './support/subscriber.mjs';
import { pass, until } from './support/waiting.mjs';

const Seed = Number(process.env.CARILLON_SEED ?? randomInt(1_000_000));
const Kills = Number(process.env.CARILLON_KILLS ?? (process.env.CARILLON_LONG ? 200 : 25));
const Clients = ['prompt', 'prompt', 'prompt', 'slow', 'slow', 'absent', 'absent'];
const ChannelsEach = 2;

/// Room for all that is sent while clients are away, and, by chance, narrow ways to everything else.
function settings(random) {
    return {
        'storage.max_messages': 1_000_000,
        'storage.max_bytes': 1_000_000_000,
        'storage.ack_wait': random.oneOf([0, 0, 3, 20]),
        'storage.wal_limit': random.oneOf([1 << 20, 64 << 20]),
        'storage.window': random.oneOf([2, 16, 128]),
        'workers': random.between(1, 4),
        'transport': random.oneOf((process.env.CARILLON_TRANSPORTS ?? 'native qt').split(' ')),
    };
}

/// Posts to one subscription, one push after the other, until told to stop.
class Traffic {
    #agent = new http.Agent({ keepAlive: true });
    #subscription;
    #random;
    #running;
    #stopping = false;

    constructor(subscription, random) {
        this.#subscription = subscription;
        this.#random = random;
    }

    begin() {
        this.#running = this.#run();
    }

    async end() {
        this.#stopping = true;
        await this.#running;
    }

    /// One push; its number if it was accepted.
    async push() {
        const { channel, endpoint } = this.#subscription;
        const number = channel.begin();
        // Sizes from a few bytes to some pages of the database.
        const size = this.#random.happens(0.1) ? this.#random.between(100, 4_000) : 10;
        try {
            const { status } = await post(this.#agent, endpoint, String(number).padEnd(size));
            channel.answered(number, status);
            return status === 201 ? number : undefined;
        } catch (error) {
            if (error.code === 'ECONNREFUSED')
                channel.unsent(number);
            // The server was killed meanwhile: the push may be stored or not.
            else if (error.code === 'ECONNRESET' || error.code === 'EPIPE')
                channel.answered(number, undefined);
            else
                throw error;
            return undefined;
        }
    }

    close() {
        this.#agent.destroy();
    }

    async #run() {
        while (!this.#stopping) {
            const accepted = await this.push();
            await pass(accepted === undefined ? 20 : this.#random.between(2, 20));
        }
    }
}

/// Kills processes and starts them again, one round after the other.
async function crash(server, ledger, random) {
    for (let kill = 0; kill < Kills && ledger.faults.length === 0; ++kill) {
        await pass(random.between(1, 300));
        const victims = random.happens(0.2) ? server.roles : [random.oneOf(server.roles)];
        await Promise.all(victims.map(victim => victim.program.kill()));
        if (random.happens(0.15)) {
            // Also while it starts.
            victims.forEach(victim => server.spawn(victim));
            await pass(random.between(1, 60));
            await Promise.all(victims.map(victim => victim.program.kill()));
        }
        await pass(random.between(0, 30));
        await server.start();
    }
}

test(`nothing promised is lost and nothing settled returns over ${Kills} kills, seed ${Seed}`,
     { timeout: (120 + Kills * 3) * 1_000 }, async () => {
    const chosen = settings(new Random(Seed, 'settings'));
    console.log(`seed ${Seed}, settings`, chosen);
    const server = await Server.create(chosen);
    const ledger = new Ledger();
    const report = text => ledger.faults.push(text);
    const subscribers = [];
    const traffic = [];
    let passed = false;
    try {
        await server.start();
        subscribers.push(...Clients.map((manner, index) => new Subscriber(
            server.connectUrl, manner, new Random(Seed, `client ${index}`), report)));
        for (const [index, subscriber] of subscribers.entries()) {
            await subscriber.begin(Array.from({ length: ChannelsEach }, (_, channel) =>
                ledger.channel(`${index}.${channel} (${Clients[index]})`)));
        }
        traffic.push(...subscribers.flatMap(subscriber => subscriber.subscriptions).map(
            (subscription, index) => new Traffic(subscription, new Random(Seed, `push ${index}`))));
        traffic.forEach(each => each.begin());

        await crash(server, ledger, new Random(Seed, 'kills'));
        await Promise.all(traffic.map(each => each.end()));
        assert.deepEqual(ledger.faults, []);

        // All who are owed something come, and a last push per channel comes after all of it.
        const lastPush = async () => {
            const last = await Promise.all(traffic.map(
                each => until('a 201 to the last push', () => each.push())));
            const channels = subscribers.flatMap(each => each.subscriptions);
            await until('the last push of each channel', () => ledger.faults.length > 0
                || channels.every(({ channel }, index) => channel.isDelivered(last[index]))
                || undefined, 60_000);
        };
        await Promise.all(subscribers.map(each => each.settle()));
        await lastPush();
        assert.deepEqual(ledger.faults, []);
        assert.equal(ledger.counts.owed, 0, 'pushes answered 201 never came');

        // All is acknowledged now: the next connection brings only what is new.
        await Promise.all(subscribers.map(each => each.barrier()));
        const before = ledger.counts;
        await Promise.all(subscribers.map(each => each.comeBack()));
        await lastPush();
        assert.deepEqual(ledger.faults, []);
        assert.equal(ledger.counts.deliveries - before.deliveries,
                     ledger.counts.accepted - before.accepted, 'settled pushes came again');

        await Promise.all(subscribers.map(each => each.end()));
        console.log(`seed ${Seed}, ${Kills} kills:`, ledger.counts);
        assert.ok(ledger.counts.accepted > Kills, 'hardly anything was sent');
        passed = true;
    } finally {
        if (!passed)
            console.log(`seed ${Seed}:`, ledger.counts, ledger.faults.slice(0, 10));
        await server.remove({ failed: !passed });
        // All of them, or this process would go on for ever.
        await Promise.allSettled([...subscribers, ...traffic].map(each => each.end()));
        traffic.forEach(each => each.close());
    }
});
