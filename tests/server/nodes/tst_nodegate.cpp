// SPDX-License-Identifier: MPL-2.0
#include "server/nodes/nodegate.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

class TestNodeGate : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void unsigned_isTaken_fromThisMachineOnly_data();
    void unsigned_isTaken_fromThisMachineOnly();
    void unsigned_isRefused_whereNodesSign();
    void signed_isTaken_fromAnywhere();
    void wronglySigned_isRefused_evenFromThisMachine();

private:
    static HttpRequest request(const QByteArray &peer, const QByteArray &signature = {})
    {
        HttpRequest made;
        made.method = "PUT";
        made.path = "/notif/0123456789abcdef0123456789abcdef";
        made.peer = peer;
        if (!signature.isNull())
            made.headers.add(NodeSignature::HeaderName, signature);
        return made;
    }

    const WallTime m_now { 1'700'000'000s };
    const NodeSignature m_signature { "a secret", {} };
    const NodeGate m_open { m_signature, NodeGate::Unsigned::FromLoopback };
    const NodeGate m_closed { m_signature, NodeGate::Unsigned::Refused };
};

void TestNodeGate::unsigned_isTaken_fromThisMachineOnly_data()
{
    QTest::addColumn<QByteArray>("peer");
    QTest::addColumn<bool>("isTaken");
    QTest::newRow("127.0.0.1") << QByteArray("127.0.0.1") << true;
    QTest::newRow("127.8.9.10") << QByteArray("127.8.9.10") << true;
    QTest::newRow("::1") << QByteArray("::1") << true;
    QTest::newRow("loopback in IPv6") << QByteArray("::ffff:127.0.0.1") << true;
    QTest::newRow("private") << QByteArray("192.168.1.2") << false;
    QTest::newRow("public") << QByteArray("192.0.2.1") << false;
    QTest::newRow("public in IPv6") << QByteArray("::ffff:192.0.2.1") << false;
    QTest::newRow("IPv6") << QByteArray("2001:db8::1") << false;
    QTest::newRow("unspecified") << QByteArray("0.0.0.0") << false;
    QTest::newRow("nothing") << QByteArray("") << false;
    QTest::newRow("no address") << QByteArray("localhost") << false;
}

void TestNodeGate::unsigned_isTaken_fromThisMachineOnly()
{
    QFETCH(QByteArray, peer);
    QFETCH(bool, isTaken);
    QCOMPARE(m_open.accepts(request(peer), m_now), isTaken);
}

void TestNodeGate::unsigned_isRefused_whereNodesSign()
{
    QVERIFY(!m_closed.accepts(request("127.0.0.1"), m_now));
}

void TestNodeGate::signed_isTaken_fromAnywhere()
{
    const HttpRequest signedOne =
        request("192.0.2.1", m_signature.sign("PUT", request({}).path, {}, m_now));
    QVERIFY(m_open.accepts(signedOne, m_now));
    QVERIFY(m_closed.accepts(signedOne, m_now));
}

void TestNodeGate::wronglySigned_isRefused_evenFromThisMachine()
{
    QVERIFY(!m_open.accepts(request("127.0.0.1", ""), m_now));
    const NodeSignature other("another secret", {});
    QVERIFY(!m_open.accepts(request("127.0.0.1", other.sign("PUT", request({}).path, {}, m_now)),
                            m_now));
}

QTEST_APPLESS_MAIN(TestNodeGate)
#include "tst_nodegate.moc"
