// SPDX-License-Identifier: MPL-2.0
#include "tests/support/testserver.h"

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

QTEST_GUILESS_MAIN(ListenersTest)
#include "tst_listeners.moc"
