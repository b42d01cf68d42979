// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"

#include <QTest>

namespace Carillon::Testing {

ProtocolTest::ProtocolTest(SettingValues settings)
    : m_server(std::move(settings)), m_sender(m_server)
{
}

void ProtocolTest::initTestCase()
{
    QVERIFY2(qEnvironmentVariableIsSet("CARILLON_BIN"), "CARILLON_BIN names the program to test");
    QVERIFY2(m_server.start(), m_server.log().constData());
    PushClient witness(m_server);
    QCOMPARE(witness.hello().value(QStringLiteral("status")).toInt(), 200);
    m_witness = witness.uaid();
    m_witnessPath = witness.subscribe(randomChannel());
    QVERIFY(!m_witnessPath.isEmpty());
}

void ProtocolTest::cleanup()
{
    PushClient witness(m_server);
    witness.hello(m_witness);
    QCOMPARE(witness.uaid(), m_witness);
    QCOMPARE(drain(witness, m_witnessPath), QList<QJsonObject>());
}

QList<QJsonObject> ProtocolTest::drain(PushClient &client, const QByteArray &path, PushParts parts)
{
    parts.body = randomText(40);
    parts.urgency = "high"; // nobody asks for more
    QList<QJsonObject> before;
    if (m_sender.push(path, parts).status != 201)
        return { QJsonObject { { QStringLiteral("drain"), QStringLiteral("push refused") } } };
    while (true) {
        const QJsonObject notification = client.notification();
        if (bodyOf(notification) == parts.body) {
            client.acknowledge(notification);
            if (client.barrier())
                return before;
        }
        before.append(notification);
        if (notification.isEmpty())
            return before;
    }
}

void ProtocolTest::cleanupTestCase()
{
    m_server.terminate();
    QVERIFY2(m_server.waitForEnd(), m_server.log().constData());
    QVERIFY2(m_server.exitCode() == 0, m_server.log().constData());
    // It does talk, so that silence is not what keeps the secrets.
    QVERIFY(m_server.log().contains(m_witness.left(8)));
    QCOMPARE(m_server.leaks(), QByteArrayList());
}

QByteArrayList takeBodies(PushClient &client, int count)
{
    QByteArrayList bodies;
    for (int i = 0; i < count; ++i) {
        const QJsonObject notification = client.notification();
        bodies.append(bodyOf(notification));
        client.acknowledge(notification);
    }
    return client.barrier() ? bodies : QByteArrayList { "no barrier" };
}

} // namespace Carillon::Testing
