// SPDX-License-Identifier: MPL-2.0
#include "server/logging/logring.h"

#include <QJsonObject>
#include <QTest>

#include <atomic>
#include <thread>

using namespace Carillon;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const LogRecord::Time SomeTime { 1'700'000'000'123'456'789ns };

LogRecord record(QByteArray message, LogLevel level = LogLevel::Info,
                 QByteArray category = "carillon.net")
{
    return { .time = SomeTime,
             .level = level,
             .category = std::move(category),
             .message = std::move(message),
             .fields = {} };
}

QByteArrayList messages(const std::vector<LogRecord> &records)
{
    QByteArrayList all;
    for (const LogRecord &each : records)
        all << each.message;
    return all;
}

class Collector final : public LogListener
{
public:
    void logged(const LogRecord &one) override
    {
        records.push_back(one);
        if (answers)
            answers->add(record("from a listener"));
    }

    std::vector<LogRecord> records;
    LogRing *answers = nullptr;
};

} // namespace

class TestLogRing : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void newestRecords_stay_withIdsThatIncrease()
    {
        LogRing ring({ .records = 3, .bytes = 1 << 20 });
        for (const char *text : { "a", "b", "c", "d" })
            ring.add(record(text));
        const auto found = ring.find({ .order = LogQuery::Order::OldestFirst });
        QCOMPARE(messages(found), (QByteArrayList { "b", "c", "d" }));
        QCOMPARE(found.front().id, 2U);
        QCOMPARE(found.back().id, 4U);
        QCOMPARE(ring.newestId(), 4U);
    }

    void bytes_areBounded()
    {
        LogRing ring({ .records = 10'000, .bytes = 64 * 1024 });
        for (int i = 0; i < 1'000; ++i)
            ring.add(record(QByteArray(1'000, 'x')));
        QVERIFY(ring.size() < 64);
        QVERIFY(ring.size() > 40);
        QCOMPARE(ring.newestId(), 1'000U);
    }

    void longMessage_isCutBetweenCharacters()
    {
        LogRing ring;
        ring.add(record(QByteArray(LogRing::MaxMessage - 1, 'x') + "ä" + "tail"));
        const QByteArray kept = ring.find({}).front().message;
        QCOMPARE(kept, QByteArray(LogRing::MaxMessage - 1, 'x') + "…");
    }

    void query_selects_data()
    {
        using Order = LogQuery::Order;
        QTest::addColumn<LogQuery>("query");
        QTest::addColumn<QByteArrayList>("found");
        const auto row = [](const char *name, LogQuery query, QByteArrayList found) {
            QTest::newRow(name) << query << found;
        };
        row("all, the newest first", {}, { "5 late", "4 Error", "3 warning", "2 info", "1 debug" });
        row("all, the oldest first", { .order = Order::OldestFirst },
            { "1 debug", "2 info", "3 warning", "4 Error", "5 late" });
        row("level", { .level = LogLevel::Warning }, { "4 Error", "3 warning" });
        row("category", { .category = "carillon.app" }, { "4 Error" });
        row("category with wildcard", { .category = "carillon.n*" },
            { "5 late", "2 info", "1 debug" });
        row("two wildcards", { .category = "*.*t" },
            { "5 late", "3 warning", "2 info", "1 debug" });
        row("part of a category only", { .category = "carillon" }, {});
        row("text in any case", { .text = "ERR" }, { "4 Error" });
        row("since", { .since = SomeTime + 1s }, { "5 late" });
        row("after an id", { .after = 3, .order = Order::OldestFirst }, { "4 Error", "5 late" });
        row("before an id", { .before = 3 }, { "2 info", "1 debug" });
        row("limit", { .limit = 2 }, { "5 late", "4 Error" });
        row("limit of what fits", { .level = LogLevel::Warning, .limit = 1 }, { "4 Error" });
        row("limit 0", { .limit = 0 }, {});
    }
    void query_selects()
    {
        QFETCH(LogQuery, query);
        QFETCH(QByteArrayList, found);
        LogRing ring;
        ring.add(record("1 debug", LogLevel::Debug));
        ring.add(record("2 info"));
        ring.add(record("3 warning", LogLevel::Warning, "qt.net"));
        ring.add(record("4 Error", LogLevel::Error, "carillon.app"));
        LogRecord late = record("5 late");
        late.time += 1s;
        ring.add(late);
        QCOMPARE(messages(ring.find(query)), found);
    }

    void listener_isTold_untilItIsRemoved()
    {
        LogRing ring;
        Collector listener;
        ring.add(record("before"));
        ring.addListener(listener);
        ring.add(record("while"));
        ring.removeListener(listener);
        ring.add(record("after"));
        QCOMPARE(messages(listener.records), QByteArrayList { "while" });
        QCOMPARE(listener.records.front().id, 2U);
    }

    void whatAListenerLogs_isKeptAndNotToldToIt()
    {
        LogRing ring;
        Collector listener;
        listener.answers = &ring;
        ring.addListener(listener);
        ring.add(record("first"));
        ring.add(record("second"));
        QCOMPARE(messages(listener.records), (QByteArrayList { "first", "second" }));
        QCOMPARE(ring.newestId(), 4U);
    }

    void threads_loseNothing()
    {
        constexpr int ThreadCount = 4;
        constexpr int RecordCount = 1'000;
        LogRing ring;
        Collector listener;
        ring.addListener(listener);
        std::atomic<bool> isDone = false;
        std::thread reader([&] {
            while (!isDone)
                static_cast<void>(ring.find({}));
        });
        std::vector<std::thread> writers;
        for (int t = 0; t < ThreadCount; ++t) {
            writers.emplace_back([&] {
                for (int i = 0; i < RecordCount; ++i)
                    ring.add(record("x"));
            });
        }
        for (std::thread &writer : writers)
            writer.join();
        isDone = true;
        reader.join();
        QCOMPARE(ring.newestId(), std::uint64_t { ThreadCount } * RecordCount);
        QCOMPARE(listener.records.size(), std::size_t { ThreadCount } * RecordCount);
        for (std::size_t i = 0; i < listener.records.size(); ++i)
            QCOMPARE(listener.records[i].id, i + 1);
    }

    void record_isJson()
    {
        LogRecord one = record("a \"quoted\" text", LogLevel::Warning);
        one.id = 7;
        one.fields = R"({"code":410})";
        QCOMPARE(toJson(one),
                 (QJsonObject { { u"id"_s, 7 },
                                { u"time"_s, u"2023-11-14T22:13:20.123Z"_s },
                                { u"level"_s, u"warning"_s },
                                { u"category"_s, u"carillon.net"_s },
                                { u"message"_s, u"a \"quoted\" text"_s },
                                { u"fields"_s, QJsonObject { { u"code"_s, 410 } } } }));
        QVERIFY(!toJson(record("x")).contains("fields"_L1));
    }

    void levels_haveNames()
    {
        for (const LogLevel level :
             { LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error })
            QCOMPARE(levelNamed(levelName(level)), level);
        QVERIFY(!levelNamed("loud"));
    }
};

QTEST_APPLESS_MAIN(TestLogRing)
#include "tst_logring.moc"
