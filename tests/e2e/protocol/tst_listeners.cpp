// SPDX-License-Identifier: MPL-2.0
#include "tests/support/httppeer.h"
#include "tests/support/testserver.h"

#include <QFile>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

const QString OverIPv4 = u"127.0.0.1"_s;
const QString OverIPv6 = u"::1"_s;

bool hasIPv6()
{
    return QTcpServer().listen(QHostAddress(OverIPv6));
}

/// The first line of what is answered to these bytes; empty when nobody listens there, or the
/// connection ends without a word.
QByteArray firstLine(const QString &address, quint16 port, const QByteArray &bytes)
{
    QTcpSocket socket;
    socket.connectToHost(QHostAddress(address), port);
    if (!socket.waitForConnected(static_cast<int>(Patience.count())))
        return {};
    socket.write(bytes);
    QByteArray read;
    while (!read.contains('\n') && socket.waitForReadyRead(static_cast<int>(Patience.count())))
        read += socket.readAll();
    return read.left(read.indexOf('\r'));
}

QByteArray status(const QString &address, quint16 port)
{
    return firstLine(address, port, "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

SettingValues onHosts(const QByteArray &hosts)
{
    return { { "connect.host", hosts }, { "endpoint.host", hosts }, { "router.host", hosts } };
}

std::vector<quint16> portsOf(const TestServer &server)
{
    return { server.connectPort(), server.endpointPort(), server.routerPort() };
}

} // namespace

/// Where the built program listens, and what every listener answers.
class ListenersTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void localhost_isLoopbackOfBothFamilies();
    void wildcardOfIPv6_takesIPv4();
    void severalAddresses_areServed_andNoOthers();
    void healthCheckOfHAProxy_isAnswered_data();
    void healthCheckOfHAProxy_isAnswered();
    void tlsHandshake_onAPlainListener_endsAtOnce_andIsToldOnce();
    void plainRequest_onATlsListener_isAnsweredInPlain_andToldOnce();
};

void ListenersTest::localhost_isLoopbackOfBothFamilies()
{
    if (!hasIPv6())
        QSKIP("this machine has no IPv6");
    TestServer server(onHosts("localhost"));
    QVERIFY2(server.start(), server.log().constData());
    for (const quint16 port : portsOf(server)) {
        QCOMPARE(status(OverIPv4, port), "HTTP/1.1 200 OK"_ba);
        QCOMPARE(status(OverIPv6, port), "HTTP/1.1 200 OK"_ba);
    }
}

void ListenersTest::wildcardOfIPv6_takesIPv4()
{
    if (!hasIPv6())
        QSKIP("this machine has no IPv6");
    SettingValues settings = onHosts("::");
    settings.insert("router.url", "http://localhost");
    settings.insert("allow_insecure_transport", "true");
    TestServer server(settings);
    QVERIFY2(server.start(), server.log().constData());
    for (const quint16 port : portsOf(server)) {
        QCOMPARE(status(OverIPv4, port), "HTTP/1.1 200 OK"_ba);
        QCOMPARE(status(OverIPv6, port), "HTTP/1.1 200 OK"_ba);
    }
}

void ListenersTest::severalAddresses_areServed_andNoOthers()
{
    TestServer server(onHosts("127.0.0.1, 127.0.0.2"));
    QVERIFY2(server.start(), server.log().constData());
    for (const quint16 port : portsOf(server)) {
        QCOMPARE(status(u"127.0.0.1"_s, port), "HTTP/1.1 200 OK"_ba);
        QCOMPARE(status(u"127.0.0.2"_s, port), "HTTP/1.1 200 OK"_ba);
        QCOMPARE(status(u"127.0.0.3"_s, port), QByteArray());
    }
}

void ListenersTest::healthCheckOfHAProxy_isAnswered_data()
{
    QTest::addColumn<QByteArray>("check");
    QTest::newRow("option httpchk") << QByteArray("OPTIONS / HTTP/1.0\r\n\r\n");
    QTest::newRow("on 1.1") << QByteArray("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n");
    QTest::newRow("of the server") << QByteArray("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
}

void ListenersTest::healthCheckOfHAProxy_isAnswered()
{
    QFETCH(QByteArray, check);
    TestServer server;
    QVERIFY2(server.start(), server.log().constData());
    for (const quint16 port : portsOf(server))
        QCOMPARE(firstLine(OverIPv4, port, check), "HTTP/1.1 204 No Content"_ba);
}

void ListenersTest::tlsHandshake_onAPlainListener_endsAtOnce_andIsToldOnce()
{
    TestServer server({ { "limits.head_timeout", "120" } });
    QVERIFY2(server.start(), server.log().constData());
    // A line end in it must not matter, nor that there is none.
    for (const char filler : { 'x', '\n' }) {
        for (const quint16 port : portsOf(server)) {
            QTcpSocket client;
            client.connectToHost(QHostAddress(OverIPv4), port);
            QVERIFY(client.waitForConnected(static_cast<int>(Patience.count())));
            client.write("\x16\x03\x01" + QByteArray(200, filler));
            QVERIFY(client.waitForDisconnected(static_cast<int>(Patience.count())));
            QCOMPARE(client.readAll(), QByteArray());
        }
    }
    if (server.layout() == TestServer::Layout::All) {
        QVERIFY(
            HttpPeer(server.routerPort())
                .get("/metrics")
                .body.contains("carillon_connections_refused_total{reason=\"tls_on_plain\"} 6\n"));
        QCOMPARE(server.log().count("127.0.0.1 began a TLS handshake"), 1);
    }
}

void ListenersTest::plainRequest_onATlsListener_isAnsweredInPlain_andToldOnce()
{
    TestServer server;
    if (server.usesQtTransport())
        QSKIP("the qt transport speaks no TLS");
    const TestAuthority::Pair pair = TestServer::authority().issue();
    QFile file(server.filePath(u"router.pem"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(pair.certificate + pair.key);
    file.close();
    server.set("tls.certificate", file.fileName().toUtf8());
    server.set("tls.listeners", "router");
    QVERIFY2(server.start(), server.log().constData());
    for (const char *method : { "GET", "POST", "OPTIONS", "DELETE", "PRI" }) {
        HttpPeer peer(server.routerPort());
        const HttpReply reply =
            peer.exchange(QByteArray(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n");
        QCOMPARE(reply.status, 400);
        QCOMPARE(reply.header("Content-Type"), "text/plain");
        QCOMPARE(reply.body, "The plain HTTP request was sent to HTTPS port\n");
        QVERIFY(peer.waitForEnd());
    }
    QCOMPARE(server.log().count("127.0.0.1 sent plain HTTP"), 1);
}

QTEST_GUILESS_MAIN(ListenersTest)
#include "tst_listeners.moc"
