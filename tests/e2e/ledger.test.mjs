// SPDX-License-Identifier: MPL-2.0
// The judge of the crash test sees each way in which a promise can be broken.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger } from './support/ledger.mjs';

/// A channel with so many pushes posted, all answered 201.
function channelWith(count) {
    const ledger = new Ledger();
    const channel = ledger.channel('a');
    for (let number = 0; number < count; ++number)
        channel.answered(channel.begin(), 201);
    return { ledger, channel };
}

test('pushes that come in order, again until their ack is committed, are in order', () => {
    const { ledger, channel } = channelWith(3);
    channel.came(0, -1);
    channel.came(1, 0);
    channel.came(0, -1);
    channel.settle(0);
    channel.came(1, -1);
    channel.came(2, 1);
    assert.deepEqual(ledger.faults, []);
    assert.equal(ledger.counts.owed, 0);
    assert.equal(ledger.counts.repeated, 2);
});

test('a push that never comes is owed', () => {
    const { ledger, channel } = channelWith(2);
    channel.came(0, -1);
    assert.equal(ledger.counts.owed, 1);
});

test('a push without an answer is not owed, and may come', () => {
    const { ledger, channel } = channelWith(0);
    channel.answered(channel.begin(), undefined);
    channel.answered(channel.begin(), undefined);
    channel.came(1, -1);
    assert.deepEqual(ledger.faults, []);
    assert.equal(ledger.counts.owed, 0);
});

for (const [name, fault, happen] of [
    ['comes twice on one connection', /0 \(delivered before\) came after 0/, channel => {
        channel.came(0, -1);
        channel.came(0, 0);
    }],
    ['is overtaken', /1 came before 0/, channel => channel.came(1, -1)],
    ['comes after a later one', /0 \(delivered before\) came after 1/, channel => {
        channel.came(0, -1);
        channel.came(1, 0);
        channel.came(0, 1);
    }],
    ['comes again after its ack was committed', /0 came again/, channel => {
        channel.came(0, -1);
        channel.settle(0);
        channel.came(0, -1);
    }],
    ['was never posted', /9 was never posted/, channel => channel.came(9, -1)],
    ['found no server and comes', /2 was never posted/, channel => {
        channel.unsent(channel.begin());
        channel.came(0, -1);
        channel.came(1, 0);
        channel.came(2, 1);
    }],
    ['is answered 410', /answered 410/, channel => channel.answered(channel.begin(), 410)],
]) {
    test(`a push that ${name} is a fault`, () => {
        const { ledger, channel } = channelWith(2);
        happen(channel);
        assert.match(ledger.faults.join(), fault);
    });
}
