// SPDX-License-Identifier: MPL-2.0
// Chance that can be replayed: the same seed gives the same choices.

/// A source of its own for each name, so that actors that run at the same time do not change each
/// other's choices.
export class Random {
    #state;

    constructor(seed, name = '') {
        this.#state = seed >>> 0;
        for (const character of name)
            this.#state = Math.imul(this.#state ^ character.charCodeAt(0), 0x01000193) >>> 0;
        this.#next();
    }

    /// A number from low to high, both included.
    between(low, high) {
        return low + Math.floor(this.#next() * (high - low + 1));
    }

    oneOf(list) {
        return list[this.between(0, list.length - 1)];
    }

    /// Whether something with this probability happens.
    happens(probability) {
        return this.#next() < probability;
    }

    // mulberry32: 32 bits of state, good enough for choices.
    #next() {
        this.#state = (this.#state + 0x6D2B79F5) >>> 0;
        let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    }
}
