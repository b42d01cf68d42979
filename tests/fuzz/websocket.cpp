// SPDX-License-Identifier: MPL-2.0
// Frames as a WebSocket client sends them, beside a reader that has all bytes at once and no state;
// and frames of our own writing, read again.
#include "server/net/websocket/websocketframe.h"
#include "server/net/websocket/websocketreader.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/utf8oracle.h"

#include <optional>

namespace Carillon::Fuzz {
namespace {

struct Event
{
    Opcode opcode = Opcode::Text;
    QByteArray payload;
    bool operator==(const Event &) const = default;
};

/// What came of a connection's bytes.
struct Transcript
{
    std::vector<Event> events;
    std::optional<ErrorCode> error;
    bool isIdle = true; // at the end, if there was no error
    bool operator==(const Transcript &) const = default;
};

Transcript read(QByteArrayView bytes, std::int64_t limit, Cutting cutting)
{
    Transcript transcript;
    WebSocketReader reader(limit);
    Pieces pieces(bytes, cutting);
    for (auto rest = pieces.next(); !rest.empty(); rest = pieces.next()) {
        for (;;) {
            const std::size_t before = rest.size();
            const auto input = reader.next(rest);
            if (!input) {
                transcript.error = input.error();
                return transcript;
            }
            if (!*input) {
                require(rest.empty(), "a reader that wants more has taken all");
                break;
            }
            require(rest.size() < before, "every frame takes bytes");
            transcript.events.push_back({ (*input)->opcode, (*input)->payload.toByteArray() });
        }
    }
    transcript.isIdle = reader.isIdle();
    return transcript;
}

/// RFC 6455 §5 by the book, over bytes that are all there.
class Oracle
{
public:
    Oracle(QByteArrayView bytes, std::int64_t limit) : m_rest(bytes), m_limit(limit) { }

    Transcript run()
    {
        while (m_rest.size() >= 2 && !m_transcript.error)
            readFrame();
        m_transcript.isIdle = m_rest.isEmpty() && !m_isInMessage && !m_isInFrame;
        if (m_transcript.error)
            m_transcript.isIdle = true;
        return m_transcript;
    }

private:
    [[nodiscard]] std::uint8_t at(qsizetype index) const
    {
        return static_cast<std::uint8_t>(m_rest[index]);
    }

    void fail(ErrorCode why) { m_transcript.error = why; }

    void readFrame()
    {
        const bool isFinal = (at(0) & 0x80) != 0;
        const int opcode = at(0) & 0xf;
        const bool isControl = opcode >= 8;
        const int shortLength = at(1) & 0x7f;
        const bool isKnown = opcode <= 2 || (opcode >= 8 && opcode <= 10);
        if ((at(0) & 0x70) != 0 || (at(1) & 0x80) == 0 || !isKnown)
            return fail(ErrorCode::ProtocolViolation);
        if (isControl && (!isFinal || shortLength > 125))
            return fail(ErrorCode::ProtocolViolation);
        if (!isControl && (opcode == 0) != m_isInMessage)
            return fail(ErrorCode::ProtocolViolation);
        if (opcode == 2)
            return fail(ErrorCode::BinaryMessage);

        const qsizetype lengthBytes = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0;
        const qsizetype headerSize = 2 + lengthBytes + 4;
        m_isInFrame = m_rest.size() < headerSize;
        if (m_isInFrame) {
            m_rest = {};
            return;
        }
        quint64 length = lengthBytes == 0 ? quint64(shortLength) : 0;
        for (qsizetype i = 0; i < lengthBytes; ++i)
            length = length * 256 + at(2 + i);
        const quint64 least = lengthBytes == 2 ? 126 : lengthBytes == 8 ? 65'536 : 0;
        if (length < least || length > (quint64 { 1 } << 63) - 1)
            return fail(ErrorCode::ProtocolViolation);
        if (!isControl && length > quint64(m_limit - m_message.size()))
            return fail(ErrorCode::MessageTooBig);

        const QByteArrayView mask = m_rest.sliced(headerSize - 4, 4);
        m_rest = m_rest.sliced(headerSize);
        const auto size = qsizetype(std::min(length, quint64(m_rest.size())));
        QByteArray payload;
        for (qsizetype i = 0; i < size; ++i)
            payload.append(static_cast<char>(m_rest[i] ^ mask[i % 4]));
        m_rest = m_rest.sliced(size);
        m_isInFrame = quint64(size) < length;
        if (isControl)
            takeControl(static_cast<Opcode>(opcode), payload);
        else
            takeText(payload, isFinal);
    }

    void takeControl(Opcode opcode, const QByteArray &payload)
    {
        if (m_isInFrame)
            return;
        if (opcode == Opcode::Close && !payload.isEmpty()) {
            const int code =
                payload.size() < 2 ? 0 : (payload[0] & 0xff) * 256 + (payload[1] & 0xff);
            // RFC 6455 §7.4: 1004 to 1006 and 1015 are never sent; 3000 and more are free.
            const bool isDefined = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
            if (!isDefined && (code < 3000 || code > 4999))
                return fail(ErrorCode::ProtocolViolation);
            if (!isUtf8(payload.mid(2)))
                return fail(ErrorCode::InvalidUtf8);
        }
        m_transcript.events.push_back({ opcode, payload });
    }

    void takeText(const QByteArray &payload, bool isFinal)
    {
        m_isInMessage = true;
        m_message += payload;
        const bool ends = isFinal && !m_isInFrame;
        if (ends ? !isUtf8(m_message) : !isStartOfUtf8(m_message))
            return fail(ErrorCode::InvalidUtf8);
        if (!ends)
            return;
        m_transcript.events.push_back({ Opcode::Text, std::exchange(m_message, {}) });
        m_isInMessage = false;
    }

    QByteArrayView m_rest;
    std::int64_t m_limit;
    QByteArray m_message;
    bool m_isInMessage = false;
    bool m_isInFrame = false;
    Transcript m_transcript;
};

/// A frame of our server's writer, masked and made a fragment as a client's.
QByteArray asClients(QByteArray frame, qsizetype payloadSize, bool isFinal, Dice &dice)
{
    const qsizetype headerSize = frame.size() - payloadSize;
    QByteArray mask;
    for (int i = 0; i < 4; ++i)
        mask.append(static_cast<char>(dice.below(256)));
    for (qsizetype i = 0; i < payloadSize; ++i)
        frame[headerSize + i] = static_cast<char>(frame[headerSize + i] ^ mask[i % 4]);
    if (!isFinal)
        frame[0] = static_cast<char>(frame[0] & 0x7f);
    frame[1] = static_cast<char>(frame[1] | 0x80);
    return frame.insert(headerSize, mask);
}

QByteArray fragment(Opcode opcode, QByteArrayView payload, bool isFinal, Dice &dice)
{
    QByteArray frame;
    appendFrame(frame, opcode, payload);
    return asClients(std::move(frame), payload.size(), isFinal, dice);
}

/// The same events in other fragments, under other masks.
QByteArray written(const std::vector<Event> &events, Dice &dice)
{
    QByteArray bytes;
    for (const Event &event : events) {
        Opcode opcode = event.opcode;
        QByteArrayView rest = event.payload;
        while (event.opcode == Opcode::Text && dice.below(2) == 0) {
            const auto size = qsizetype(dice.below(std::size_t(rest.size()) + 1));
            bytes += fragment(opcode, rest.first(size), false, dice);
            rest = rest.sliced(size);
            opcode = Opcode::Continuation;
        }
        bytes += fragment(opcode, rest, true, dice);
    }
    return bytes;
}

/// A Close frame of ours is one that we would take, and says what it was given as far as it fits.
void checkClose(const Event &close, QByteArrayView longReason, Dice &dice)
{
    const int code = (close.payload[0] & 0xff) * 256 + (close.payload[1] & 0xff);
    for (const QByteArrayView reason : { QByteArrayView(close.payload).sliced(2), longReason }) {
        QByteArray frame;
        appendCloseFrame(frame, code, reason);
        const qsizetype size = frame.size() - 2;
        const auto again =
            read(asClients(std::move(frame), size, true, dice), MaxControlPayload, Cutting::Whole);
        require(again.events.size() == 1 && again.events.front().opcode == Opcode::Close,
                "a close frame of ours is taken");
        const QByteArray payload = again.events.front().payload;
        require(payload.first(2) == close.payload.first(2), "its code is the one given");
        require(reason.startsWith(payload.sliced(2)), "its reason begins as the one given");
        require(reason.size() > MaxControlPayload - 2 || payload.size() == 2 + reason.size(),
                "a reason that fits is sent whole");
    }
}

} // namespace

void check(QByteArrayView input)
{
    for (const std::int64_t limit : { 64 * 1024, 12 }) {
        const Transcript expected = Oracle(input, limit).run();
        for (const Cutting cutting : AllCuttings) {
            const Transcript transcript = read(input, limit, cutting);
            require(transcript == expected, "frames mean what RFC 6455 says, however they come");
        }
        Dice dice(input);
        Transcript valid { expected.events, {}, true };
        require(read(written(valid.events, dice), limit, Cutting::Random) == valid,
                "what is written again is read the same");
        for (const Event &event : expected.events) {
            if (event.opcode == Opcode::Close && !event.payload.isEmpty())
                checkClose(event, isUtf8(input) ? input : QByteArrayView(), dice);
        }
    }
}

} // namespace Carillon::Fuzz
