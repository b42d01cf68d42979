// SPDX-License-Identifier: MPL-2.0
// A client with a manner: prompt, slow or mostly absent. It comes back whenever its connection ends,
// and writes what it sees into the ledger.
import { randomUUID } from 'node:crypto';
import { Client } from './client.mjs';
import { pass, until } from './waiting.mjs';

/// Milliseconds from and to, and probabilities.
export const Manners = {
    prompt: { stay: [3_000, 60_000], away: [0, 50], ackAfter: [0, 0], pause: 0, forget: 0 },
    slow: { stay: [100, 2_000], away: [0, 100], ackAfter: [5, 80], pause: 0.2, forget: 0.1 },
    absent: { stay: [50, 400], away: [300, 2_000], ackAfter: [0, 20], pause: 0, forget: 0.05 },
};

export class Subscriber {
    /// [{ id, endpoint, channel }] with channel of the ledger.
    subscriptions = [];
    #client;
    #manner;
    #random;
    #report;
    #settling = false; // stay, acknowledge everything
    #isSettled = false; // on a connection that does
    #stopping = false;
    #running;
    #wake = () => {};

    /// Faults that are no channel's go to report.
    constructor(url, manner, random, report) {
        this.#client = new Client(url);
        this.#manner = Manners[manner];
        this.#random = random;
        this.#report = report;
    }

    /// Makes its subscriptions while the server is up, then lives by its manner.
    async begin(channels) {
        await this.#client.open();
        for (const channel of channels) {
            const id = randomUUID();
            const endpoint = await this.#client.register(id);
            this.subscriptions.push({ id, endpoint, channel });
        }
        await this.#client.leave();
        this.#running = this.#live();
    }

    /// From now on it is there and acknowledges at once, whatever its manner was.
    async settle() {
        this.#settling = true;
        this.#wake();
        await until('the client that stays', () => this.#isSettled || undefined);
    }

    /// Leaves and comes back at once.
    async comeBack() {
        await this.#client.leave();
        await until('the client\'s return', () => this.#client.isOpen || undefined);
    }

    /// An answer that comes after its acks are committed; a client that settles has no others.
    async barrier() {
        await this.#client.barrier();
    }

    async end() {
        this.#stopping = true;
        this.#wake();
        await this.#client.leave();
        await this.#running;
    }

    async #live() {
        while (!this.#stopping) {
            const uaid = this.#client.uaid;
            try {
                await this.#visit();
            } catch {
                // The server is away or was killed meanwhile.
                await this.#client.leave();
                await pass(20);
            }
            if (this.#client.uaid !== uaid) {
                this.#report(`the client ${uaid} became ${this.#client.uaid}`);
                return;
            }
            await this.#pause(this.#manner.away);
        }
    }

    /// One connection from its beginning to its end.
    async #visit() {
        const settles = this.#settling;
        const visit = { last: new Map(), received: [], acked: [] };
        this.#client.onNotification = message => this.#received(visit, message);
        await this.#client.open();
        this.#isSettled = settles;
        const closed = this.#client.closed.then(() => visit.isOver = true);
        const acking = this.#acknowledge(visit, settles);
        closed.then(() => this.#wake());
        await (settles ? closed : this.#pause(this.#manner.stay));
        await this.#client.leave();
        await closed;
        visit.wake?.();
        await acking;
    }

    #received(visit, message) {
        const subscription = this.subscriptions.find(each => each.id === message.channelID);
        if (!subscription) {
            this.#report(`a push for an unknown channel ${message.channelID}`);
            return;
        }
        const number = Number(Buffer.from(message.data, 'base64url').toString().trim());
        subscription.channel.came(number, visit.last.get(subscription) ?? -1);
        visit.last.set(subscription, number);
        visit.received.push({ message, number, channel: subscription.channel });
        visit.wake?.();
    }

    /// Acknowledges what came, in groups, and learns from barriers what is settled.
    async #acknowledge(visit, settles) {
        while (!visit.isOver) {
            if (visit.received.length === 0) {
                await new Promise(resolve => visit.wake = resolve);
                continue;
            }
            const [least, most] = settles ? [0, 0] : this.#manner.ackAfter;
            if (most > 0)
                await pass(this.#random.between(least, most));
            if (visit.isOver)
                return;
            const group = visit.received.splice(0, this.#random.between(1, 40));
            const acked = group.filter(
                () => settles || !this.#random.happens(this.#manner.forget));
            // Acks may come in any order and grouping.
            acked.sort(() => this.#random.between(-1, 1));
            if (acked.length > 0)
                this.#client.ack(acked.map(each => each.message));
            visit.acked.push(...acked);
            if (this.#random.happens(0.1))
                this.#learn(visit.acked.splice(0));
            if (!settles && this.#random.happens(this.#manner.pause)) {
                this.#client.pause();
                await pass(this.#random.between(5, 100));
                this.#client.resume();
            }
        }
    }

    async #learn(acked) {
        try {
            await this.#client.barrier();
            acked.forEach(({ channel, number }) => channel.settle(number));
        } catch {
            // The connection ended first: they may come again.
        }
    }

    /// A stretch of time that settle() and end() cut short.
    async #pause([least, most]) {
        if (this.#settling || this.#stopping)
            return;
        await new Promise(resolve => {
            const timer = setTimeout(resolve, this.#random.between(least, most));
            this.#wake = () => {
                clearTimeout(timer);
                resolve();
            };
        });
    }
}
