// SPDX-License-Identifier: MPL-2.0
#include "core/reliability/trackedsenders.h"

#include <QCryptographicHash>
#include <QTest>

using namespace Carillon;

namespace {

QByteArray hash(const QByteArray &point)
{
    return QCryptographicHash::hash(point, QCryptographicHash::Sha256);
}

} // namespace

class TestTrackedSenders : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void withoutKeys_nobodyIsTracked()
    {
        QVERIFY(!TrackedSenders().contains(hash("point")));
        QVERIFY(!TrackedSenders().contains({}));
    }

    void keys_areKnownByTheirHash()
    {
        const TrackedSenders tracked({ "first", "second" }, false);
        QVERIFY(tracked.contains(hash("first")));
        QVERIFY(tracked.contains(hash("second")));
        QVERIFY(!tracked.contains(hash("third")));
        QVERIFY(!tracked.contains({}));
    }

    void all_includesThoseWithoutAKey()
    {
        const TrackedSenders tracked({}, true);
        QVERIFY(tracked.contains(hash("any")));
        QVERIFY(tracked.contains({}));
    }

    void idsOfSenders_areShortAndPlain_data()
    {
        QTest::addColumn<QByteArray>("id");
        QTest::addColumn<bool>("isTaken");
        QTest::newRow("UUID") << QByteArray("a1f4f6d4-0f42-4d6e-8f3b-7f8d1b0a2c3d") << true;
        QTest::newRow("all kinds of characters") << QByteArray("azAZ09-._~:") << true;
        QTest::newRow("64 characters") << QByteArray(64, 'x') << true;
        QTest::newRow("65 characters") << QByteArray(65, 'x') << false;
        QTest::newRow("empty") << QByteArray() << false;
        QTest::newRow("space") << QByteArray("a b") << false;
        QTest::newRow("slash") << QByteArray("a/b") << false;
        QTest::newRow("quote") << QByteArray("a\"b") << false;
        QTest::newRow("not ASCII") << QByteArray("\xC3\xA9") << false;
    }

    void idsOfSenders_areShortAndPlain()
    {
        QFETCH(const QByteArray, id);
        QFETCH(const bool, isTaken);
        QCOMPARE(isReliabilityId(id), isTaken);
    }

    void newIds_differ()
    {
        const QByteArray id = newReliabilityId();
        QVERIFY(isReliabilityId(id));
        QCOMPARE(id.size(), 36);
        QVERIFY(newReliabilityId() != id);
    }
};

QTEST_GUILESS_MAIN(TestTrackedSenders)
#include "tst_trackedsenders.moc"
