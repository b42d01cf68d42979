// SPDX-License-Identifier: MPL-2.0
#include "server/app/ports.h"

#include <QTcpServer>
#include <QTest>

using namespace Carillon;
using namespace Qt::StringLiterals;

namespace {

/// Keeps what it is told to listen at.
class ListeningOnly final : public Transport
{
public:
    Result<quint16, QString> listen(const Listener &listener) override
    {
        if (listener.port == refusedPort)
            return Unexpected(u"refused"_s);
        listeners.push_back(listener);
        return listener.port;
    }
    void stopListening() override { }
    void forEachSession(const std::function<void(WebSocketSession &)> &) override { }
    WebSocketSession *session(ConnectionId) override { return nullptr; }
    void readNow(ConnectionId) override { }
    [[nodiscard]] int openRequests() const override { return 0; }
    void answerAll(const HttpResponse &) override { }
    void respond(ConnectionId, std::uint32_t, HttpResponse) override { }

    std::vector<Listener> listeners;
    quint16 refusedPort = 0;
};

} // namespace

class PortsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void portLeftOpen_isFound_andUrlsFollowFromIt();
    void urlThatIsSet_stays();
    void portInUse_isRefused();
    void portOfAPassedSocket_isNotProbed();
    void listenerThatTheRoleHasNot_takesNoPort();
    void listens_onEachAddress();
    void listens_onThePassedSocketsAlone();
    void transportRefuses_isTheError();

private:
    Settings m_settings;
    QTcpServer m_other; // listens at a port of loopback
    ListeningOnly m_transport;
};

void PortsTest::init()
{
    m_settings = {};
    m_settings.connect.port = 0;
    m_settings.endpoint.port = 0;
    m_settings.router.port = 0;
    m_transport.listeners.clear();
    m_transport.refusedPort = 1;
    if (!m_other.isListening())
        QVERIFY(m_other.listen(QHostAddress::LocalHost));
}

void PortsTest::portLeftOpen_isFound_andUrlsFollowFromIt()
{
    QVERIFY(Ports({}).take(m_settings));
    QVERIFY(m_settings.connect.port != 0);
    QVERIFY(m_settings.endpoint.port != 0);
    QCOMPARE(m_settings.endpoint.url,
             "http://127.0.0.1:" + QByteArray::number(m_settings.endpoint.port));
    QCOMPARE(m_settings.router.url,
             "http://127.0.0.1:" + QByteArray::number(m_settings.router.port));
}

void PortsTest::urlThatIsSet_stays()
{
    m_settings.endpoint.url = "https://push.example.com";
    QVERIFY(Ports({}).take(m_settings));
    QCOMPARE(m_settings.endpoint.url, "https://push.example.com"_ba);
}

void PortsTest::portInUse_isRefused()
{
    m_settings.endpoint.port = m_other.serverPort();
    const auto taken = Ports({}).take(m_settings);
    QVERIFY(!taken);
    QVERIFY2(taken.error().contains(QString::number(m_other.serverPort())),
             qPrintable(taken.error()));
}

void PortsTest::portOfAPassedSocket_isNotProbed()
{
    m_settings.endpoint.port = m_other.serverPort();
    const Ports ports({ { ListenerName::Endpoint, int(m_other.socketDescriptor()),
                          m_other.serverAddress(), m_other.serverPort() } });
    QVERIFY(ports.take(m_settings));
    QCOMPARE(m_settings.endpoint.port, m_other.serverPort());
}

void PortsTest::listenerThatTheRoleHasNot_takesNoPort()
{
    m_settings.role = Role::Endpoint;
    m_settings.connect.port = m_other.serverPort();
    QVERIFY(Ports({}).take(m_settings));
    QCOMPARE(m_settings.router.port, quint16(0));
    QVERIFY(m_settings.router.url.isEmpty());
}

void PortsTest::listens_onEachAddress()
{
    const Addresses addresses { QHostAddress(u"127.0.0.1"_s), QHostAddress(u"127.0.0.2"_s) };
    QVERIFY(Ports({}).listen(m_transport, ListenerName::Connect, addresses,
                             { .name = u"connect"_s, .port = 8080 }));
    QCOMPARE(m_transport.listeners.size(), 2U);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        QCOMPARE(m_transport.listeners[i].address, addresses[i]);
        QCOMPARE(m_transport.listeners[i].port, quint16(8080));
        QCOMPARE(m_transport.listeners[i].inherited, -1);
    }
}

void PortsTest::listens_onThePassedSocketsAlone()
{
    const int descriptor = int(m_other.socketDescriptor());
    const Ports ports(
        { { ListenerName::Connect, descriptor, m_other.serverAddress(), m_other.serverPort() } });
    const Addresses addresses { QHostAddress(u"127.0.0.2"_s) };
    QVERIFY(ports.listen(m_transport, ListenerName::Connect, addresses,
                         { .name = u"connect"_s, .port = 8080 }));
    QCOMPARE(m_transport.listeners.size(), 1U);
    QCOMPARE(m_transport.listeners[0].inherited, descriptor);
    QCOMPARE(m_transport.listeners[0].address, m_other.serverAddress());

    m_transport.listeners.clear(); // another listener has sockets of its own
    QVERIFY(ports.listen(m_transport, ListenerName::Router, addresses,
                         { .name = u"router"_s, .port = 8081 }));
    QCOMPARE(m_transport.listeners.size(), 1U);
    QCOMPARE(m_transport.listeners[0].inherited, -1);
}

void PortsTest::transportRefuses_isTheError()
{
    m_transport.refusedPort = 8080;
    const Addresses addresses { QHostAddress(u"127.0.0.1"_s) };
    const auto listening = Ports({}).listen(m_transport, ListenerName::Connect, addresses,
                                            { .name = u"connect"_s, .port = 8080 });
    QVERIFY(!listening);
    QCOMPARE(listening.error(), u"refused"_s);
}

QTEST_GUILESS_MAIN(PortsTest)
#include "tst_ports.moc"
