// SPDX-License-Identifier: MPL-2.0
// Bounded waits. Nothing in these tests sleeps for something that can be awaited.

/// How long a test waits for what must come; never reached when all is well.
export const Patience = 20_000;

/// The promise's outcome, or an error that says what did not come.
export async function within(milliseconds, what, promise) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what} did not come in ${milliseconds} ms`)),
                           milliseconds);
    });
    try {
        return await Promise.race([promise, late]);
    } finally {
        clearTimeout(timer);
    }
}

/// Time that has to pass: the expiry of a TTL, a back-off.
export function pass(milliseconds) {
    return new Promise(resolve => setTimeout(resolve, milliseconds));
}

/// Calls attempt until it gives a value; its errors and undefined mean "not yet".
export async function until(what, attempt, milliseconds = Patience) {
    const deadline = Date.now() + milliseconds;
    let reason;
    while (Date.now() < deadline) {
        try {
            const value = await attempt();
            if (value !== undefined)
                return value;
        } catch (error) {
            reason = error;
        }
        await pass(20);
    }
    throw new Error(`${what} did not come in ${milliseconds} ms`, { cause: reason });
}

/// What arrives one by one, and who waits for it. Items stay until they are taken.
export class Inbox {
    #items = [];
    #waiting = [];
    #ended;

    put(item) {
        this.#items.push(item);
        this.#serve();
    }

    /// No more will come: those who wait fail, as all who come later.
    end(reason = new Error('ended')) {
        this.#ended ??= reason;
        this.#serve();
    }

    /// Takes the first item that fits.
    take(what, fits = () => true, milliseconds = Patience) {
        return within(milliseconds, what, new Promise((resolve, reject) => {
            this.#waiting.push({ fits, resolve, reject });
            this.#serve();
        }));
    }

    /// All that is here and was not taken.
    takeAll() {
        return this.#items.splice(0);
    }

    #serve() {
        this.#waiting = this.#waiting.filter(({ fits, resolve, reject }) => {
            const index = this.#items.findIndex(fits);
            if (index >= 0)
                resolve(this.#items.splice(index, 1)[0]);
            else if (this.#ended)
                reject(this.#ended);
            else
                return true;
            return false;
        });
    }
}
