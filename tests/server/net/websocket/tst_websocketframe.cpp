// SPDX-License-Identifier: MPL-2.0
#include "server/net/websocket/websocketframe.h"
#include "server/net/websocket/websocketreader.h"
#include "tests/support/rawwebsocket.h"

#include <QTest>

#include <algorithm>

using namespace Carillon;
using Carillon::Testing::RawWebSocket;

namespace {

constexpr std::int64_t Limit = 1'000;

/// What came of it, as one word each: "text <text>", "ping <payload>", …, an error's name at last.
QByteArrayList read(WebSocketReader &reader, QByteArray piece)
{
    QByteArrayList words;
    std::span<char> bytes(piece.data(), static_cast<std::size_t>(piece.size()));
    for (;;) {
        const auto input = reader.next(bytes);
        if (!input)
            return words << errorName(input.error()).toByteArray();
        if (!*input)
            return words;
        const QByteArray payload = (*input)->payload.toByteArray();
        switch ((*input)->opcode) {
        case Opcode::Text:
            words << "text " + payload;
            break;
        case Opcode::Ping:
            words << "ping " + payload;
            break;
        case Opcode::Pong:
            words << "pong " + payload;
            break;
        case Opcode::Close:
            words << "close " + payload.toHex();
            break;
        case Opcode::Continuation:
        case Opcode::Binary:
            words << "a frame that is never given out";
            break;
        }
    }
}

QByteArrayList readWhole(const QByteArray &bytes)
{
    WebSocketReader reader(Limit);
    return read(reader, bytes);
}

QByteArray text(QByteArrayView payload, bool isFinal = true)
{
    return RawWebSocket::frame(RawWebSocket::Text, payload, { .isFinal = isFinal });
}

QByteArray more(QByteArrayView payload, bool isFinal = true)
{
    return RawWebSocket::frame(RawWebSocket::Continuation, payload, { .isFinal = isFinal });
}

QByteArray control(int opcode, QByteArrayView payload)
{
    return RawWebSocket::frame(opcode, payload);
}

QByteArray closeWith(int code, QByteArrayView reason = {})
{
    QByteArray payload;
    payload.append(static_cast<char>(code >> 8)).append(static_cast<char>(code)).append(reason);
    return control(RawWebSocket::Close, payload);
}

} // namespace

/// RFC 6455 §5, as pure functions of bytes.
class WebSocketFrameTest final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void input_isTheSame_whereverItIsCut_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArrayList>("words");
        const auto row = [](const char *name, const QByteArray &bytes,
                            const QByteArrayList &words) { QTest::newRow(name) << bytes << words; };
        const QByteArray every = "z\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x94";
        row("nothing", "", {});
        row("empty text", text(""), { "text " });
        row("text", text("hello"), { "text hello" });
        row("two texts", text("one") + text("two"), { "text one", "text two" });
        row("UTF-8 of every length", text(every), { "text " + every });
        row("the last of each length",
            text("\x7f\xdf\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80"),
            { "text \x7f\xdf\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80" });
        row("126 bytes", text(QByteArray(126, 'a')), { "text " + QByteArray(126, 'a') });
        row("as much as is allowed", text(QByteArray(Limit, 'a')),
            { "text " + QByteArray(Limit, 'a') });
        row("fragments", text("a", false) + more("b", false) + more("c"), { "text abc" });
        row("empty fragments", text("", false) + more("", false) + more("a", false) + more(""),
            { "text a" });
        row("only empty fragments", text("", false) + more(""), { "text " });
        row("fragments cut through characters",
            text("\xf0\x9f", false) + more("\x94", false) + more("\x94\xc3", false) + more("\xa4"),
            { "text \xf0\x9f\x94\x94\xc3\xa4" });
        row("fragments as long as is allowed", text(QByteArray(Limit - 1, 'a'), false) + more("b"),
            { "text " + QByteArray(Limit - 1, 'a') + 'b' });
        row("control frames between fragments",
            text("a", false) + control(RawWebSocket::Ping, "p") + more("b", false)
                + control(RawWebSocket::Pong, "q") + more("c") + text("d"),
            { "ping p", "pong q", "text abc", "text d" });
        row("Close between fragments", text("a", false) + closeWith(1000), { "close 03e8" });
        row("empty ping and pong",
            control(RawWebSocket::Ping, "") + control(RawWebSocket::Pong, ""),
            { "ping ", "pong " });
        row("ping as long as is allowed", control(RawWebSocket::Ping, QByteArray(125, 'p')),
            { "ping " + QByteArray(125, 'p') });
        row("ping with what is no UTF-8", control(RawWebSocket::Ping, "\xff"), { "ping \xff" });
        row("empty Close", control(RawWebSocket::Close, ""), { "close " });
        row("Close with a reason", closeWith(1001, "\xc3\xa4"), { "close 03e9c3a4" });
        row("continuation after the end", text("a", false) + more("b") + more("c"),
            { "text ab", "ProtocolViolation" });
        row("text that is none, late", text("a", false) + more("\xff"), { "InvalidUtf8" });
    }

    void input_isTheSame_whereverItIsCut()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArrayList, words);
        QCOMPARE(readWhole(bytes), words);
        const bool fails = !words.isEmpty() && !words.last().contains(' ');
        for (qsizetype cut = 1; cut < bytes.size(); ++cut) {
            WebSocketReader reader(Limit);
            QByteArrayList got = read(reader, bytes.first(cut));
            if (got != words)
                got += read(reader, bytes.sliced(cut));
            QVERIFY2(got == words, qPrintable(QStringLiteral("cut at %1").arg(cut)));
            QVERIFY(fails || words.value(0).startsWith("close") || reader.isIdle());
        }
        WebSocketReader dripping(Limit);
        QByteArrayList got;
        for (qsizetype at = 0; at < bytes.size() && got != words; ++at)
            got += read(dripping, bytes.sliced(at, 1));
        QCOMPARE(got, words);
    }

    void violation_isNamed_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("why");
        const auto row = [](const char *name, const QByteArray &bytes,
                            const char *why = "ProtocolViolation") {
            QTest::newRow(name) << bytes << QByteArray(why);
        };
        using Socket = RawWebSocket;
        row("unmasked", Socket::frame(Socket::Text, "x", { .isMasked = false }));
        row("unmasked ping", Socket::frame(Socket::Ping, "x", { .isMasked = false }));
        for (const int bit : { 1, 2, 4 })
            row(qPrintable(QStringLiteral("reserved bit %1").arg(bit)),
                Socket::frame(Socket::Text, "x", { .reservedBits = bit }));
        row("reserved bit in a ping", Socket::frame(Socket::Ping, "x", { .reservedBits = 4 }));
        for (const int opcode : { 3, 4, 5, 6, 7, 11, 12, 13, 14, 15 })
            row(qPrintable(QStringLiteral("opcode %1").arg(opcode)), Socket::frame(opcode, "x"));
        row("fragmented ping", Socket::frame(Socket::Ping, "x", { .isFinal = false }));
        row("fragmented Close", Socket::frame(Socket::Close, "", { .isFinal = false }));
        row("long ping", Socket::frame(Socket::Ping, QByteArray(126, 'x')));
        row("long Close", Socket::frame(Socket::Close, QByteArray(126, 'x')));
        row("continuation of nothing", more("x"));
        row("text inside a message", text("x", false) + text("y"));
        row("binary inside a message", text("x", false) + Socket::frame(Socket::Binary, "y"));
        row("binary", Socket::frame(Socket::Binary, "x"), "BinaryMessage");
        row("fragmented binary", Socket::frame(Socket::Binary, "x", { .isFinal = false }),
            "BinaryMessage");
        row("125 in 16 bits", QByteArray::fromHex("81fe007d00000000"));
        row("65535 in 64 bits", QByteArray::fromHex("81ff000000000000ffff00000000"));
        row("length with its top bit set", QByteArray::fromHex("81ff800000000000000000000000"));
        row("too long by its header", QByteArray::fromHex("81fe03e900000000"), "MessageTooBig");
        row("enormous by its header", QByteArray::fromHex("81ff7fffffffffffffff00000000"),
            "MessageTooBig");
        row("too long in fragments", text(QByteArray(Limit, 'x'), false) + more("y"),
            "MessageTooBig");
        row("Close of one byte", control(Socket::Close, "x"));
        for (const int code :
             { 0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65'535 })
            row(qPrintable(QStringLiteral("Close with %1").arg(code)), closeWith(code));
        row("reason that is no UTF-8", closeWith(1000, "\xff"), "InvalidUtf8");
        row("reason cut through a character", closeWith(1000, "\xc3"), "InvalidUtf8");
        row("lone continuation", text("\x80"), "InvalidUtf8");
        row("character cut at the end", text("\xe2\x82"), "InvalidUtf8");
        row("overlong of two", text("\xc0\x80"), "InvalidUtf8");
        row("overlong of two, the last", text("\xc1\xbf"), "InvalidUtf8");
        row("overlong of three", text("\xe0\x9f\xbf"), "InvalidUtf8");
        row("overlong of four", text("\xf0\x8f\xbf\xbf"), "InvalidUtf8");
        row("surrogate", text("\xed\xa0\x80"), "InvalidUtf8");
        row("beyond Unicode", text("\xf4\x90\x80\x80"), "InvalidUtf8");
        row("lead that is none", text("\xf5"), "InvalidUtf8");
        row("0xff behind a long run", text(QByteArray(100, 'a') + '\xff'), "InvalidUtf8");
        row("lead behind a lead", text("\xc3\xc3"), "InvalidUtf8");
    }

    void violation_isNamed()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, why);
        QCOMPARE(readWhole(bytes).value(0), why);
        WebSocketReader dripping(Limit);
        QByteArrayList got;
        for (qsizetype at = 0; at < bytes.size() && got.isEmpty(); ++at)
            got += read(dripping, bytes.sliced(at, 1));
        QCOMPARE(got.value(0), why);
    }

    void textThatCannotBecomeUtf8_isRefused_beforeItsEnd()
    {
        WebSocketReader reader(Limit);
        const QByteArray frame = text("ab\xff" + QByteArray(100, 'c'));
        QCOMPARE(read(reader, frame.first(6 + 2)), QByteArrayList());
        QCOMPARE(read(reader, frame.sliced(6 + 2, 1)), QByteArrayList { "InvalidUtf8" });
    }

    void closeCodes_thatMayBeSent_areTaken_data()
    {
        QTest::addColumn<int>("code");
        for (const int code :
             { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 3000, 4774, 4999 })
            QTest::addRow("%d", code) << code;
    }

    void closeCodes_thatMayBeSent_areTaken()
    {
        QFETCH(int, code);
        QVERIFY(readWhole(closeWith(code)).value(0).startsWith("close "));
    }

    void announcedLength_costsNothing()
    {
        WebSocketReader reader(std::int64_t { 1 } << 40);
        // 2^39 bytes announced, three sent.
        QCOMPARE(
            read(reader, QByteArray::fromHex("81ff00000080000000000000000061626364").first(17)),
            QByteArrayList());
        QVERIFY(!reader.isIdle());
    }

    void unmask_isXor_atEveryOffsetAndLength()
    {
        const std::array<char, 4> mask { '\x11', '\x5f', '\xa0', '\xff' };
        for (std::size_t offset = 0; offset < 5; ++offset) {
            for (std::size_t size = 0; size < 35; ++size) {
                std::vector<char> bytes(size);
                for (std::size_t i = 0; i < size; ++i)
                    bytes[i] = static_cast<char>(i * 37);
                unmask(bytes, mask, offset);
                for (std::size_t i = 0; i < size; ++i)
                    QCOMPARE(bytes[i], static_cast<char>((i * 37) ^ mask[(offset + i) % 4]));
            }
        }
    }

    void frame_isWritten_withTheShortestLength_data()
    {
        QTest::addColumn<int>("size");
        QTest::addColumn<QByteArray>("header");
        const auto row = [](int size, const char *header) {
            QTest::addRow("%d", size) << size << QByteArray::fromHex(header);
        };
        row(0, "8100");
        row(125, "817d");
        row(126, "817e007e");
        row(65'535, "817effff");
        row(65'536, "817f0000000000010000");
    }

    void frame_isWritten_withTheShortestLength()
    {
        QFETCH(int, size);
        QFETCH(QByteArray, header);
        const QByteArray payload(size, 'x');
        QByteArray out = "before";
        appendFrame(out, Opcode::Text, payload);
        QCOMPARE(out, "before" + header + payload);
    }

    void framesOfServers_areReadWithoutMask()
    {
        for (const qsizetype size : { 0, 1, 125, 126, 65'535, 65'536, 100'000 }) {
            const QByteArray payload(size, 'x');
            QByteArray sent;
            appendFrame(sent, Opcode::Text, payload);
            appendFrame(sent, Opcode::Ping, "p");
            const QByteArrayList expected { "text " + payload, "ping p" };
            WebSocketReader reader(100'000, FrameSource::Server);
            QCOMPARE(read(reader, sent), expected);
            WebSocketReader dripping(100'000, FrameSource::Server);
            QByteArrayList words;
            for (qsizetype at = 0; at < sent.size(); at += 7)
                words += read(dripping, sent.sliced(at, std::min<qsizetype>(7, sent.size() - at)));
            QCOMPARE(words, expected);
        }
        WebSocketReader reader(Limit, FrameSource::Server);
        QCOMPARE(read(reader, text("masked")), QByteArrayList { "ProtocolViolation" });
    }

    void maskedFrames_areReadAsAClients()
    {
        for (const qsizetype size : { 0, 1, 125, 126, 1'000 }) {
            const QByteArray payload(size, 'x');
            QByteArray out;
            appendMaskedFrame(out, Opcode::Text, payload, { '\x11', '\x5f', '\xa0', '\xff' });
            QCOMPARE(out.contains("xxxx"), false);
            QCOMPARE(readWhole(out), QByteArrayList { "text " + payload });
        }
    }

    void closeFrame_isWritten_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("reason");
        QTest::addColumn<QByteArray>("frame");
        QTest::newRow("without a code") << 0 << QByteArray("x") << QByteArray::fromHex("8800");
        QTest::newRow("code") << 1012 << QByteArray() << QByteArray::fromHex("880203f4");
        QTest::newRow("reason") << 4774 << QByteArray("ab") << QByteArray::fromHex("880412a66162");
        QTest::newRow("long") << 1000 << QByteArray(200, 'a')
                              << QByteArray::fromHex("887d03e8") + QByteArray(123, 'a');
        QTest::newRow("cut before a character")
            << 1000 << QByteArray(122, 'a') + "\xc3\xa4"
            << QByteArray::fromHex("887c03e8") + QByteArray(122, 'a');
    }

    void closeFrame_isWritten()
    {
        QFETCH(int, code);
        QFETCH(QByteArray, reason);
        QByteArray out;
        appendCloseFrame(out, code, reason);
        QTEST(out, "frame");
    }
};

QTEST_GUILESS_MAIN(WebSocketFrameTest)
#include "tst_websocketframe.moc"
