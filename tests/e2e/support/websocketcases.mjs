// SPDX-License-Identifier: MPL-2.0
// What RFC 6455 wants of a server, numbered by the chapters of Autobahn's public list of cases
// (crossbario/autobahn-testsuite), in our own words and bytes. Left out: 12 and 13 (compression, which
// Carillon does not offer). Binary messages are none of a push server's: their cases expect 1003.
//
// A case: { id, says, frames, hears, fails, only }. The frames are sent; `hears` must come, no more and
// no less, in this order; then, if it `fails`, a Close with (one of) these codes, else our Close is
// answered. `only` names the one way to cut the bytes that it is about. Nothing is sent behind what
// must fail, so that whoever waits for more is found out.
import { brief, closeFrame, frame, head, Opcode } from './wire.mjs';

const { continuation, binary, close, ping, pong } = Opcode;
const text = (payload, options) => frame(Opcode.text, payload, options);
const more = (payload, options) => frame(continuation, payload, options);
const open = { fin: false };
const hex = digits => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const says = payload => `text ${brief(payload)}`;
const pongs = payload => `pong ${brief(payload)}`;

function pieces(bytes, size) {
    const list = [];
    for (let at = 0; at < bytes.length; at += size)
        list.push(bytes.subarray(at, at + size));
    return list;
}

/// A text in fragments of so many bytes.
function fragments(payload, size) {
    const bytes = Buffer.from(payload);
    const list = [];
    for (let at = 0; at === 0 || at < bytes.length; at += size) {
        list.push(frame(at === 0 ? Opcode.text : continuation, bytes.subarray(at, at + size),
                        { fin: at + size >= bytes.length }));
    }
    return list;
}

const Noise = hex('00fffefdfcfb00ff');
const Greek = 'Hello-µ@ßöäüàá-UTF-8!!';

export const Framing = [
    ...[0, 125, 126, 127, 128, 65_535, 65_536].map((size, index) => (
        { id: `1.1.${index + 1}`, says: `a text of ${size} bytes comes back`,
          frames: [text('*'.repeat(size))], hears: [says('*'.repeat(size))] })),
    { id: '1.1.8', says: 'a text of 65536 bytes in pieces of 997 comes back', only: 'frames',
      frames: pieces(text('*'.repeat(65_536)), 997), hears: [says('*'.repeat(65_536))] },
    ...[0, 125, 126, 127, 128, 65_535, 65_536].map((size, index) => (
        { id: `1.2.${index + 1}`, says: `a binary message of ${size} bytes is refused`,
          frames: [frame(binary, Buffer.alloc(size, 0xfe))], fails: [1003] })),
    { id: '1.2.8', says: 'a binary message is refused by its head', frames: [head(0x82, 65_536)],
      fails: [1003] },
    { id: '1.3.1', says: 'a length of 125 in 16 bits is not the shortest',
      frames: [head(0x81, 125, { bytes: 2 })], fails: [1002] },
    { id: '1.3.2', says: 'a length of 65535 in 64 bits is not the shortest',
      frames: [head(0x81, 65_535)], fails: [1002] },
    { id: '1.3.3', says: 'a length with the highest bit set is none',
      frames: [head(0x81, 1n << 63n)], fails: [1002] },
    { id: '1.3.4', says: 'a frame without a mask is refused',
      frames: [text('Hello', { mask: false })], fails: [1002] },
    { id: '1.3.5', says: 'a control frame without a mask is refused',
      frames: [frame(ping, 'Hello', { mask: false })], fails: [1002] },
    { id: '1.3.6', says: 'a missing mask is found before the payload',
      frames: [head(0x81, 100, { bytes: 0, mask: false })], fails: [1002] },
];

export const PingsAndPongs = [
    { id: '2.1', says: 'a ping without payload', frames: [frame(ping)], hears: [pongs('')] },
    { id: '2.2', says: 'a ping with a text', frames: [frame(ping, 'Hello, world!')],
      hears: [pongs('Hello, world!')] },
    { id: '2.3', says: 'a ping with bytes', frames: [frame(ping, Noise)], hears: [pongs(Noise)] },
    { id: '2.4', says: 'a ping of 125 bytes', frames: [frame(ping, Buffer.alloc(125, 0xfe))],
      hears: [pongs(Buffer.alloc(125, 0xfe))] },
    { id: '2.5', says: 'a ping of 126 bytes is too long',
      frames: [frame(ping, Buffer.alloc(126, 0xfe))], fails: [1002] },
    { id: '2.6', says: 'a ping of 125 bytes, octet by octet', only: 'octets',
      frames: [frame(ping, Buffer.alloc(125, 0xfe))], hears: [pongs(Buffer.alloc(125, 0xfe))] },
    { id: '2.7', says: 'an unsolicited pong without payload is passed over', frames: [frame(pong)] },
    { id: '2.8', says: 'an unsolicited pong with payload is passed over',
      frames: [frame(pong, 'unsolicited')] },
    { id: '2.9', says: 'only the ping behind an unsolicited pong is answered',
      frames: [frame(pong, 'unsolicited'), frame(ping, 'asked')], hears: [pongs('asked')] },
    { id: '2.10', says: 'ten pings, ten pongs, in order', // to one who reads them
      frames: Array.from({ length: 10 }, (_, index) => frame(ping, `payload-${index}`)),
      hears: Array.from({ length: 10 }, (_, index) => pongs(`payload-${index}`)) },
    { id: '2.11', says: 'ten pings, octet by octet', only: 'octets',
      frames: Array.from({ length: 10 }, (_, index) => frame(ping, `payload-${index}`)),
      hears: Array.from({ length: 10 }, (_, index) => pongs(`payload-${index}`)) },
];

export const ReservedBits = [
    { id: '3.1', says: 'a text with RSV3', frames: [text('Hello', { rsv: 1 })], fails: [1002] },
    { id: '3.2', says: 'a good text, then one with RSV2',
      frames: [text('good'), text('bad', { rsv: 2 })], hears: [says('good')], fails: [1002] },
    { id: '3.3', says: 'a good text, then one with RSV2 and RSV3', only: 'frames',
      frames: [text('good'), text('bad', { rsv: 3 })], hears: [says('good')], fails: [1002] },
    { id: '3.4', says: 'a good text, then one with RSV1, octet by octet', only: 'octets',
      frames: [text('good'), text('bad', { rsv: 4 })], hears: [says('good')], fails: [1002] },
    { id: '3.5', says: 'a binary message with RSV1 and RSV3',
      frames: [frame(binary, Noise, { rsv: 5 })], fails: [1002, 1003] },
    { id: '3.6', says: 'a ping with RSV1 and RSV2', frames: [frame(ping, 'x', { rsv: 6 })],
      fails: [1002] },
    { id: '3.7', says: 'a Close with all of them', frames: [frame(close, '', { rsv: 7 })],
      fails: [1002] },
];

/// Reserved opcodes alone, with payload, behind a good text, and behind one in other cuts.
function reserved(chapter, opcodes) {
    return opcodes.map((opcode, index) => {
        const bad = frame(opcode, index % 2 ? 'payload' : '');
        const id = `${chapter}.${index + 1}`;
        return index < 2
            ? { id, says: `opcode ${opcode}`, frames: [bad], fails: [1002] }
            : { id, says: `opcode ${opcode} behind a text`, frames: [text('good'), bad],
                hears: [says('good')], fails: [1002] };
    });
}

export const Opcodes = [...reserved('4.1', [3, 4, 5, 6, 7]), ...reserved('4.2', [11, 12, 13, 14, 15])];

const five = ['one ', 'two ', 'three ', 'four ', 'five'];
const withPings = [
    text(five[0], open), more(five[1], open), frame(ping, 'first'), more(five[2], open),
    more(five[3], open), frame(ping, 'second'), more(five[4]),
];
const nothingToContinue = fin => ({ frames: [more('stray', { fin })], fails: [1002] });

export const Fragmentation = [
    { id: '5.1', says: 'a ping in two fragments', frames: [frame(ping, 'one', open)], fails: [1002] },
    { id: '5.2', says: 'a pong in two fragments', frames: [frame(pong, 'one', open)], fails: [1002] },
    { id: '5.2b', says: 'a Close in two fragments', frames: [frame(close, '', open)],
      fails: [1002] },
    ...['whole', 'frames', 'octets'].map((only, index) => (
        { id: `5.${index + 3}`, says: `a text in two fragments (${only})`, only,
          frames: [text('one', open), more('two')], hears: [says('onetwo')] })),
    ...['whole', 'frames', 'octets'].map((only, index) => (
        { id: `5.${index + 6}`, says: `a ping between two fragments (${only})`, only,
          frames: [text('one', open), frame(ping, 'ping'), more('two')],
          hears: [pongs('ping'), says('onetwo')] })),
    ...[true, false].flatMap((fin, half) => ['whole', 'frames', 'octets'].map((only, index) => (
        { id: `5.${9 + half * 3 + index}`, only, ...nothingToContinue(fin),
          says: `a continuation of nothing, ${fin ? 'final' : 'not final'} (${only})` }))),
    { id: '5.15', says: 'a text in two fragments, then a continuation of nothing',
      frames: [text('one', open), more('two'), more('three', open)], hears: [says('onetwo')],
      fails: [1002] },
    { id: '5.16', says: 'a continuation of nothing, not final, before a text',
      frames: [more('one', open)], fails: [1002] },
    { id: '5.17', says: 'a continuation of nothing, final, before a text', frames: [more('one')],
      fails: [1002] },
    { id: '5.18', says: 'a text begun within a text', frames: [text('one', open), text('two')],
      fails: [1002] },
    { id: '5.18b', says: 'a binary message begun within a text',
      frames: [text('one', open), frame(binary, 'two')], fails: [1002] },
    { id: '5.19', says: 'five fragments with two pings', only: 'frames', frames: withPings,
      hears: [pongs('first'), pongs('second'), says(five.join(''))] },
    { id: '5.20', says: 'five fragments with two pings at once', only: 'whole', frames: withPings,
      hears: [pongs('first'), pongs('second'), says(five.join(''))] },
    { id: '5.21', says: 'empty fragments without end to a text that has one',
      frames: [text('one', open), ...Array(1_000).fill(more('', open)), more('two')],
      hears: [says('onetwo')] },
    { id: '10.1.1', says: 'a text of 65536 bytes in fragments of 1300',
      frames: fragments('*'.repeat(65_536), 1_300), hears: [says('*'.repeat(65_536))] },
];

/// Good UTF-8: [id, what it is, hex].
const good = [
    ['6.5.1', 'a word of one and two bytes', 'ce ba e1 bd b9 cf 83 ce bc ce b5'],
    ['6.7.1', 'the first character of one byte', '00'],
    ['6.7.2', 'the first character of two bytes', 'c2 80'],
    ['6.7.3', 'the first character of three bytes', 'e0 a0 80'],
    ['6.7.4', 'the first character of four bytes', 'f0 90 80 80'],
    ['6.9.1', 'the last character of one byte', '7f'],
    ['6.9.2', 'the last character of two bytes', 'df bf'],
    ['6.9.3', 'the last character of three bytes', 'ef bf bf'],
    ['6.9.4', 'the last character of four bytes', 'f4 8f bf bf'],
    ['6.11.1', 'U+D7FF', 'ed 9f bf'],
    ['6.11.2', 'U+E000', 'ee 80 80'],
    ['6.11.3', 'U+FFFD', 'ef bf bd'],
    ['6.11.4', 'U+10FFFF', 'f4 8f bf bf'],
    // Characters that are none to Unicode are UTF-8 all the same: the last two of each plane.
    ...Array.from({ length: 17 }, (_, plane) => [0xfffe, 0xffff].map((low, index) => {
        const point = plane * 0x10000 + low;
        return [`6.22.${plane * 2 + index + 1}`, `U+${point.toString(16).toUpperCase()}`,
                Buffer.from(String.fromCodePoint(point)).toString('hex')];
    })).flat(),
    ...[0xfff9, 0xfffa, 0xfffb, 0xfffc, 0xfffd, 0xfffe, 0xffff].map((point, index) => (
        [`6.23.${index + 1}`, `U+${point.toString(16).toUpperCase()}`,
         Buffer.from(String.fromCodePoint(point)).toString('hex')])),
];

const lonely = (first, count) => Array.from(
    { length: count }, (_, index) => (first + index).toString(16) + '20').join('');
const halfCharacters = ['c0', 'e0 80', 'f0 80 80', 'f8 80 80 80', 'fc 80 80 80 80', 'df', 'ef bf',
                        'f7 bf bf', 'fb bf bf bf', 'fd bf bf bf bf'];
const surrogates = ['ed a0 80', 'ed ad bf', 'ed ae 80', 'ed af bf', 'ed b0 80', 'ed be 80',
                    'ed bf bf'];
const halves = ['ed a0 80', 'ed ad bf', 'ed ae 80', 'ed af bf'];

/// What is no UTF-8: [id, what it is, hex].
const bad = [
    ['6.3.1', 'a surrogate within a text',
     'ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64'],
    // Each beginning of a text that ends within a character.
    ...[1, 3, 4, 6, 8, 10].map((size, index) => (
        [`6.6.${index + 1}`, `the first ${size} bytes of a word`,
         'cebae1bdb9cf83cebcceb5'.slice(0, size * 2)])),
    ...[0, 1, 2, 3, 4].map(index => (
        [`6.6.${index + 7}`, `${3 - index % 3} bytes of four`,
         `41${'f48fbfbf'.slice(0, 2 * (3 - index % 3))}`])),
    ['6.8.1', 'the first sequence of five bytes', 'f8 88 80 80 80'],
    ['6.8.2', 'the first sequence of six bytes', 'fc 84 80 80 80 80'],
    ['6.10.1', 'the last sequence of four bytes', 'f7 bf bf bf'],
    ['6.10.2', 'the last sequence of five bytes', 'fb bf bf bf bf'],
    ['6.10.3', 'the last sequence of six bytes', 'fd bf bf bf bf bf'],
    ['6.11.5', 'U+110000', 'f4 90 80 80'],
    ['6.12.1', 'the first continuation byte', '80'],
    ['6.12.2', 'the last continuation byte', 'bf'],
    ...[2, 3, 4, 5, 6].map(count => (
        [`6.12.${count + 1}`, `${count} continuation bytes`, '80bf80bf80bf'.slice(0, count * 2)])),
    ['6.12.8', 'all continuation bytes',
     Array.from({ length: 64 }, (_, index) => (0x80 + index).toString(16)).join('')],
    ['6.13.1', 'all first bytes of two, alone', lonely(0xc0, 32)],
    ['6.13.2', 'all first bytes of three, alone', lonely(0xe0, 16)],
    ['6.13.3', 'all first bytes of four, alone', lonely(0xf0, 8)],
    ['6.13.4', 'all first bytes of five, alone', lonely(0xf8, 4)],
    ['6.13.5', 'all first bytes of six, alone', lonely(0xfc, 2)],
    ...halfCharacters.map((bytes, index) => (
        [`6.14.${index + 1}`, `${bytes} without its last byte`, bytes])),
    ['6.15.1', 'all of these in a row', halfCharacters.join('')],
    ['6.16.1', 'FE', 'fe'],
    ['6.16.2', 'FF', 'ff'],
    ['6.16.3', 'FE FE FF FF', 'fe fe ff ff'],
    ...['c0 af', 'e0 80 af', 'f0 80 80 af', 'f8 80 80 80 af', 'fc 80 80 80 80 af'].map(
        (bytes, index) => [`6.17.${index + 1}`, `a slash as ${bytes}`, bytes]),
    ...['c1 bf', 'e0 9f bf', 'f0 8f bf bf', 'f8 87 bf bf bf', 'fc 83 bf bf bf bf'].map(
        (bytes, index) => [`6.18.${index + 1}`, `too long by a byte: ${bytes}`, bytes]),
    ...['c0 80', 'e0 80 80', 'f0 80 80 80', 'f8 80 80 80 80', 'fc 80 80 80 80 80'].map(
        (bytes, index) => [`6.19.${index + 1}`, `NUL as ${bytes}`, bytes]),
    ...surrogates.map((bytes, index) => [`6.20.${index + 1}`, `the surrogate ${bytes}`, bytes]),
    ...halves.flatMap((high, index) => ['ed b0 80', 'ed bf bf'].map((low, second) => (
        [`6.21.${index * 2 + second + 1}`, `the surrogates ${high} ${low}`, `${high}${low}`]))),
];

/// Index of the byte that no continuation could mend, as another decoder sees it; undefined if there
/// is none but the text ends within a character.
function fault(bytes) {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    for (const [index, byte] of bytes.entries()) {
        try {
            decoder.decode(Uint8Array.of(byte), { stream: true });
        } catch {
            return index;
        }
    }
    return undefined;
}

/// What is bad must fail when its last good byte is past, in one frame as in fragments.
function badText([id, what, digits]) {
    const bytes = hex(digits);
    const at = fault(bytes);
    const cases = [{ id, says: `${what}, in one frame`, frames: [text(bytes)], fails: [1007] }];
    if (at === undefined) {
        cases.push({ id: `${id}f`, says: `${what}, in fragments of one byte`,
                     frames: fragments(bytes, 1), fails: [1007] });
    } else {
        cases.push(
            { id: `${id}f`, says: `${what}, at once, in fragments of one byte`, fails: [1007],
              frames: [...bytes.subarray(0, at + 1)].map((byte, index) => frame(
                  index === 0 ? Opcode.text : continuation, [byte], open)) },
            { id: `${id}p`, says: `${what}, at once, in an unfinished frame`, fails: [1007],
              frames: [head(0x81, 1_000, { bytes: 2 }), bytes.subarray(0, at + 1)] });
    }
    return cases;
}

const word = hex('ce ba e1 bd b9 cf 83 ce bc ce b5');
const beyond = hex('f4 90');
const fastCases = [
    // The head of a fragment that could only be wrong is too early, its third fragment too late.
    { id: '6.4.1', says: 'a bad second fragment fails before the third', fails: [1007],
      frames: [text(word, open), more(hex('f4 90 80 80'), open)] },
    { id: '6.4.2', says: 'the same when the character is cut', fails: [1007],
      frames: [text(Buffer.concat([word, hex('f4')]), open), more(hex('90'), open)] },
    { id: '6.4.3', says: 'a bad piece of a frame fails before its rest', fails: [1007],
      frames: [head(0x81, 100, { bytes: 0 }), word, hex('f4 90 80 80')] },
    { id: '6.4.4', says: 'the same by its first impossible byte', fails: [1007],
      frames: [head(0x81, 100, { bytes: 0 }), word, beyond] },
];

export const Utf8 = [
    { id: '6.1.1', says: 'an empty text', frames: [text('')], hears: [says('')] },
    { id: '6.1.2', says: 'three empty fragments', frames: [text('', open), more('', open), more('')],
      hears: [says('')] },
    { id: '6.1.3', says: 'only the second of three fragments is not empty',
      frames: [text('', open), more('middle', open), more('')], hears: [says('middle')] },
    { id: '6.2.1', says: 'a text with characters of two bytes', frames: [text(Greek)],
      hears: [says(Greek)] },
    { id: '6.2.2', says: 'the same in fragments between characters',
      frames: [text(Greek.slice(0, 9), open), more(Greek.slice(9))], hears: [says(Greek)] },
    { id: '6.2.3', says: 'the same in fragments of one byte', frames: fragments(Greek, 1),
      hears: [says(Greek)] },
    { id: '6.2.4', says: 'a word of three-byte characters in fragments of one byte',
      frames: fragments(word, 1), hears: [says(word)] },
    { id: '6.2.5', says: 'a ping within a character cut in two',
      frames: [text(word.subarray(0, 3), open), frame(ping, 'x'), more(word.subarray(3))],
      hears: [pongs('x'), says(word)] },
    ...fastCases,
    ...good.flatMap(([id, what, digits]) => [
        { id, says: what, frames: [text(hex(digits))], hears: [says(hex(digits))] },
        { id: `${id}f`, says: `${what}, in fragments of one byte`, frames: fragments(hex(digits), 1),
          hears: [says(hex(digits))] }]),
    ...bad.flatMap(badText),
];

const stray = [frame(ping, 'late'), text('late')];
const rawClose = payload => frame(close, payload);
const code = number => hex(number.toString(16).padStart(4, '0'));
const longReason = '*'.repeat(123);

/// Cases whose own Close is the one that is answered: `answers` lists the codes allowed.
export const Closing = [
    { id: '7.1.1', says: 'a text, then a Close', frames: [text('Hello'), closeFrame(1000)],
      hears: [says('Hello')], answers: [1000] },
    { id: '7.1.2', says: 'a second Close', frames: [closeFrame(1000), closeFrame(1000)],
      answers: [1000] },
    { id: '7.1.3', says: 'a ping behind a Close', frames: [closeFrame(1000), stray[0]],
      answers: [1000] },
    { id: '7.1.4', says: 'a text behind a Close', frames: [closeFrame(1000), stray[1]],
      answers: [1000] },
    { id: '7.1.5', says: 'a Close within a text', answers: [1000],
      frames: [text('one', open), closeFrame(1000), more('two')] },
    { id: '7.1.6', says: 'a text of 256 KiB, then a Close and a ping', answers: [1000],
      frames: [text('*'.repeat(262_144)), closeFrame(1000), stray[0]],
      hears: [says('*'.repeat(262_144))] },
    { id: '7.3.1', says: 'a Close without payload', frames: [rawClose('')], answers: [1005, 1000] },
    { id: '7.3.2', says: 'a Close of one byte', frames: [rawClose(hex('03'))], fails: [1002] },
    { id: '7.3.3', says: 'a Close with a code', frames: [closeFrame(1000)], answers: [1000] },
    { id: '7.3.4', says: 'a Close with a code and a reason', frames: [closeFrame(1000, 'Hello!')],
      answers: [1000] },
    { id: '7.3.5', says: 'a reason as long as it may be', frames: [closeFrame(1000, longReason)],
      answers: [1000] },
    { id: '7.3.6', says: 'a reason that is longer', frames: [closeFrame(1000, `${longReason}*`)],
      fails: [1002] },
    { id: '7.5.1', says: 'a reason that is no UTF-8', fails: [1007, 1002],
      frames: [rawClose(Buffer.concat([code(1000), hex('ce ba ed a0 80')]))] },
    { id: '7.5.2', says: 'a reason that ends within a character', fails: [1007, 1002],
      frames: [rawClose(Buffer.concat([code(1000), hex('ce ba e1 bd')]))] },
    ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999].map(
        (number, index) => ({ id: `7.7.${index + 1}`, says: `a Close with ${number}`,
                              frames: [closeFrame(number)], answers: [number, 1000] })),
    ...[0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999].map((number, index) => (
        { id: `7.9.${index + 1}`, says: `a Close with ${number}, which nobody may say`,
          frames: [rawClose(code(number))], fails: [1002] })),
    { id: '7.9.10', says: 'a Close with 1015, which nobody may say', frames: [rawClose(code(1015))],
      fails: [1002] },
    ...[5000, 65_535].map((number, index) => (
        { id: `7.13.${index + 1}`, says: `a Close with ${number}, which is nobody's`,
          frames: [rawClose(code(number))], fails: [1002] })),
];

const MiB = 1 << 20;

/// Sizes up to the limit that the echo server was given: 4 MiB.
export const Limits = [
    ...[65_536, 262_144, MiB, 4 * MiB].map((size, index) => (
        { id: `9.1.${index + 1}`, says: `a text of ${size} bytes`, only: 'whole',
          frames: [text('*'.repeat(size))], hears: [says('*'.repeat(size))] })),
    ...[64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, MiB].map((size, index) => (
        { id: `9.3.${index + 1}`, says: `a text of 1 MiB in fragments of ${size}`, only: 'whole',
          frames: fragments('*'.repeat(MiB), size), hears: [says('*'.repeat(MiB))] })),
    ...[64, 256, 2_048].map((size, index) => (
        { id: `9.5.${index + 1}`, says: `a text of 128 KiB in pieces of ${size}`, only: 'frames',
          frames: pieces(text('*'.repeat(131_072)), size), hears: [says('*'.repeat(131_072))] })),
    ...[0, 16, 64, 256, 1_024, 4_096].map((size, index) => (
        { id: `9.7.${index + 1}`, says: `a thousand texts of ${size} bytes`, only: 'whole',
          frames: Array(1_000).fill(text('*'.repeat(size))),
          hears: Array(1_000).fill(says('*'.repeat(size))) })),
    { id: '9.9.1', says: 'one byte over the limit, by its head', fails: [1009],
      frames: [head(0x81, 4 * MiB + 1)] },
    { id: '9.9.2', says: 'a length as large as one can be', fails: [1009],
      frames: [head(0x81, (1n << 63n) - 1n)] },
    { id: '9.9.3', says: 'over the limit by a fragment\'s head', fails: [1009],
      frames: [text('*', open), head(0x80, 4 * MiB)] },
    { id: '9.9.4', says: 'over the limit though no frame is', only: 'whole', fails: [1009],
      frames: [text('*'.repeat(3 * MiB), open), head(0x00, MiB + 1)] },
];
