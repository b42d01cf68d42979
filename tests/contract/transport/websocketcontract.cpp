// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/transport/websocketcontract.h"

#include "tests/support/rawwebsocket.h"

#include <QTest>

using namespace std::chrono_literals;

namespace Carillon::Testing {

namespace {

/// Whether the session still hears and answers.
bool isAlive(RawWebSocket &client)
{
    return client.sendText("say alive") && client.readText() == "alive";
}

} // namespace

QByteArray WebSocketContract::gap() const
{
    return m_gaps.value(QByteArray(QTest::currentTestFunction()) + '(' + QTest::currentDataTag()
                        + ')');
}

void WebSocketContract::upgrade_isAnswered_withTheKeysHash()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    // RFC 6455 §1.3's own example.
    QCOMPARE(client.answer().header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    QCOMPARE(client.answer().header("Upgrade").toLower(), "websocket");
    QCOMPARE(client.answer().header("Connection").toLower(), "upgrade");
    QVERIFY(fixture.webSocket.heard("opened"));
}

void WebSocketContract::subprotocol_isAnswered_whenOffered_data()
{
    QTest::addColumn<QByteArray>("offer");
    QTest::addColumn<QByteArray>("answer");
    const auto row = [](const char *name, const QByteArray &offer, const char *answer) {
        QTest::newRow(name) << offer << QByteArray(answer);
    };
    const QByteArray header = "Sec-WebSocket-Protocol: ";
    row("none", "", "");
    row("ours", header + "push-notification\r\n", "push-notification");
    row("among others", header + "chat, push-notification\r\n", "push-notification");
    row("in a second header", header + "chat\r\n" + header + "push-notification\r\n",
        "push-notification");
    row("others", header + "chat\r\n", "");
    row("in another case", header + "Push-Notification\r\n", "");
}

void WebSocketContract::subprotocol_isAnswered_whenOffered()
{
    QFETCH(QByteArray, offer);
    QFETCH(QByteArray, answer);
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port(), offer));
    QCOMPARE(client.answer().header("Sec-WebSocket-Protocol"), answer);
    QVERIFY(isAlive(client));
}

void WebSocketContract::compression_isNotAccepted()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port(), "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
    QVERIFY(!client.answer().hasHeader("Sec-WebSocket-Extensions"));
}

void WebSocketContract::badHandshake_isRefused_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<int>("status");
    const auto row = [](const char *name, const char *before, const char *after, int status) {
        QTest::newRow(name) << RawWebSocket::handshake().replace(before, after) << status;
    };
    const char *const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const char *const version = "Sec-WebSocket-Version: 13\r\n";
    row("no key", key, "", 400);
    row("empty key", key, "Sec-WebSocket-Key:\r\n", 400);
    row("short key", key, "Sec-WebSocket-Key: dGhl\r\n", 400);
    row("key that is no base64", key, "Sec-WebSocket-Key: !!!!IHNhbXBsZSBub25jZQ==\r\n", 400);
    row("two keys", key,
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        400);
    row("no version", version, "", 400);
    row("another version", version, "Sec-WebSocket-Version: 8\r\n", 426);
    row("no Connection", "Connection: keep-alive, Upgrade\r\n", "", 400);
    row("Connection without upgrade", "keep-alive, Upgrade", "keep-alive", 400);
    row("POST", "GET /", "POST /", 400);
    row("HTTP/1.0", "HTTP/1.1", "HTTP/1.0", 400);
    row("with a body", version, "Sec-WebSocket-Version: 13\r\nContent-Length: 1\r\n", 400);
}

void WebSocketContract::badHandshake_isRefused()
{
    QFETCH(QByteArray, head);
    QFETCH(int, status);
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    const auto response = client.exchange(head);
    QCOMPARE(response.value().status, status);
    if (status == 426) {
        QCOMPARE(response->header("Sec-WebSocket-Version"), "13");
        QCOMPARE(response->header("Upgrade"), "websocket");
    }
    QVERIFY(client.waitForEnd());
    QVERIFY(fixture.webSocket.words.all().empty());
}

void WebSocketContract::getWithoutUpgrade_isAnOrdinaryRequest()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QCOMPARE(client.exchange(request("GET", "/")).value().status, 200);
    QVERIFY(fixture.http.seen.take().has_value());
}

void WebSocketContract::upgradeOnAListenerWithoutWebSockets_isAnOrdinaryRequest()
{
    TransportFixture fixture(m_factory, testLimits(), TransportFixture::WebSockets::Off);
    RawSocket client(fixture.port());
    QCOMPARE(client.exchange(RawWebSocket::handshake()).value().status, 200);
    QCOMPARE(fixture.http.seen.take().value().header("upgrade"), "websocket");
}

void WebSocketContract::upgradeOfAKeptConnection_isDone()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.socket().connectTo(fixture.port()));
    QCOMPARE(client.socket().exchange(request("POST", "/", "first")).value().status, 200);
    QVERIFY(client.open(fixture.port()));
    QVERIFY(isAlive(client));
}

void WebSocketContract::text_isDelivered_andAnswered_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("125 bytes") << QByteArray(125, 'a');
    QTest::newRow("126 bytes") << QByteArray(126, 'a');
    QTest::newRow("every length of UTF-8") << QByteArray("z\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x94");
    QTest::newRow("NUL") << QByteArray("a\0b", 3);
    QTest::newRow("as long as is allowed") << QByteArray(65'536 - 4, 'a');
}

void WebSocketContract::text_isDelivered_andAnswered()
{
    QFETCH(QByteArray, text);
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    QVERIFY(client.sendText("say " + text));
    const auto frame = client.readFrame();
    QCOMPARE(frame.value().opcode, RawWebSocket::Text);
    QVERIFY(frame->isFinal);
    QCOMPARE(frame->reservedBits, 0);
    QCOMPARE(frame->payload, text);
    QVERIFY(fixture.webSocket.heard("text say " + text));
}

void WebSocketContract::fragments_areOneMessage_data()
{
    QTest::addColumn<QByteArrayList>("fragments");
    QTest::newRow("two") << QByteArrayList { "say a", "b" };
    QTest::newRow("four, two of them empty") << QByteArrayList { "", "say a", "b", "" };
    QTest::newRow("cut between characters") << QByteArrayList { "say \xc3\xa4", "\xe2\x82\xac" };
    QTest::newRow("cut through a character") << QByteArrayList { "say \xe2", "\x82", "\xac" };
}

void WebSocketContract::fragments_areOneMessage()
{
    QFETCH(QByteArrayList, fragments);
    if (!gap().isEmpty())
        QSKIP(gap().constData());
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    for (qsizetype i = 0; i < fragments.size(); ++i) {
        client.sendFrame(i == 0 ? RawWebSocket::Text : RawWebSocket::Continuation, fragments[i],
                         { .isFinal = i == fragments.size() - 1 });
    }
    QVERIFY(fixture.webSocket.heard("text " + fragments.join()));
    QCOMPARE(client.readText(), fragments.join().sliced(4));
}

void WebSocketContract::ping_betweenFragments_isAnsweredFirst()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    client.sendFrame(RawWebSocket::Text, "say a", { .isFinal = false });
    client.sendFrame(RawWebSocket::Ping, "between");
    client.sendFrame(RawWebSocket::Continuation, "b");
    const auto pong = client.readFrame();
    QCOMPARE(pong.value().opcode, RawWebSocket::Pong);
    QCOMPARE(pong->payload, "between");
    QCOMPARE(client.readText(), "ab");
}

void WebSocketContract::frameInPieces_isOneMessage()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    const QByteArray frame = RawWebSocket::frame(RawWebSocket::Text, "say " + QByteArray(300, 'x'));
    for (const char c : frame)
        QVERIFY(client.socket().send(QByteArrayView(&c, 1)));
    QCOMPARE(client.readText(), QByteArray(300, 'x'));
}

void WebSocketContract::ping_isAnswered_andIsASignOfLife()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    const QByteArray payload(125, 'p');
    QVERIFY(client.sendFrame(RawWebSocket::Ping, payload));
    const auto pong = client.readFrame();
    QCOMPARE(pong.value().opcode, RawWebSocket::Pong);
    QCOMPARE(pong->payload, payload);
    QVERIFY(fixture.webSocket.heard("pong"));
}

void WebSocketContract::ourPing_isSent_andItsPongReported()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    QVERIFY(client.sendText("ping"));
    QVERIFY(fixture.webSocket.heard("text ping"));
    const auto ping = client.readFrame();
    QCOMPARE(ping.value().opcode, RawWebSocket::Ping);
    QVERIFY(client.sendFrame(RawWebSocket::Pong, ping->payload));
    QVERIFY(fixture.webSocket.heard("pong"));
}

void WebSocketContract::deafSession_hearsAllThatWaited_whenItHearsAgain_data()
{
    QTest::addColumn<int>("texts");
    QTest::newRow("all of them read") << 500;
    QTest::newRow("some left with the kernel") << 5'000;
}

void WebSocketContract::deafSession_hearsAllThatWaited_whenItHearsAgain()
{
    if (!gap().isEmpty())
        QSKIP(gap().constData());
    QFETCH(int, texts);
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    client.socket().send(RawWebSocket::frame(RawWebSocket::Text, "deaf")
                         + RawWebSocket::frame(RawWebSocket::Text, "say hello").repeated(texts));
    // Whoever asks after that is answered after that.
    for (int i = 0; i < 5; ++i)
        QCOMPARE(RawSocket(fixture.port()).exchange(request("GET", "/")).value().status, 200);
    QCOMPARE(fixture.webSocket.words.all(), (std::deque<QByteArray> { "opened", "text deaf" }));
    fixture.run([&](Transport &) { fixture.webSocket.newest->setReading(true); });
    for (int i = 0; i < texts; ++i)
        QCOMPARE(client.readText(), "hello");
}

void WebSocketContract::messageOverTheLimit_closesWith1009_data()
{
    QTest::addColumn<bool>("fragmented");
    QTest::newRow("one frame") << false;
    QTest::newRow("two fragments") << true;
}

void WebSocketContract::messageOverTheLimit_closesWith1009()
{
    QFETCH(bool, fragmented);
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    if (fragmented) {
        client.sendFrame(RawWebSocket::Text, QByteArray(40'000, 'x'), { .isFinal = false });
        client.sendFrame(RawWebSocket::Continuation, QByteArray(65'537 - 40'000, 'x'));
    } else {
        client.sendText(QByteArray(65'537, 'x'));
    }
    QCOMPARE(client.readClose().code, 1009);
    QVERIFY(client.socket().waitForEnd());
    QVERIFY(fixture.webSocket.heard("closed"));
}

void WebSocketContract::binary_closesWith1003()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    QVERIFY(client.sendFrame(RawWebSocket::Binary, "say binary"));
    QCOMPARE(client.readClose().code, 1003);
    QVERIFY(client.socket().waitForEnd());
    QVERIFY(fixture.webSocket.heard("closed"));
}

void WebSocketContract::textThatIsNotUtf8_closesWith1007_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("lone continuation") << QByteArray("\x80");
    QTest::newRow("truncated") << QByteArray("\xe2\x82");
    QTest::newRow("overlong") << QByteArray("\xc0\x80");
    QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80");
    QTest::newRow("beyond Unicode") << QByteArray("\xf4\x90\x80\x80");
}

void WebSocketContract::textThatIsNotUtf8_closesWith1007()
{
    QFETCH(QByteArray, text);
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    QVERIFY(client.sendText(text));
    QCOMPARE(client.readClose().code, 1007);
    QVERIFY(client.socket().waitForEnd());
    QCOMPARE(fixture.webSocket.words.take().value(), "opened");
    QCOMPARE(fixture.webSocket.words.take().value(), "closed");
}

void WebSocketContract::violation_closesWith1002_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char *name, const QByteArray &bytes) {
        QTest::newRow(name) << bytes;
    };
    using Socket = RawWebSocket;
    const auto frame = [](int opcode, QByteArrayView payload, FrameOptions options = {}) {
        return RawWebSocket::frame(opcode, payload, options);
    };
    row("reserved opcode", frame(3, "x"));
    row("reserved control opcode", frame(11, "x"));
    row("RSV1", frame(Socket::Text, "x", { .reservedBits = 4 }));
    row("RSV2", frame(Socket::Text, "x", { .reservedBits = 2 }));
    row("RSV3", frame(Socket::Ping, "x", { .reservedBits = 1 }));
    row("unmasked", frame(Socket::Text, "x", { .isMasked = false }));
    row("fragmented ping", frame(Socket::Ping, "x", { .isFinal = false }));
    row("long ping", frame(Socket::Ping, QByteArray(126, 'x')));
    row("continuation of nothing", frame(Socket::Continuation, "x"));
    row("text inside a message",
        frame(Socket::Text, "x", { .isFinal = false }) + frame(Socket::Text, "y"));
    row("Close with one byte", frame(Socket::Close, "x"));
    row("Close with 1005", frame(Socket::Close, "\x03\xed"));
    row("Close with 999", frame(Socket::Close, "\x03\xe7"));
}

void WebSocketContract::violation_closesWith1002()
{
    QFETCH(QByteArray, bytes);
    if (!gap().isEmpty())
        QSKIP(gap().constData());
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    QVERIFY(client.socket().send(bytes));
    QCOMPARE(client.readClose().code, 1002);
    QVERIFY(client.socket().waitForEnd());
    QVERIFY(fixture.webSocket.heard("closed"));
}

void WebSocketContract::ourClose_isSent_andTcpEnds_thoughThePeerSaysNothing()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    QVERIFY(client.sendText("close 1012 Draining"));
    const RawClose close = client.readClose();
    QCOMPARE(close.code, 1012);
    QCOMPARE(close.reason, "Draining");
    QVERIFY(client.socket().waitForEnd());
    QVERIFY(fixture.webSocket.heard("closed"));
    QTRY_COMPARE(fixture.sessions(), 0);
}

void WebSocketContract::ourClose_answered_endsTcpAtOnce()
{
    TransportLimits limits = testLimits();
    limits.closeTimeout = 60s;
    TransportFixture fixture(m_factory, limits);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    QVERIFY(client.sendText("close 1000 UaidReset"));
    QCOMPARE(client.readClose().code, 1000);
    client.sendClose(1000);
    client.socket().finishSending();
    QVERIFY(client.socket().waitForEnd());
    QVERIFY(fixture.webSocket.heard("closed"));
}

void WebSocketContract::frameAfterOurClose_isNotDelivered()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    // In one segment: both are there when the first is handled.
    client.socket().send(RawWebSocket::frame(RawWebSocket::Text, "close 1011 Ghost")
                         + RawWebSocket::frame(RawWebSocket::Text, "say too late")
                         + RawWebSocket::frame(RawWebSocket::Ping, "too late"));
    QCOMPARE(client.readClose().code, 1011);
    client.sendText("say too late");
    QCOMPARE(client.socket().readToEnd(), QByteArray());
    QCOMPARE(fixture.webSocket.words.take().value(), "opened");
    QCOMPARE(fixture.webSocket.words.take().value(), "text close 1011 Ghost");
    QCOMPARE(fixture.webSocket.words.take().value(), "closed");
    QVERIFY(fixture.webSocket.words.all().empty());
}

void WebSocketContract::deafSession_closed_hearsThePeersClose()
{
    if (!gap().isEmpty())
        QSKIP(gap().constData());
    TransportLimits limits = testLimits();
    limits.closeTimeout = 60s;
    TransportFixture fixture(m_factory, limits);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    client.socket().send(RawWebSocket::frame(RawWebSocket::Text, "deaf")
                         + RawWebSocket::frame(RawWebSocket::Text, "say too late")
                         + RawWebSocket::frame(RawWebSocket::Close, "\x03\xe8"));
    QVERIFY(fixture.webSocket.heard("text deaf"));
    QVERIFY(RawSocket(fixture.port()).exchange(request("GET", "/")));
    fixture.run([&](Transport &) { fixture.webSocket.newest->close(1011, "Ghost"); });
    QCOMPARE(client.readClose().code, 1011);
    QVERIFY(client.socket().waitForEnd());
    QCOMPARE(fixture.webSocket.words.take().value(), "closed");
}

void WebSocketContract::longReason_isCutToWhatAFrameHolds()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    QVERIFY(client.sendText("close 4000 " + QByteArray("\xc3\xa4").repeated(100)));
    const RawClose close = client.readClose();
    QCOMPARE(close.code, 4000);
    QCOMPARE(close.reason, QByteArray("\xc3\xa4").repeated(61));
}

void WebSocketContract::peersClose_isAnswered_andReported_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::newRow("1000") << QByteArray("\x03\xe8");
    QTest::newRow("1001 with a reason") << QByteArray("\x03\xe9gone");
    QTest::newRow("4774") << QByteArray("\x12\xa6");
    QTest::newRow("without a code, as Firefox quits") << QByteArray("");
}

void WebSocketContract::peersClose_isAnswered_andReported()
{
    QFETCH(QByteArray, payload);
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    QVERIFY(client.sendFrame(RawWebSocket::Close, payload));
    // Reported before TCP ends: no message can reach that client any more.
    QVERIFY(fixture.webSocket.heard("closed"));
    QCOMPARE(fixture.sessions(), 0);
    QVERIFY(client.readClose().code != 1006);
    QVERIFY(client.socket().waitForEnd());
}

void WebSocketContract::endOfTcp_isReported_data()
{
    QTest::addColumn<bool>("byReset");
    QTest::addColumn<QByteArray>("last");
    QTest::newRow("FIN") << false << QByteArray("word");
    QTest::newRow("RST") << true << QByteArray("word");
    QTest::newRow("RST to a deaf session") << true << QByteArray("deaf");
}

void WebSocketContract::endOfTcp_isReported()
{
    QFETCH(bool, byReset);
    QFETCH(QByteArray, last);
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    QVERIFY(client.sendText(last));
    QVERIFY(fixture.webSocket.heard("text " + last));
    if (byReset)
        client.socket().reset();
    else
        client.socket().close();
    QVERIFY(fixture.webSocket.heard("closed"));
    QCOMPARE(fixture.sessions(), 0);
}

void WebSocketContract::slowReader_isClosed()
{
    TransportLimits limits = testLimits();
    limits.webSocketOutputBytes = 256 * 1024;
    TransportFixture fixture(m_factory, limits);
    RawWebSocket client;
    QVERIFY(client.socket().prepare());
    client.socket().setReceiveBuffer(4'096);
    QVERIFY(client.open(fixture.port()));
    const ConnectionId id = fixture.webSocket.ids.take().value();
    QVERIFY(client.sendText("fill 100"));
    QVERIFY(fixture.webSocket.heard("text fill 100"));
    // It is the output waiting that counts: kernel buffers take some MB first.
    for (int i = 0; i < 200 && fixture.sessions() == 1; ++i)
        client.sendText("fill 200000");
    QVERIFY(fixture.webSocket.heard("closed"));
    fixture.run([id](Transport &transport) { QVERIFY(!transport.session(id)); });
    QVERIFY(client.socket().waitForEnd());
}

void WebSocketContract::drained_isReported_whenTheOutputIsTaken()
{
    TransportLimits limits = testLimits();
    limits.webSocketOutputBytes = 64LL * 1024 * 1024;
    TransportFixture fixture(m_factory, limits);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    // More than kernel buffers hold: the end of it waits for the client to read.
    QVERIFY(client.sendText("fill 20000000"));
    QVERIFY(fixture.webSocket.heard("text fill 20000000"));
    QCOMPARE(fixture.openRequests(), 1);
    qsizetype received = 0;
    while (received < 20'000'000) {
        const auto frame = client.readFrame();
        QVERIFY(frame.has_value());
        received += frame->payload.size();
    }
    QVERIFY(fixture.webSocket.heard("drained"));
    QCOMPARE(fixture.openRequests(), 0);
}

void WebSocketContract::progress_isWhatThePeerTook_thoughTheKernelHeldIt()
{
    TransportLimits limits = testLimits();
    limits.webSocketOutputBytes = 64LL * 1024 * 1024;
    TransportFixture fixture(m_factory, limits);
    RawWebSocket client;
    QVERIFY(client.socket().prepare());
    client.socket().setReceiveBuffer(4'096);
    QVERIFY(client.open(fixture.port()));
    QVERIFY(client.sendText("fill 10000000"));
    QVERIFY(fixture.webSocket.heard("text fill 10000000"));
    const auto progress = [&fixture] {
        OutputProgress now;
        fixture.run([&](Transport &) { now = fixture.webSocket.newest->progress(); });
        return now;
    };
    OutputProgress before = progress();
    for (int i = 0; i < 3; ++i) {
        // Far less than makes the kernel take more from us.
        QCOMPARE(client.socket().read(300'000).size(), 300'000);
        QTRY_VERIFY(progress().taken > before.taken);
        QTRY_VERIFY(progress().waiting < before.waiting);
        before = progress();
    }
    QCOMPARE(client.socket().read(9'100'000).size(), 9'100'000);
    QTRY_COMPARE(progress().waiting, 0);
}

void WebSocketContract::stopListening_leavesSessionsOpen()
{
    TransportFixture fixture(m_factory);
    RawWebSocket client;
    QVERIFY(client.open(fixture.port()));
    QVERIFY(isAlive(client));
    fixture.run([](Transport &transport) { transport.stopListening(); });
    QVERIFY(isAlive(client));
    QCOMPARE(fixture.sessions(), 1);
}

void WebSocketContract::destruction_withOpenSessions_endsTheirTcp()
{
    TransportFixture fixture(m_factory);
    RawWebSocket idle;
    QVERIFY(idle.open(fixture.port()));
    RawWebSocket closing;
    QVERIFY(closing.open(fixture.port()));
    QVERIFY(closing.sendText("close 1000 bye"));
    QCOMPARE(closing.readClose().code, 1000);
    fixture.destroyTransport();
    QVERIFY(fixture.webSocket.heard("closed"));
    QVERIFY(fixture.webSocket.heard("closed"));
    QVERIFY(idle.socket().waitForEnd());
    QVERIFY(closing.socket().waitForEnd());
}

void WebSocketContract::session_isFound_untilItIsClosed()
{
    TransportFixture fixture(m_factory);
    RawWebSocket first;
    QVERIFY(first.open(fixture.port()));
    const ConnectionId firstId = fixture.webSocket.ids.take().value();
    fixture.run([&](Transport &transport) { QVERIFY(transport.session(firstId)); });
    first.socket().close();
    QVERIFY(fixture.webSocket.heard("closed"));
    // The slot of the first may now be the second's; its id is not.
    RawWebSocket second;
    QVERIFY(second.open(fixture.port()));
    const ConnectionId secondId = fixture.webSocket.ids.take().value();
    QVERIFY(firstId != secondId);
    fixture.run([&](Transport &transport) {
        QVERIFY(!transport.session(firstId));
        QVERIFY(transport.session(secondId));
    });
}

void WebSocketContract::manySessions_areVisited()
{
    TransportFixture fixture(m_factory);
    std::vector<std::unique_ptr<RawWebSocket>> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(std::make_unique<RawWebSocket>());
        QVERIFY(clients.back()->open(fixture.port()));
    }
    QCOMPARE(fixture.sessions(), 50);
    clients.resize(20);
    QTRY_COMPARE(fixture.sessions(), 20);
    for (const auto &client : clients)
        QVERIFY(isAlive(*client));
}

} // namespace Carillon::Testing
