// SPDX-License-Identifier: MPL-2.0
// What the server promised, what it delivered, and where the two do not fit (design.md §3.1). Pushes of
// a channel are numbered in the order in which they were posted, one after the other.

export class Channel {
    #name;
    #report;
    #next = 0;
    /// Answered 201, never delivered yet; in order.
    #owed = new Set();
    #accepted = new Set();
    #refused = new Set();
    #unknown = new Set();
    #unsent = new Set();
    #delivered = new Map();
    #settled = new Set();

    constructor(name, report) {
        this.#name = name;
        this.#report = report;
    }

    /// The number of the next push, which is about to be posted.
    begin() {
        return this.#next++;
    }

    /// The answer to its POST: a status, or undefined when the connection broke.
    answered(number, status) {
        if (status === 201) {
            this.#accepted.add(number);
            if (!this.#delivered.has(number))
                this.#owed.add(number);
        } else if (status === undefined) {
            this.#unknown.add(number);
        } else {
            this.#refused.add(number);
            if (status !== 503 && status !== 429)
                this.#fault(`push ${number} was answered ${status}`);
        }
    }

    /// There was no server to post it to.
    unsent(number) {
        this.#unsent.add(number);
    }

    /// It came, on a connection that had brought no number after last.
    came(number, last) {
        if (!(number < this.#next) || this.#unsent.has(number))
            this.#fault(`push ${number} was never posted`);
        if (number <= last)
            this.#fault(`push ${this.#told(number)} came after ${this.#told(last)} on one connection`);
        if (this.#settled.has(number))
            this.#fault(`push ${number} came again after its ack was committed`);
        this.#owed.delete(number);
        const [first] = this.#owed;
        if (first < number)
            this.#fault(`push ${number} came before ${first}, which had been answered 201`);
        this.#delivered.set(number, (this.#delivered.get(number) ?? 0) + 1);
    }

    /// Its ack is committed: it may not come again.
    settle(number) {
        this.#settled.add(number);
    }

    isDelivered(number) {
        return this.#delivered.has(number);
    }

    get counts() {
        const deliveries = [...this.#delivered.values()].reduce((sum, count) => sum + count, 0);
        return {
            posted: this.#next,
            accepted: this.#accepted.size,
            refused: this.#refused.size,
            unknown: this.#unknown.size,
            unsent: this.#unsent.size,
            deliveries,
            repeated: deliveries - this.#delivered.size,
            settled: this.#settled.size,
            owed: this.#owed.size,
        };
    }

    /// The number, with what a reader of a fault wants to know of that push.
    #told(number) {
        const words = [this.#unknown.has(number) ? 'unanswered' : '',
                       this.#delivered.has(number) ? 'delivered before' : ''].filter(word => word);
        return words.length > 0 ? `${number} (${words.join(', ')})` : String(number);
    }

    #fault(text) {
        this.#report(`channel ${this.#name}: ${text}`);
    }
}

export class Ledger {
    faults = [];
    #channels = [];

    channel(name) {
        const channel = new Channel(name, text => this.faults.push(text));
        this.#channels.push(channel);
        return channel;
    }

    /// Sums over all channels.
    get counts() {
        const sums = {};
        for (const channel of this.#channels) {
            for (const [name, count] of Object.entries(channel.counts))
                sums[name] = (sums[name] ?? 0) + count;
        }
        return sums;
    }
}
