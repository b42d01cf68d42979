// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/transport/tlstransport.h"
#include "tests/support/rawtls.h"
#include "tests/support/rawwebsocket.h"

#include <QTest>

#include <array>
#include <thread>

#include <openssl/err.h>
#include <sys/socket.h>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace std::chrono_literals;

namespace {

constexpr qsizetype MB = 1'000'000;

TransportLimits hastyLimits()
{
    TransportLimits limits = testLimits();
    limits.headTimeout = limits.bodyTimeout = limits.idleTimeout = 1s;
    return limits;
}

/// A client that has said what TLS it wants, and done its handshake if it got it.
class Client : public RawSocket
{
public:
    explicit Client(quint16 port, const RawTls::Options &options = {}) : RawSocket(port)
    {
        wrap(std::make_unique<RawTls>(descriptor(), options));
    }
};

/// A client whose every byte is a segment of its own, both in the handshake and after it.
/// Owns: OpenSSL's state. Thread: one.
class TricklingClient
{
public:
    explicit TricklingClient(quint16 port)
        : m_socket(port), m_context(SSL_CTX_new(TLS_client_method())),
          m_ssl(SSL_new(m_context.get()))
    {
        SSL_set_bio(m_ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(m_ssl.get());
    }

    [[nodiscard]] QByteArray exchange(const QByteArray &request, qsizetype answerBytes)
    {
        QByteArray answer;
        bool isSaid = false;
        while (answer.size() < answerBytes) {
            if (!isSaid)
                isSaid =
                    SSL_write(m_ssl.get(), request.constData(), static_cast<int>(request.size()))
                    > 0;
            std::array<char, 4096> chunk {};
            const int got = SSL_read(m_ssl.get(), chunk.data(), chunk.size());
            if (got > 0)
                answer.append(chunk.data(), got);
            else if (!sendWaiting() && !receiveOne())
                break;
        }
        return answer;
    }

private:
    bool sendWaiting()
    {
        char byte = 0;
        bool isSent = false;
        while (BIO_read(SSL_get_wbio(m_ssl.get()), &byte, 1) == 1)
            isSent = m_socket.send({ &byte, 1 });
        return isSent;
    }
    bool receiveOne()
    {
        const QByteArray byte = m_socket.read(1);
        return BIO_write(SSL_get_rbio(m_ssl.get()), byte.constData(), static_cast<int>(byte.size()))
            == 1;
    }

    RawSocket m_socket;
    OpenSslPtr<SSL_CTX, SSL_CTX_free> m_context;
    OpenSslPtr<SSL, SSL_free> m_ssl;
};

/// The first message of a client's handshake.
QByteArray clientHello()
{
    const OpenSslPtr<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_client_method()));
    const OpenSslPtr<SSL, SSL_free> ssl(SSL_new(context.get()));
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl.get());
    SSL_do_handshake(ssl.get());
    QByteArray hello(4096, '\0');
    hello.truncate(BIO_read(SSL_get_wbio(ssl.get()), hello.data(), 4096));
    return hello;
}

/// What other users of OpenSSL may leave on a worker's thread.
void leaveError(TransportFixture &fixture)
{
    fixture.run([](Transport &) { ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR); });
}

QByteArray getRequest(const QByteArray &target = "/")
{
    return request("GET", target);
}

} // namespace

/// What TLS adds to the native transport; what it must not change is in tests/contract/transport.
class TlsTest final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // What is agreed.

    void version_is12Or13_data()
    {
        QTest::addColumn<int>("version");
        QTest::addColumn<QByteArray>("agreed");
        QTest::newRow("any") << 0 << QByteArray("TLSv1.3");
        QTest::newRow("1.3") << TLS1_3_VERSION << QByteArray("TLSv1.3");
        QTest::newRow("1.2") << TLS1_2_VERSION << QByteArray("TLSv1.2");
        QTest::newRow("1.1") << TLS1_1_VERSION << QByteArray();
        QTest::newRow("1.0") << TLS1_VERSION << QByteArray();
    }
    void version_is12Or13()
    {
        QFETCH(int, version);
        QFETCH(QByteArray, agreed);
        TransportFixture fixture(tlsTransport(m_server));
        RawSocket client(fixture.port());
        RawTls &tls = client.wrap(
            std::make_unique<RawTls>(client.descriptor(), RawTls::Options { .version = version }));
        QCOMPARE(tls.isEstablished(), !agreed.isEmpty());
        if (agreed.isEmpty()) {
            QCOMPARE(tls.failure(), "tlsv1 alert protocol version");
            QVERIFY(client.waitForEnd());
        } else {
            QCOMPARE(tls.version(), agreed);
            QCOMPARE(client.exchange(getRequest()).value().status, 200);
        }
    }

    void protocol_isHttp11_orRefused_data()
    {
        QTest::addColumn<QByteArray>("offered");
        QTest::addColumn<bool>("isServed");
        QTest::newRow("none") << QByteArray() << true;
        QTest::newRow("http/1.1") << QByteArray("\x08http/1.1") << true;
        QTest::newRow("h2 and http/1.1") << QByteArray("\x02h2\x08http/1.1") << true;
        QTest::newRow("h2 only") << QByteArray("\x02h2") << false;
    }
    void protocol_isHttp11_orRefused()
    {
        QFETCH(QByteArray, offered);
        QFETCH(bool, isServed);
        TransportFixture fixture(tlsTransport(m_server));
        RawSocket client(fixture.port());
        RawTls &tls = client.wrap(std::make_unique<RawTls>(
            client.descriptor(), RawTls::Options { .protocols = offered }));
        if (isServed) {
            QCOMPARE(tls.protocol(), offered.isEmpty() ? QByteArray() : QByteArray("http/1.1"));
            QCOMPARE(client.exchange(getRequest()).value().status, 200);
        } else {
            QCOMPARE(tls.failure(), "tlsv1 alert no application protocol");
            QVERIFY(client.waitForEnd());
        }
    }

    void ticket_isTaken_byEveryWorker_data()
    {
        QTest::addColumn<int>("version");
        QTest::newRow("1.2") << TLS1_2_VERSION;
        QTest::newRow("1.3") << TLS1_3_VERSION;
    }
    void ticket_isTaken_byEveryWorker()
    {
        QFETCH(int, version);
        TransportFixture one(tlsTransport(m_server));
        TransportFixture other(tlsTransport(m_server));
        RawSocket first(one.port());
        RawTls &firstTls = first.wrap(
            std::make_unique<RawTls>(first.descriptor(), RawTls::Options { .version = version }));
        QCOMPARE(first.exchange(getRequest()).value().status, 200);
        const OpenSslPtr<SSL_SESSION, SSL_SESSION_free> session(firstTls.session());
        QVERIFY(session != nullptr);
        QCOMPARE(SSL_CTX_sess_number(m_context), 0L); // the server keeps nothing
        RawSocket second(other.port());
        RawTls &secondTls = second.wrap(std::make_unique<RawTls>(
            second.descriptor(), RawTls::Options { .version = version, .resumed = session.get() }));
        QCOMPARE(second.exchange(getRequest()).value().status, 200);
        QVERIFY(secondTls.isResumed());
    }

    void handshakes_areCounted_byHowTheyEnd()
    {
        TlsServer server(makeTlsContext());
        TransportFixture fixture(tlsTransport(server));
        RawSocket first(fixture.port());
        RawTls &firstTls = first.wrap(std::make_unique<RawTls>(first.descriptor()));
        QCOMPARE(first.exchange(getRequest()).value().status, 200);
        const OpenSslPtr<SSL_SESSION, SSL_SESSION_free> session(firstTls.session());
        QCOMPARE(server.handshakes().full, 1);
        QCOMPARE(server.handshakes().resumed, 0);
        RawSocket second(fixture.port());
        second.wrap(std::make_unique<RawTls>(second.descriptor(),
                                             RawTls::Options { .resumed = session.get() }));
        QCOMPARE(second.exchange(getRequest()).value().status, 200);
        QCOMPARE(server.handshakes().full, 1);
        QCOMPARE(server.handshakes().resumed, 1);
        {
            RawSocket silent(fixture.port()); // as a load balancer's check
            RawSocket plain(fixture.port());
            QVERIFY(plain.send(getRequest()));
            QVERIFY(!plain.read(1).isEmpty());
        }
        QCOMPARE(server.handshakes().failed, 0);
        RawSocket broken(fixture.port());
        QVERIFY(broken.send(clientHello().first(50) + QByteArray(500, 'x')));
        QTRY_COMPARE(server.handshakes().failed, 1);
        // What was counted stays when the certificate is exchanged.
        server.use(makeTlsContext());
        QCOMPARE(server.handshakes().full, 1);
        QCOMPARE(server.handshakes().failed, 1);
    }

    // Bytes.

    void pipelinedRequests_inOneRecord_areAnswered_thoughNothingMoreComes()
    {
        constexpr int Requests = 300;
        TransportLimits limits = testLimits();
        limits.head.bytes = 1'024; // less than a record, so that much of it waits inside TLS
        TransportFixture fixture(tlsTransport(m_server), limits);
        Client client(fixture.port());
        const QByteArray one = getRequest();
        QVERIFY(one.size() * Requests <= 16 * 1'024);
        QVERIFY(client.send(one.repeated(Requests)));
        for (int i = 0; i < Requests; ++i)
            QCOMPARE(client.readResponse().value().status, 200);
    }

    void requestsBehindAHeldOne_inOneRecord_areAnsweredWhenItIs()
    {
        TransportLimits limits = testLimits();
        limits.head.bytes = 512;
        TransportFixture fixture(tlsTransport(m_server), limits);
        Client client(fixture.port());
        QVERIFY(client.send(getRequest("/later") + getRequest().repeated(100)));
        const HeldRequest held = fixture.http.held.take().value();
        std::jthread other([&held] { held.responder.send({ 200, {}, "held" }); });
        QCOMPARE(client.readResponse().value().body, "held");
        for (int i = 0; i < 100; ++i)
            QCOMPARE(client.readResponse().value().status, 200);
    }

    void errorLeftBehindByOthers_onTheThread_endsNoReading()
    {
        TransportFixture fixture(tlsTransport(m_server));
        TricklingClient client(fixture.port());
        QVERIFY(client.exchange(getRequest(), 100).startsWith("HTTP/1.1 200 "));
        leaveError(fixture);
        QVERIFY(client.exchange(getRequest(), 100).startsWith("HTTP/1.1 200 "));
    }

    void errorLeftBehindByOthers_onTheThread_endsNoWriting()
    {
        TransportFixture fixture(tlsTransport(m_server));
        RawSocket client;
        QVERIFY(client.prepare());
        client.setReceiveBuffer(4'096);
        QVERIFY(client.connectTo(fixture.port()));
        client.wrap(std::make_unique<RawTls>(client.descriptor()));
        QVERIFY(client.send(getRequest("/later")));
        const HeldRequest held = fixture.http.held.take().value();
        leaveError(fixture);
        held.responder.send({ 200, {}, QByteArray(20 * MB, 'x') });
        QCOMPARE(client.readResponse().value().body.size(), 20 * MB);
    }

    void framesBehindAHandshake_inOneRecord_areAllTaken()
    {
        constexpr int Texts = 500;
        TransportLimits limits = testLimits();
        limits.head.bytes = 512;
        TransportFixture fixture(tlsTransport(m_server), limits);
        Client client(fixture.port());
        const QByteArray frames =
            RawWebSocket::frame(RawWebSocket::Text, "say hello").repeated(Texts);
        QVERIFY(client.send(RawWebSocket::handshake() + frames));
        QCOMPARE(client.readResponse().value().status, 101);
        for (int i = 0; i < Texts; ++i)
            QCOMPARE(client.read(7), "\x81\x05hello");
    }

    void bytesOneByOne_areUnderstood()
    {
        TransportFixture fixture(tlsTransport(m_server));
        TricklingClient client(fixture.port());
        const QByteArray answer = client.exchange(request("POST", "/", "trickled"), 100);
        QVERIFY(answer.startsWith("HTTP/1.1 200 "));
        QCOMPARE(fixture.http.seen.take().value().body, "trickled");
    }

    void largeAnswer_toASlowReader_arrivesWhole_andItsEndIsSaid()
    {
        TransportFixture fixture(tlsTransport(m_server));
        RawSocket client;
        QVERIFY(client.prepare());
        client.setReceiveBuffer(65'536);
        QVERIFY(client.connectTo(fixture.port()));
        RawTls &tls = client.wrap(std::make_unique<RawTls>(client.descriptor()));
        QVERIFY(client.send(request("GET", "/later", {}, "Connection: close\r\n")));
        const HeldRequest held = fixture.http.held.take().value();
        held.responder.send({ 200, {}, QByteArray(5 * MB, 'x') });
        QCOMPARE(client.readResponse().value().body.size(), 5 * MB);
        QVERIFY(client.waitForEnd());
        QVERIFY(tls.isFinishedByPeer());
    }

    void keyUpdates_whileAnAnswerIsOnItsWay_areDone()
    {
        TransportFixture fixture(tlsTransport(m_server));
        RawSocket client(fixture.port());
        RawTls &tls = client.wrap(std::make_unique<RawTls>(
            client.descriptor(), RawTls::Options { .version = TLS1_3_VERSION }));
        QVERIFY(client.send(getRequest("/later") + getRequest()));
        const HeldRequest held = fixture.http.held.take().value();
        held.responder.send({ 200, {}, QByteArray(2 * MB, 'x') });
        for (int i = 0; i < 20; ++i)
            QVERIFY(tls.updateKeys());
        QCOMPARE(client.readResponse().value().body.size(), 2 * MB);
        QCOMPARE(client.readResponse().value().status, 200);
        QCOMPARE(client.exchange(getRequest()).value().status, 200);
    }

    void keyUpdates_whileOutputWaits_andFramesCome_areDone()
    {
        TransportLimits limits = testLimits();
        limits.webSocketOutputBytes = 64 * MB;
        TransportFixture fixture(tlsTransport(m_server), limits);
        RawSocket client;
        QVERIFY(client.prepare());
        client.setReceiveBuffer(65'536);
        QVERIFY(client.connectTo(fixture.port()));
        RawTls &tls = client.wrap(std::make_unique<RawTls>(
            client.descriptor(), RawTls::Options { .version = TLS1_3_VERSION }));
        QCOMPARE(client.exchange(RawWebSocket::handshake()).value().status, 101);
        QVERIFY(client.send(RawWebSocket::frame(RawWebSocket::Text, "fill 20000000")));
        for (int i = 0; i < 100; ++i) {
            QVERIFY(tls.updateKeys());
            QVERIFY(client.send(RawWebSocket::frame(RawWebSocket::Text, "say hello")));
        }
        for (int i = 0; i < 100; ++i) // heard though nothing was read yet
            QVERIFY(fixture.webSocket.heard("text say hello"));
        QCOMPARE(client.read(10), QByteArray::fromHex("817f0000000001312d00"));
        QCOMPARE(client.read(20'000'000), QByteArray(20'000'000, 'x'));
        QCOMPARE(client.read(700), QByteArray("\x81\x05hello").repeated(100));
    }

    // The end.

    void answeredClient_isToldTheEnd_beforeFin()
    {
        TransportFixture fixture(tlsTransport(m_server));
        RawSocket client(fixture.port());
        RawTls &tls = client.wrap(std::make_unique<RawTls>(client.descriptor()));
        const auto response = client.exchange(request("GET", "/", {}, "Connection: close\r\n"));
        QCOMPARE(response.value().status, 200);
        QVERIFY(client.waitForEnd());
        QVERIFY(tls.isFinishedByPeer());
        QCOMPARE(tls.failure(), QByteArray());
    }

    void clientsEnd_isAnswered_data()
    {
        QTest::addColumn<bool>("isWebSocket");
        QTest::newRow("HTTP") << false;
        QTest::newRow("WebSocket") << true;
    }
    void clientsEnd_isAnswered()
    {
        QFETCH(bool, isWebSocket);
        TransportFixture fixture(tlsTransport(m_server));
        RawSocket client(fixture.port());
        RawTls &tls = client.wrap(std::make_unique<RawTls>(client.descriptor()));
        QVERIFY(client.exchange(isWebSocket ? RawWebSocket::handshake() : getRequest()));
        client.finishSending();
        QVERIFY(client.waitForEnd());
        QVERIFY(tls.isFinishedByPeer());
    }

    void halfClosedClient_getsItsAnswer_data()
    {
        QTest::addColumn<bool>("saysCloseNotify");
        QTest::newRow("close_notify and FIN") << true;
        QTest::newRow("FIN alone") << false;
    }
    void halfClosedClient_getsItsAnswer()
    {
        QFETCH(bool, saysCloseNotify);
        TransportFixture fixture(tlsTransport(m_server));
        Client client(fixture.port());
        QVERIFY(client.send(getRequest("/later")));
        if (saysCloseNotify)
            client.finishSending();
        else
            ::shutdown(client.descriptor(), SHUT_WR);
        const HeldRequest held = fixture.http.held.take().value();
        held.responder.send({ 200, {}, "late" });
        QCOMPARE(client.readResponse().value().body, "late");
        QVERIFY(client.waitForEnd());
    }

    // Clients that mean it ill.

    void hazard_isEnded_andHarmsNobody_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray hello = clientHello();
        QTest::newRow("HTTP without TLS, in small letters") << getRequest().toLower();
        QTest::newRow("zeros") << QByteArray(1'000, '\0');
        QTest::newRow("letters") << QByteArray(1'000, 'x');
        QTest::newRow("record of a type that is none")
            << QByteArray::fromHex("63030100050102030405");
        QTest::newRow("record over the limit")
            << QByteArray::fromHex("160301ffff") + QByteArray(70'000, 'x');
        QTest::newRow("alert first") << QByteArray::fromHex("15030100020228");
        QTest::newRow("application data first") << QByteArray::fromHex("17030300050102030405");
        QTest::newRow("empty records") << QByteArray::fromHex("1603010000").repeated(1'000);
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("half a record header") << hello.first(3);
        QTest::newRow("half a hello") << hello.first(hello.size() / 2);
        QTest::newRow("hello and silence") << hello;
        QTest::newRow("hello twice") << hello + hello;
        QTest::newRow("hello and zeros") << hello + QByteArray(1'000, '\0');
    }
    void hazard_isEnded_andHarmsNobody()
    {
        QFETCH(QByteArray, bytes);
        TransportFixture fixture(tlsTransport(m_server), hastyLimits());
        RawSocket client(fixture.port());
        client.send(bytes);
        QVERIFY(!client.readToEnd().contains("HTTP/"));
        QVERIFY(client.waitForEnd(0ms));
        QCOMPARE(Client(fixture.port()).exchange(getRequest()).value().status, 200);
        QCOMPARE(fixture.openRequests(), 0);
    }

    void plainHttp_isToldSo_andServedNothing()
    {
        TransportFixture fixture(tlsTransport(m_server), hastyLimits());
        RawSocket whole(fixture.port());
        QVERIFY(whole.send(getRequest() + QByteArray(100'000, 'x')));
        RawSocket trickling(fixture.port());
        for (const char byte : getRequest())
            trickling.send({ &byte, 1 });
        for (RawSocket *client : { &whole, &trickling }) {
            const auto response = client->readResponse();
            QCOMPARE(response.value().status, 400);
            QCOMPARE(response->header("Connection"), "close");
            QCOMPARE(response->body, "The plain HTTP request was sent to HTTPS port\n");
            QVERIFY(client->waitForEnd());
        }
        QVERIFY(fixture.http.seen.all().empty());
        QCOMPARE(Client(fixture.port()).exchange(getRequest()).value().status, 200);
        QCOMPARE(fixture.openRequests(), 0);
    }

    void trickledHello_timesOut()
    {
        TransportFixture fixture(tlsTransport(m_server), hastyLimits());
        RawSocket client(fixture.port());
        const QByteArray hello = clientHello();
        // Slower than the time-out allows, if the test ran forever.
        for (qsizetype i = 0; i < hello.size() - 1 && !client.waitForInput(20ms); ++i)
            client.send(hello.sliced(i, 1));
        QVERIFY(client.waitForEnd());
    }

    void silenceAfterTheHandshake_timesOut()
    {
        TransportFixture fixture(tlsTransport(m_server), hastyLimits());
        RawSocket client(fixture.port());
        RawTls &tls = client.wrap(std::make_unique<RawTls>(client.descriptor()));
        QVERIFY(tls.isEstablished());
        QCOMPARE(client.readToEnd(), QByteArray());
        QVERIFY(client.waitForEnd(0ms));
        QVERIFY(tls.isFinishedByPeer());
    }

    void disconnect_atEveryPointOfTheHandshake_leavesNothing()
    {
        TransportFixture fixture(tlsTransport(m_server));
        const QByteArray hello = clientHello();
        for (qsizetype cut = 0; cut <= hello.size(); cut += 7) {
            for (const bool byReset : { false, true }) {
                RawSocket client(fixture.port());
                QVERIFY(client.send(hello.first(cut)));
                if (byReset)
                    client.reset();
            }
        }
        QCOMPARE(Client(fixture.port()).exchange(getRequest()).value().status, 200);
        QTRY_COMPARE(fixture.openRequests(), 0);
    }

    void renegotiation_isRefused()
    {
        TransportFixture fixture(tlsTransport(m_server));
        RawSocket client(fixture.port());
        RawTls &tls = client.wrap(std::make_unique<RawTls>(
            client.descriptor(), RawTls::Options { .version = TLS1_2_VERSION }));
        QCOMPARE(client.exchange(getRequest()).value().status, 200);
        QVERIFY(tls.renegotiate());
        QVERIFY(!client.exchange(getRequest()).has_value());
        QCOMPARE(tls.failure(), "no renegotiation");
        QCOMPARE(Client(fixture.port()).exchange(getRequest()).value().status, 200);
    }

    void plainBytes_afterTheHandshake_areNeverTaken()
    {
        TransportFixture fixture(tlsTransport(m_server));
        RawSocket client(fixture.port());
        const RawTls tls(client.descriptor());
        QVERIFY(client.send(getRequest())); // past TLS
        QVERIFY(!client.readToEnd().contains("HTTP/"));
        QCOMPARE(Client(fixture.port()).exchange(getRequest()).value().status, 200);
        QCOMPARE(fixture.http.seen.all().size(), 1U);
    }

    // Another certificate.

    void newCertificate_isForNewConnections_openOnesGoOn()
    {
        const TestAuthority authority;
        const TestAuthority::Pair before = authority.issue();
        const TestAuthority::Pair after = authority.issue();
        TlsServer server(makeTlsContext(before));
        TransportFixture fixture(tlsTransport(server));
        RawSocket old(fixture.port());
        RawTls &oldTls = old.wrap(std::make_unique<RawTls>(old.descriptor()));
        QCOMPARE(old.exchange(getRequest()).value().status, 200);
        QCOMPARE(oldTls.certificate(), derOf(before.certificate));
        const OpenSslPtr<SSL_SESSION, SSL_SESSION_free> session(oldTls.session());
        QVERIFY(session != nullptr);

        server.use(makeTlsContext(after));
        QCOMPARE(old.exchange(getRequest()).value().status, 200);
        // A ticket of the old one's is no fault, only of no use.
        RawSocket fresh(fixture.port());
        RawTls &freshTls = fresh.wrap(std::make_unique<RawTls>(
            fresh.descriptor(), RawTls::Options { .resumed = session.get() }));
        QCOMPARE(fresh.exchange(getRequest()).value().status, 200);
        QVERIFY(!freshTls.isResumed());
        QCOMPARE(freshTls.certificate(), derOf(after.certificate));
    }

    void exchanges_whileOthersConnect_areSafe()
    {
        TlsServer server(makeTlsContext());
        TransportFixture fixture(tlsTransport(server));
        std::jthread other([&server](const std::stop_token &stop) {
            const TestAuthority authority;
            while (!stop.stop_requested())
                server.use(makeTlsContext(authority.issue()));
        });
        for (int i = 0; i < 100; ++i)
            QCOMPARE(Client(fixture.port()).exchange(getRequest()).value().status, 200);
    }

    // Offered besides plain HTTP.

    void offeredTls_andPlainHttp_areServedOnOnePort()
    {
        TransportFixture fixture(tlsOfferingTransport(m_server));
        for (int i = 0; i < 2; ++i) {
            RawSocket plain(fixture.port());
            QCOMPARE(plain.exchange(getRequest()).value().status, 200);
            QCOMPARE(plain.exchange(getRequest()).value().status, 200);
            Client safe(fixture.port());
            QCOMPARE(safe.exchange(getRequest()).value().status, 200);
            QCOMPARE(
                safe.exchange(request("POST", "/large", QByteArray(900'000, 'x'))).value().status,
                200);
        }
    }

    void offeredTls_handshakeByteByByte_isTaken()
    {
        TransportFixture fixture(tlsOfferingTransport(m_server));
        TricklingClient client(fixture.port());
        QVERIFY(client.exchange(getRequest(), 15).startsWith("HTTP/1.1 200 OK"));
    }

    void offeredTls_amidAPlainConnection_isRefused()
    {
        TransportFixture fixture(tlsOfferingTransport(m_server));
        RawSocket client(fixture.port());
        QCOMPARE(client.exchange(getRequest()).value().status, 200);
        client.send(clientHello());
        QCOMPARE(client.readToEnd(), QByteArray());
    }

    void offeredTls_whatOnlyBeginsLikeAHandshake_endsTheConnection()
    {
        TransportFixture fixture(tlsOfferingTransport(m_server));
        RawSocket client(fixture.port());
        client.send("\x16 GET / HTTP/1.1\r\n\r\n");
        QVERIFY(client.waitForEnd());
        Client other(fixture.port());
        QCOMPARE(other.exchange(getRequest()).value().status, 200);
    }

    void offeredTls_requestsThatBeginLikeAHandshake_areBad()
    {
        TransportFixture fixture(tlsOfferingTransport(m_server));
        Client client(fixture.port());
        QCOMPARE(client.exchange("\x16\x03\x01 / HTTP/1.1\r\n\r\n").value().status, 400);
    }

    void offeredTls_faultOnAnotherConnection_doesNotEndIt()
    {
        TransportFixture fixture(tlsOfferingTransport(m_server));
        leaveError(fixture);
        Client client(fixture.port());
        leaveError(fixture);
        QCOMPARE(client.exchange(getRequest()).value().status, 200);
    }

private:
    TlsContext m_first = makeTlsContext();
    SSL_CTX *m_context = m_first.handle(); // m_server's
    TlsServer m_server { std::move(m_first) };
};

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    TlsTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_tls.moc"
