// SPDX-License-Identifier: MPL-2.0
#include "server/nodes/nodesignature.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

class TestNodeSignature : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void ownSignature_verifies();
    void anyChange_isRefused_data();
    void anyChange_isRefused();
    void age_isBounded_data();
    void age_isBounded();
    void derivedFromAnyCryptoKey_verifies();
    void malformed_isRefused_data();
    void malformed_isRefused();

private:
    const WallTime m_now { 1'700'000'000s };
    const NodeSignature m_signature { "a secret", {} };
};

void TestNodeSignature::ownSignature_verifies()
{
    const QByteArray header = m_signature.sign("PUT", "/push/a", "body", m_now);
    QVERIFY(m_signature.verify(header, "PUT", "/push/a", "body", m_now));
}

void TestNodeSignature::anyChange_isRefused_data()
{
    QTest::addColumn<QByteArray>("secret");
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("secret") << QByteArray("other") << QByteArray("PUT") << QByteArray("/push/a")
                            << QByteArray("body");
    QTest::newRow("method") << QByteArray("a secret") << QByteArray("POST") << QByteArray("/push/a")
                            << QByteArray("body");
    QTest::newRow("path") << QByteArray("a secret") << QByteArray("PUT") << QByteArray("/push/b")
                          << QByteArray("body");
    QTest::newRow("body") << QByteArray("a secret") << QByteArray("PUT") << QByteArray("/push/a")
                          << QByteArray("bodY");
    QTest::newRow("line break moved") << QByteArray("a secret") << QByteArray("PUT\n/push")
                                      << QByteArray("/a") << QByteArray("body");
}

void TestNodeSignature::anyChange_isRefused()
{
    QFETCH(QByteArray, secret);
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    const QByteArray header = m_signature.sign("PUT", "/push/a", "body", m_now);
    QVERIFY(!NodeSignature(secret, {}).verify(header, method, path, body, m_now));
}

void TestNodeSignature::age_isBounded_data()
{
    QTest::addColumn<int>("seconds");
    QTest::addColumn<bool>("valid");
    QTest::newRow("now") << 0 << true;
    QTest::newRow("at the limit") << 300 << true;
    QTest::newRow("too old") << 301 << false;
    QTest::newRow("clock behind") << -300 << true;
    QTest::newRow("from the future") << -301 << false;
}

void TestNodeSignature::age_isBounded()
{
    QFETCH(int, seconds);
    QFETCH(bool, valid);
    const QByteArray header = m_signature.sign("PUT", "/push/a", "body", m_now);
    QCOMPARE(
        m_signature.verify(header, "PUT", "/push/a", "body", m_now + std::chrono::seconds(seconds)),
        valid);
}

void TestNodeSignature::derivedFromAnyCryptoKey_verifies()
{
    const NodeSignature before({}, { "old key" });
    const NodeSignature after({}, { "new key", "old key" });
    const NodeSignature stranger({}, { "strange key" });
    const QByteArray header = before.sign("PUT", "/push/a", "body", m_now);
    QVERIFY(after.verify(header, "PUT", "/push/a", "body", m_now));
    QVERIFY(!stranger.verify(header, "PUT", "/push/a", "body", m_now));
    // The first key signs.
    QVERIFY(!before.verify(after.sign("PUT", "/push/a", "body", m_now), "PUT", "/push/a", "body",
                           m_now));
}

void TestNodeSignature::malformed_isRefused_data()
{
    QTest::addColumn<QByteArray>("header");
    const QByteArray good = m_signature.sign("PUT", "/push/a", "body", m_now);
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("no signature") << good.left(good.indexOf(','));
    QTest::newRow("cut") << good.chopped(1);
    QTest::newRow("longer") << good + 'A';
    QTest::newRow("time is no number") << "t=x" + good.mid(good.indexOf(','));
    QTest::newRow("time is empty") << "t=" + good.mid(good.indexOf(','));
    QTest::newRow("time overflows") << "t=99999999999999999999" + good.mid(good.indexOf(','));
    QTest::newRow("other order") << good.mid(good.indexOf(',') + 1) + ','
            + good.left(good.indexOf(','));
}

void TestNodeSignature::malformed_isRefused()
{
    QFETCH(QByteArray, header);
    QVERIFY(!m_signature.verify(header, "PUT", "/push/a", "body", m_now));
}

QTEST_APPLESS_MAIN(TestNodeSignature)
#include "tst_nodesignature.moc"
