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
    const QByteArray body = randomText(40);
    QCOMPARE(Sender(m_server).pushText(m_witnessPath, body).status, 201);
    const QJsonObject notification = witness.notification();
    QCOMPARE(bodyOf(notification), body);
    witness.acknowledge(notification);
    QVERIFY(witness.barrier());
    QVERIFY(witness.takeWaiting().isEmpty());
}

void ProtocolTest::cleanupTestCase()
{
    m_server.terminate();
    QVERIFY2(m_server.waitForEnd(), m_server.log().constData());
    QVERIFY2(m_server.exitCode() == 0, m_server.log().constData());
    QCOMPARE(m_server.leaks(), QByteArrayList());
}

} // namespace Carillon::Testing
