// SPDX-License-Identifier: MPL-2.0
// A WebSocket client that says what it is told, right or wrong, over a socket of its own. Frames are
// made and read by the npm library ws, which knows nothing of the server.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import net from 'node:net';
import { Receiver, Sender } from 'ws';
import { Inbox, within, Patience } from './waiting.mjs';

export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const Guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/// A frame as it goes on the wire: masked, final, without reserved bits unless told otherwise.
export function frame(opcode, payload = '', { fin = true, rsv = 0, mask = true } = {}) {
    const bytes = Buffer.concat(Sender.frame(Buffer.from(payload), { opcode, fin, mask })
        .map(part => Buffer.from(part)));
    bytes[0] |= rsv << 4;
    return bytes;
}

/// A frame's head that announces a length in so many bytes of it (0, 2 or 8), whatever comes then.
export function head(first, length, { bytes = 8, mask = true } = {}) {
    const field = Buffer.alloc(bytes);
    if (bytes === 8)
        field.writeBigUInt64BE(BigInt(length));
    else if (bytes === 2)
        field.writeUInt16BE(length);
    const short = bytes === 8 ? 127 : bytes === 2 ? 126 : length;
    // A mask of zeros leaves what follows as it is.
    return Buffer.concat([Buffer.from([first, (mask ? 0x80 : 0) | short]), field,
                          Buffer.alloc(mask ? 4 : 0)]);
}

export function closeFrame(code, reason = '') {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    return frame(Opcode.close, Buffer.concat([payload, Buffer.from(reason)]));
}

/// A payload in a few characters: what a long one is, its length and hash tell.
export function brief(payload) {
    const bytes = Buffer.from(payload);
    return bytes.length <= 64
        ? bytes.toString('hex')
        : `${bytes.length} bytes, ${createHash('sha1').update(bytes).digest('hex').slice(0, 12)}`;
}

/// Ways to hand bytes over. The kernel may join what comes apart; tst_websocketframe cuts for sure.
export const Cuts = {
    whole: frames => [Buffer.concat(frames)],
    frames: frames => frames,
    octets: frames => [...Buffer.concat(frames)].map(byte => Buffer.from([byte])),
};

export class WirePeer {
    #socket;
    #receiver;
    /// What the server said: "text <payload>", "pong <payload>", "close <code> <reason>", "end", or a
    /// fault such as "reset" or "not a server's frame: …".
    #events = new Inbox();
    #isConcluded = false;
    /// The last message heard, whole.
    lastMessage;

    /// Connects to a port of loopback and upgrades.
    static async open(port, subprotocol = 'echo') {
        const peer = new WirePeer();
        const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
        peer.#socket = socket;
        const key = randomBytes(16).toString('base64');
        const answer = new Promise((resolve, reject) => {
            socket.once('error', reject);
            socket.once('readable', () => resolve(socket.read()?.toString('latin1') ?? ''));
        });
        socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n`
            + `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`
            + `Sec-WebSocket-Protocol: ${subprotocol}\r\n\r\n`);
        const text = await within(Patience, 'the answer to an upgrade', answer);
        const accept = createHash('sha1').update(key + Guid).digest('base64');
        if (!text.startsWith('HTTP/1.1 101 ') || !text.includes(accept) || !text.endsWith('\r\n\r\n'))
            throw new Error(`the upgrade was answered ${JSON.stringify(text)}`);
        peer.#listen();
        return peer;
    }

    /// Writes pieces one by one, each handed to the kernel before the next.
    async send(pieces) {
        for (const piece of pieces) {
            if (this.#socket.destroyed)
                return;
            await new Promise(resolve => this.#socket.write(piece, () => setImmediate(resolve)));
        }
    }

    /// The next thing the server said.
    next(what) {
        return this.#events.take(what);
    }

    /// A Close with one of the codes, then the end of TCP, and nothing else.
    async expectEnd(codes) {
        const [word, code] = (await this.next('a Close')).split(' ');
        assert.equal(word, 'close');
        assert.ok(codes.includes(Number(code)), `closed with ${code}, not ${codes.join(' or ')}`);
        assert.equal(await this.next('the end of TCP'), 'end');
    }

    leave() {
        this.#socket.destroy();
    }

    #listen() {
        const events = this.#events;
        this.#receiver = new Receiver({ isServer: false, allowSynchronousEvents: true })
            .on('message', (data, isBinary) => {
                this.lastMessage = data;
                events.put(`${isBinary ? 'binary' : 'text'} ${brief(data)}`);
            })
            .on('ping', data => events.put(`ping ${brief(data)}`))
            .on('pong', data => events.put(`pong ${brief(data)}`))
            .on('conclude', (code, reason) => {
                this.#isConcluded = true;
                events.put(`close ${code} ${reason}`);
            })
            .on('error', error => events.put(`not a server's frame: ${error.message}`));
        this.#socket.on('data', bytes => {
            if (this.#isConcluded)
                events.put(`bytes behind the Close: ${brief(bytes)}`);
            else
                this.#receiver.write(bytes);
        }).on('end', () => events.put('end')).removeAllListeners('error')
            .on('error', error => events.put(error.code === 'ECONNRESET' ? 'reset' : error.code));
        this.#socket.resume();
    }
}
