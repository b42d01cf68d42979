// SPDX-License-Identifier: MPL-2.0
#include "core/base/lrucache.h"

#include <QTest>

#include <memory>

using namespace Carillon;

class tst_LruCache : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theLongestUnused_makesRoom()
    {
        LruCache<int, int> cache(2);
        cache.insert(1, 10);
        cache.insert(2, 20);
        QCOMPARE(*cache.find(1), 10);
        cache.insert(3, 30);
        QVERIFY(cache.find(1) != nullptr);
        QVERIFY(cache.find(2) == nullptr);
        QVERIFY(cache.find(3) != nullptr);
        QCOMPARE(cache.size(), size_t(2));
    }

    void sameKey_isReplaced_andPushesNothingOut()
    {
        LruCache<int, int> cache(2);
        cache.insert(1, 10);
        cache.insert(2, 20);
        QCOMPARE(cache.insert(2, 21), 21);
        QCOMPARE(*cache.find(1), 10);
        QCOMPARE(*cache.find(2), 21);
        QCOMPARE(cache.size(), size_t(2));
    }

    void removed_isGone_unknownIsNoError()
    {
        LruCache<int, int> cache(2);
        cache.insert(1, 10);
        cache.remove(1);
        cache.remove(7);
        QVERIFY(cache.find(1) == nullptr);
        QCOMPARE(cache.size(), size_t(0));
    }

    void valuesThatOnlyMove_areDestroyedWhenPushedOut()
    {
        LruCache<int, std::shared_ptr<int>> cache(1);
        const auto value = std::make_shared<int>(1);
        cache.insert(1, value);
        QCOMPARE(value.use_count(), 2);
        cache.insert(2, nullptr);
        QCOMPARE(value.use_count(), 1);
        LruCache<int, std::unique_ptr<int>> moving(1);
        QCOMPARE(*moving.insert(1, std::make_unique<int>(5)), 5);
    }

    void noRoom_isRoomForOne()
    {
        LruCache<int, int> cache(0);
        cache.insert(1, 10);
        cache.insert(2, 20);
        QCOMPARE(cache.size(), size_t(1));
        QCOMPARE(*cache.find(2), 20);
    }
};

QTEST_APPLESS_MAIN(tst_LruCache)
#include "tst_lrucache.moc"
