// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"

#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

// protocol.md §2.1, the table of close codes: what a client can say wrongly. Each row is said by a
// client that has a message in flight; the message must survive it.
class ClientInputTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void badText_closesAndLosesNothing_data();
    void badText_closesAndLosesNothing();
    void badFrame_closesAndLosesNothing_data();
    void badFrame_closesAndLosesNothing();
    void text_ofExactlyTheLimit_isRead();
    void text_inFragments_isRead();
    void text_inFragmentsAroundAPing_isRead();
    void ping_isAnsweredWithItsPayload();
    void pong_unasked_isIgnored();
    void close_isAnsweredAndTcpEnds();
    void tcpEnd_withoutClose_losesNothing();
    void upgrade_badRequest_isRefused_data();
    void upgrade_badRequest_isRefused();
    void upgrade_ofAnotherPath_is404();

private:
    /// A client with one unacknowledged message, which verify() then expects again.
    struct Loaded
    {
        std::unique_ptr<PushClient> client;
        QByteArray body;
    };
    [[nodiscard]] Loaded loadedClient();
    [[nodiscard]] bool comesAgain(const Loaded &loaded);
};

namespace {

/// The first two bytes of a frame, masked by zeros, and its payload.
QByteArray frame(int first, const QByteArray &payload, int second = 0x80)
{
    QByteArray bytes;
    bytes.append(static_cast<char>(first));
    bytes.append(static_cast<char>(second | static_cast<int>(payload.size())));
    if ((second & 0x80) != 0)
        bytes.append(4, '\0');
    return bytes + payload;
}

QByteArray nested(const char *open, const char *close)
{
    return QByteArray(open).repeated(1000) + QByteArray(close).repeated(1000);
}

} // namespace

ClientInputTest::Loaded ClientInputTest::loadedClient()
{
    Loaded loaded { std::make_unique<PushClient>(server()), randomText(40) };
    loaded.client->hello();
    const QByteArray path = loaded.client->subscribe(randomChannel());
    if (sender().pushText(path, loaded.body).status != 201
        || bodyOf(loaded.client->notification()) != loaded.body)
        loaded.body.clear();
    return loaded;
}

bool ClientInputTest::comesAgain(const Loaded &loaded)
{
    PushClient again(server());
    again.hello(loaded.client->uaid());
    return again.uaid() == loaded.client->uaid() && bodyOf(again.notification()) == loaded.body;
}

void ClientInputTest::badText_closesAndLosesNothing_data()
{
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *name, const QByteArray &message) {
        QTest::newRow(name) << message;
    };
    row("empty", "");
    row("no JSON", "please");
    row("array", "[]");
    row("array of a message", R"([{"messageType":"ping"}])");
    row("string", R"("ping")");
    row("null", "null");
    row("cut", R"({"messageType":"ping")");
    row("garbage behind", R"({"messageType":"ping"} x)");
    row("two messages", R"({"messageType":"ping"}{"messageType":"ping"})");
    row("NUL inside", QByteArray("{\"messageType\":\"pi\0ng\"}", 23));
    row("lone surrogate", R"({"messageType":"nack","version":"\ud800"})");
    row("arrays 1,000 deep", nested("[", "]"));
    row("objects 1,000 deep",
        QByteArray(R"({"a":)").repeated(1000) + "1" + QByteArray("}").repeated(1000));
    row("unknown member 1,000 deep", R"({"messageType":"ping","x":)" + nested("[", "]") + "}");
    row("no messageType", R"({"channelID":"01234567-89ab-cdef-0123-456789abcdef"})");
    row("messageType unknown", R"({"messageType":"subscribe"})");
    row("messageType of the server", R"({"messageType":"notification"})");
    row("messageType a number", R"({"messageType":1})");
    row("messageType null", R"({"messageType":null})");
    row("messageType twice", R"({"messageType":"ping","messageType":"ping"})");
    row("register, no channelID", R"({"messageType":"register"})");
    row("register, channelID a number", R"({"messageType":"register","channelID":1})");
    row("register, channelID empty", R"({"messageType":"register","channelID":""})");
    row("register, channelID in upper case",
        R"({"messageType":"register","channelID":"01234567-89AB-CDEF-0123-456789ABCDEF"})");
    row("register, channelID without dashes",
        R"({"messageType":"register","channelID":"0123456789abcdef0123456789abcdef"})");
    row("register, channelID in braces",
        R"({"messageType":"register","channelID":"{01234567-89ab-cdef-0123-456789abcdef}"})");
    row("register, key a number",
        R"({"messageType":"register","channelID":"01234567-89ab-cdef-0123-456789abcdef","key":1})");
    row("unregister, no channelID", R"({"messageType":"unregister","code":200})");
    row("unregister, channelID no UUID", R"({"messageType":"unregister","channelID":"all"})");
    row("unregister, code a string",
        R"({"messageType":"unregister","channelID":"01234567-89ab-cdef-0123-456789abcdef","code":"1"})");
    row("ack, no updates", R"({"messageType":"ack"})");
    row("ack, updates an object", R"({"messageType":"ack","updates":{}})");
    row("ack, update a string", R"({"messageType":"ack","updates":["v"]})");
    row("ack, channelID no UUID",
        R"({"messageType":"ack","updates":[{"channelID":"x","version":"v"}]})");
    row("ack, no version",
        R"({"messageType":"ack","updates":[{"channelID":"01234567-89ab-cdef-0123-456789abcdef"}]})");
    row("ack, code a string",
        R"({"messageType":"ack","updates":[{"channelID":"01234567-89ab-cdef-0123-456789abcdef","version":"v","code":"100"}]})");
    row("nack, no version", R"({"messageType":"nack","code":301})");
    row("nack, version a number", R"({"messageType":"nack","version":1})");
    row("broadcast_subscribe, no broadcasts", R"({"messageType":"broadcast_subscribe"})");
    row("broadcast_subscribe, broadcasts an array",
        R"({"messageType":"broadcast_subscribe","broadcasts":["a"]})");
    row("broadcast_subscribe, version a number",
        R"({"messageType":"broadcast_subscribe","broadcasts":{"a":1}})");
}

void ClientInputTest::badText_closesAndLosesNothing()
{
    QFETCH(const QByteArray, message);
    const Loaded loaded = loadedClient();
    QVERIFY(!loaded.body.isEmpty());
    loaded.client->sendText(message);
    QCOMPARE(loaded.client->waitForClose(), 1011);
    QCOMPARE(loaded.client->closeReason(), "InvalidMessage");
    QVERIFY(loaded.client->waitForTcpEnd());
    QVERIFY(comesAgain(loaded));
}

void ClientInputTest::badFrame_closesAndLosesNothing_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("code");
    const auto row = [](const char *name, const QByteArray &bytes, int code) {
        QTest::newRow(name) << bytes << code;
    };
    constexpr int Final = 0x80;
    constexpr int Text = 1;
    constexpr int Unmasked = 0;
    const QByteArray kibibytes64(65'536, ' ');
    const QByteArray length64 = QByteArray("\0\0\0\0\0\1\0\0", 8); // 64 KiB
    const QByteArray length64and1 = QByteArray("\0\0\0\0\0\1\0\1", 8);
    const QByteArray length63bit = QByteArray("\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
    const QByteArray mask(4, '\0');

    row("binary", frame(Final | 2, "{}"), 1003);
    row("binary, empty", frame(Final | 2, ""), 1003);
    row("not UTF-8", frame(Final | Text, "{\"x\":\"\xFF\"}"), 1007);
    row("UTF-8 cut", frame(Final | Text, "\"\xE2\x82"), 1007);
    row("overlong UTF-8", frame(Final | Text, "\"\xC0\xAF\""), 1007);
    row("surrogate in UTF-8", frame(Final | Text, "\"\xED\xA0\x80\""), 1007);
    row("64 KiB + 1", QByteArray("\x81\xFF", 2) + length64and1 + mask + kibibytes64 + ' ', 1009);
    row("length of 63 bits", QByteArray("\x81\xFF", 2) + length63bit + mask + "x", 1009);
    row("64 KiB + 1 in fragments",
        QByteArray("\x01\xFF", 2) + length64 + mask + kibibytes64 + frame(Final, "{"), 1009);
    row("not masked", frame(Final | Text, "{}", Unmasked), 1002);
    row("RSV1", frame(Final | 0x40 | Text, "{}"), 1002);
    row("RSV2", frame(Final | 0x20 | Text, "{}"), 1002);
    row("RSV3", frame(Final | 0x10 | Text, "{}"), 1002);
    row("opcode 3", frame(Final | 3, "{}"), 1002);
    row("opcode 11", frame(Final | 11, "{}"), 1002);
    row("continuation of nothing", frame(Final, "{}"), 1002);
    row("text inside a fragmented text", frame(Text, "{") + frame(Final | Text, "}"), 1002);
    row("ping in fragments", frame(9, "a"), 1002);
    row("ping of 126 bytes", QByteArray("\x89\xFE\x00\x7E", 4) + mask + QByteArray(126, 'x'), 1002);
    row("length not in its shortest form", QByteArray("\x81\xFE\x00\x02", 4) + mask + "{}", 1002);
    row("length with its highest bit", QByteArray("\x81\xFF\x80\0\0\0\0\0\0\0", 10) + mask, 1002);
    row("Close of one byte", frame(Final | 8, "\x03"), 1002);
    row("Close with code 1005", frame(Final | 8, "\x03\xED"), 1002);
    row("Close with code 999", frame(Final | 8, "\x03\xE7"), 1002);
    row("Close whose reason is not UTF-8", frame(Final | 8, "\x03\xE8\xFF"), 1007);
}

void ClientInputTest::badFrame_closesAndLosesNothing()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const int, code);
    if (server().usesQtTransport() && QTest::currentDataTag() == QByteArray("not masked"))
        QSKIP("QWebSocket takes frames without a mask");
    const Loaded loaded = loadedClient();
    QVERIFY(!loaded.body.isEmpty());
    loaded.client->sendBytes(bytes);
    QCOMPARE(loaded.client->waitForClose(), code);
    QVERIFY(loaded.client->waitForTcpEnd());
    QVERIFY(comesAgain(loaded));
}

void ClientInputTest::text_ofExactlyTheLimit_isRead()
{
    PushClient client(server());
    client.hello();
    const QByteArray message = R"({"messageType":"ping"})";
    client.sendText(message + QByteArray(65'536 - message.size(), ' '));
    QVERIFY(client.barrier());
}

void ClientInputTest::text_inFragments_isRead()
{
    PushClient client(server());
    client.hello();
    client.sendFrame(Opcode::Text, R"({"messageType":"unreg)", false);
    client.sendFrame(Opcode::Continuation, R"(ister","channelID":"01234567-)", false);
    client.sendFrame(Opcode::Continuation, "", false);
    client.sendFrame(Opcode::Continuation, R"(89ab-cdef-0123-456789abcdef"})");
    QCOMPARE(text(client.next(), "messageType"), "unregister");
}

void ClientInputTest::text_inFragmentsAroundAPing_isRead()
{
    PushClient client(server());
    client.hello();
    client.sendFrame(Opcode::Text, R"({"messageType":)", false);
    client.sendFrame(Opcode::Ping, "now");
    QVERIFY(client.waitForPong());
    client.sendFrame(Opcode::Continuation, R"("broadcast_subscribe","broadcasts":{}})");
    QVERIFY(client.barrier());
}

void ClientInputTest::ping_isAnsweredWithItsPayload()
{
    PushClient client(server());
    client.hello();
    const QByteArray payload(125, 'p');
    client.sendFrame(Opcode::Ping, payload);
    QVERIFY(client.waitForPong());
    QCOMPARE(client.lastPong(), payload);
}

void ClientInputTest::pong_unasked_isIgnored()
{
    PushClient client(server());
    client.hello();
    client.sendFrame(Opcode::Pong, "nobody asked");
    QVERIFY(client.barrier());
}

void ClientInputTest::close_isAnsweredAndTcpEnds()
{
    const Loaded loaded = loadedClient();
    loaded.client->sendFrame(Opcode::Close, "");
    QVERIFY(loaded.client->waitForClose() > 0);
    QVERIFY(loaded.client->waitForTcpEnd());
    QVERIFY(comesAgain(loaded));
}

void ClientInputTest::tcpEnd_withoutClose_losesNothing()
{
    const Loaded loaded = loadedClient();
    loaded.client->leave();
    QVERIFY(comesAgain(loaded));
}

void ClientInputTest::upgrade_badRequest_isRefused_data()
{
    QTest::addColumn<QByteArray>("request");
    const auto row = [](const char *name, const QByteArray &request) {
        QTest::newRow(name) << request + "\r\n";
    };
    const QByteArray start = "GET / HTTP/1.1\r\nHost: a\r\n";
    const QByteArray upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    const QByteArray version = "Sec-WebSocket-Version: 13\r\n";
    const QByteArray key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    row("no key", start + upgrade + version);
    row("key too short", start + upgrade + version + "Sec-WebSocket-Key: c2hvcnQ=\r\n");
    row("version 8", start + upgrade + key + "Sec-WebSocket-Version: 8\r\n");
    row("no version", start + upgrade + key);
    row("another protocol", start + "Upgrade: h2c\r\nConnection: Upgrade\r\n" + version + key);
}

void ClientInputTest::upgrade_badRequest_isRefused()
{
    QFETCH(const QByteArray, request);
    const HttpReply reply = HttpPeer(server().connectPort()).exchange(request);
    QVERIFY2(reply.status == 400 || reply.status == 426,
             QByteArray::number(reply.status).constData());
}

void ClientInputTest::upgrade_ofAnotherPath_is404()
{
    const auto upgrade = [this](const QByteArray &target) {
        return HttpPeer(server().connectPort())
            .exchange("GET " + target
                      + " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            .status;
    };
    QCOMPARE(upgrade("/nothing"), 404);
    QCOMPARE(upgrade("//"), 404);
    QCOMPARE(upgrade("/?from=here"), 101);
}

QTEST_GUILESS_MAIN(ClientInputTest)
#include "tst_clientinput.moc"
