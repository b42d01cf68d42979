// SPDX-License-Identifier: MPL-2.0
// RFC 6455 as another library's frames find it, case by case (support/websocketcases.mjs), against a
// server that sends every text back (tests/support/echoserver.cpp) over the transport that
// CARILLON_TRANSPORT names.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { Program } from './support/processes.mjs';
import { within, Patience } from './support/waiting.mjs';
import * as Cases from './support/websocketcases.mjs';
import { closeFrame, Cuts, WirePeer } from './support/wire.mjs';

const Transport = process.env.CARILLON_TRANSPORT ?? 'native';
/// Bytes beyond which one is not sent alone.
const MostOctets = 1_000;
/// Bytes up to which a case is also cut at each position.
const MostPositions = 48;

/// What the qt transport cannot pass: the cases, and why.
const Gaps = Transport === 'qt' ? [
    { ids: /^1\.3\.[456]$/, why: 'QWebSocket takes frames without a mask' },
    { ids: /^6\.2\.[345]$|^6\.(?:5|11|22|23)\.\d+f$|^6\.[79]\.[234]f$/,
      why: 'QWebSocket 6.4 decodes each fragment by itself' },
    { ids: /^1\.2\.8$|^9\.9\.[34]$|^6\.4\.[34]$|p$/, why: 'QWebSocket judges whole frames only' },
] : [];

let echo;
let port;

before(async () => {
    echo = new Program(process.env.CARILLON_ECHO,
                       [`transport=${Transport}`, `message=${4 << 20}`, `output=${64 << 20}`],
                       process.env);
    port = Number((await echo.line(/^listening on (\d+)$/))[1]);
}, { timeout: Patience });

after(async () => {
    echo.signal('SIGTERM');
    // A sanitizer's report is in its exit code.
    assert.equal(await within(Patience, 'the end of the server', echo.ended), 0, echo.log());
});

/// The ways to hand over a case's bytes.
function cutsOf({ frames, only }) {
    if (only)
        return { [only]: Cuts[only](frames) };
    const bytes = Buffer.concat(frames);
    const ways = { whole: Cuts.whole(frames), frames: Cuts.frames(frames) };
    if (bytes.length <= MostOctets)
        ways.octets = Cuts.octets(frames);
    for (let at = 1; bytes.length <= MostPositions && at < bytes.length; ++at)
        ways[`cut at ${at}`] = [bytes.subarray(0, at), bytes.subarray(at)];
    return ways;
}

async function run({ hears = [], fails, answers }, pieces) {
    const peer = await WirePeer.open(port);
    try {
        await peer.send(pieces);
        for (const expected of hears)
            assert.equal(await peer.next(expected), expected);
        if (!fails && !answers) {
            await peer.send([closeFrame(1000)]);
            await peer.expectEnd([1000]);
        } else {
            await peer.expectEnd(fails ?? answers);
        }
    } finally {
        peer.leave();
    }
}

for (const [chapter, cases] of Object.entries(Cases)) {
    describe(chapter, () => {
        for (const each of cases) {
            const gap = Gaps.find(({ ids }) => ids.test(each.id));
            test(`${each.id}: ${each.says}`, { skip: gap?.why, timeout: 60_000 }, async () => {
                for (const [way, pieces] of Object.entries(cutsOf(each))) {
                    await run(each, pieces).catch(error => {
                        throw new Error(`${way}: ${error.message}`, { cause: error });
                    });
                }
            });
        }
    });
}

describe('an ordinary client', () => {
    test('is echoed, is ponged and parts in peace', async () => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/`, 'echo');
        await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
        assert.equal(socket.protocol, 'echo');
        assert.equal(socket.extensions, '', 'compression is not accepted');
        const echoed = new Promise(resolve => socket.once('message', resolve));
        socket.send('Grüße');
        assert.equal((await within(Patience, 'the echo', echoed)).toString(), 'Grüße');
        const ponged = new Promise(resolve => socket.once('pong', resolve));
        socket.ping('are you there?');
        assert.equal((await within(Patience, 'the pong', ponged)).toString(), 'are you there?');
        const closed = new Promise(resolve => socket.once('close', resolve));
        socket.close(4321, 'enough');
        assert.equal(await within(Patience, 'the close', closed), 4321);
    });
});
