// SPDX-License-Identifier: MPL-2.0
#include "core/client/broadcasts.h"

#include <QTest>

#include <malloc.h>

using namespace Carillon;

class TestBroadcastSubscriptions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void unknownId_isToldWhenItAppears_unlessTheVersionIsTheSame_data();
    void unknownId_isToldWhenItAppears_unlessTheVersionIsTheSame();
    void unknownId_thatIsLong_isNotFollowed();
    void idsBeyondTheirNumber_areNotFollowed();
    void hugeVersionsOfUnknownIds_takeLittleMemory();
};

void TestBroadcastSubscriptions::unknownId_isToldWhenItAppears_unlessTheVersionIsTheSame_data()
{
    QTest::addColumn<QByteArray>("version");
    QTest::newRow("short") << QByteArray("7");
    QTest::newRow("as long as is kept") << QByteArray(32, 'v');
    QTest::newRow("longer than is kept") << QByteArray(33, 'v');
    QTest::newRow("64 KiB") << QByteArray(64 * 1024, 'v');
}

void TestBroadcastSubscriptions::unknownId_isToldWhenItAppears_unlessTheVersionIsTheSame()
{
    QFETCH(const QByteArray, version);
    BroadcastSubscriptions same;
    const BroadcastChanges news = same.subscribe({ { "late", version } }, {});
    QCOMPARE(news.unknown.size(), 1U);
    QVERIFY(same.changes({ { "late", version } }).empty());

    BroadcastSubscriptions other;
    static_cast<void>(other.subscribe({ { "late", version + "older" } }, {}));
    const BroadcastVersions current { { "late", version } };
    const std::vector<Broadcast> changed = other.changes(current);
    QCOMPARE(changed.size(), 1U);
    QCOMPARE(changed.front().version, version);
    QVERIFY(other.changes(current).empty());
}

void TestBroadcastSubscriptions::unknownId_thatIsLong_isNotFollowed()
{
    const QByteArray longest(BroadcastSubscriptions::MaxUnknownIdBytes, 'i');
    const QByteArray longer = longest + 'i';
    BroadcastSubscriptions client;
    QCOMPARE(client.subscribe({ { longest, "1" }, { longer, "1" } }, {}).unknown.size(), 2U);
    const std::vector<Broadcast> changed = client.changes({ { longest, "2" }, { longer, "2" } });
    QCOMPARE(changed.size(), 1U);
    QCOMPARE(changed.front().id, longest);
}

void TestBroadcastSubscriptions::idsBeyondTheirNumber_areNotFollowed()
{
    BroadcastSubscriptions client;
    BroadcastVersions newer;
    for (std::size_t i = 0; i < 3 * BroadcastSubscriptions::MaxIds; ++i) {
        const QByteArray id = "id" + QByteArray::number(qulonglong { i });
        static_cast<void>(client.subscribe({ { id, "1" } }, {}));
        newer.insert(id, "2");
    }
    QCOMPARE(client.changes(newer).size(), BroadcastSubscriptions::MaxIds);
}

void TestBroadcastSubscriptions::hugeVersionsOfUnknownIds_takeLittleMemory()
{
#if defined(__SANITIZE_ADDRESS__)
    QSKIP("the allocator of AddressSanitizer does not tell");
#endif
    constexpr int Clients = 20;
    std::vector<BroadcastSubscriptions> clients(Clients);
    const auto before = ::mallinfo2();
    for (BroadcastSubscriptions &client : clients) {
        std::vector<Broadcast> asked;
        for (std::size_t i = 0; i < BroadcastSubscriptions::MaxIds; ++i) {
            const QByteArray id = QByteArray(BroadcastSubscriptions::MaxUnknownIdBytes - 3, 'i')
                + QByteArray::number(qulonglong { i });
            asked.push_back({ id, QByteArray(64 * 1024, 'v') });
        }
        static_cast<void>(client.subscribe(asked, {}));
    }
    const auto after = ::mallinfo2();
    const std::size_t taken = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
    QVERIFY2(taken < std::size_t { Clients } * 32 * 1024, qPrintable(QString::number(taken)));
}

QTEST_APPLESS_MAIN(TestBroadcastSubscriptions)
#include "tst_broadcastsubscriptions.moc"
