// SPDX-License-Identifier: MPL-2.0
// The same frames as in conformance.test.mjs, those that end a connection, before the program itself:
// what a session is told in between must not change how it ends.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Server } from './support/server.mjs';
import { brief, closeFrame, Cuts, frame, head, Opcode, WirePeer } from './support/wire.mjs';
import { Closing, Fragmentation, Framing, Opcodes, PingsAndPongs, ReservedBits, Utf8 }
    from './support/websocketcases.mjs';

const MessageLimit = 65_536; // connect.max_message_bytes
const Hello = '{"messageType":"hello","use_webpush":true}';

let server;
let failures = 0;

before(async () => {
    server = await Server.create({ transport: 'native' });
    await server.start();
}, { timeout: 60_000 });

after(() => server?.remove({ failed: failures > 0 }));

function check(name, run) {
    test(name, { timeout: 60_000 }, () => run().catch(error => {
        ++failures;
        throw error;
    }));
}

/// A client that was answered its hello.
async function client(cut = Cuts.whole) {
    const peer = await WirePeer.open(server.connectPort, 'push-notification');
    await peer.send(cut([frame(Opcode.text, Hello)]));
    await peer.next('the answer to hello');
    assert.equal(JSON.parse(peer.lastMessage).status, 200);
    return peer;
}

async function closes(frames, codes) {
    const peer = await client();
    await peer.send(Cuts.whole(frames));
    await peer.expectEnd(codes);
    peer.leave();
}

describe('what ends a connection', () => {
    const all = [Framing, PingsAndPongs, ReservedBits, Opcodes, Fragmentation, Utf8, Closing].flat();
    for (const { id, says, frames, hears, fails, answers } of all) {
        if (!hears && (fails || answers))
            check(`${id}: ${says}`, () => closes(frames, fails ?? answers));
    }
    check('a message over the limit, by its head',
          () => closes([head(0x81, MessageLimit + 1)], [1009]));
    check('a message over the limit, by its second fragment',
          () => closes([frame(Opcode.text, ' ', { fin: false }), head(0x80, MessageLimit, { bytes: 8 })],
                       [1009]));
    check('a message of exactly the limit is read, and is no JSON',
          () => closes([frame(Opcode.text, ' '.repeat(MessageLimit))], [1011]));
});

describe('what does not', () => {
    check('a hello octet by octet', async () => {
        const peer = await client(Cuts.octets);
        await peer.send([closeFrame(1000)]);
        await peer.expectEnd([1000]);
        peer.leave();
    });
    check('a ping around a pong that nobody asked for', async () => {
        const peer = await client();
        await peer.send(Cuts.whole([frame(Opcode.pong, 'x'), frame(Opcode.ping, 'y')]));
        assert.equal(await peer.next('a pong'), `pong ${brief('y')}`);
        await peer.send([closeFrame(1001)]);
        await peer.expectEnd([1001]);
        peer.leave();
    });
});
