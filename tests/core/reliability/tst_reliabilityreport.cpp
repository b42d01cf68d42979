// SPDX-License-Identifier: MPL-2.0
#include "core/reliability/reliabilityreport.h"

#include <QJsonArray>
#include <QTest>

using namespace Carillon;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

using enum MessageState;

const QDate Day(2026, 3, 14);

struct Step
{
    MessageState state;
    std::chrono::milliseconds at;
};

/// A message that goes to these states, so long after the day's noon; it is in the last one.
Timeline timeline(const std::vector<Step> &steps)
{
    Timeline made { .id = "id", .state = steps.back().state };
    for (const Step &step : steps)
        made.milestones.push_back({ step.state, beginOf(Day) + 12h + step.at });
    return made;
}

/// Eight messages. To delivery: 10, 20, 40 and 2,000 ms.
ReliabilityReport report()
{
    ReportBuilder builder;
    builder.add(timeline(
        { { Received, 0ms }, { Transmitted, 2ms }, { Accepted, 10ms }, { Delivered, 10ms } }));
    builder.add(timeline(
        { { Received, 5ms }, { Transmitted, 9ms }, { Accepted, 25ms }, { Delivered, 25ms } }));
    builder.add(timeline(
        { { Received, 0ms }, { Transmitted, 6ms }, { Accepted, 40ms }, { Delivered, 40ms } }));
    builder.add(timeline({ { Received, 0ms },
                           { Stored, 4ms },
                           { Retrieved, 1'900ms },
                           { Transmitted, 1'900ms },
                           { Accepted, 2'000ms },
                           { Delivered, 2'000ms } }));
    builder.add(timeline(
        { { Received, 0ms }, { Transmitted, 1ms }, { Accepted, 3ms }, { DecryptionError, 3ms } }));
    builder.add(timeline({ { Received, 0ms }, { Stored, 8ms }, { Expired, 60'000ms } }));
    builder.add(timeline({ { Received, 0ms }, { Errored, 7ms } }));
    builder.add(timeline({ { Received, 0ms }, { Stored, 3ms } }));
    return builder.report(Day);
}

} // namespace

class TestReliabilityReport : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void totals_areThoseOfPresentStates()
    {
        const ReliabilityReport made = report();
        QCOMPARE(made.total, 8);
        QCOMPARE(made.count(Delivered), 4);
        QCOMPARE(made.count(DecryptionError), 1);
        QCOMPARE(made.count(Expired), 1);
        QCOMPARE(made.count(Errored), 1);
        QCOMPARE(made.count(Stored), 1);
        QCOMPARE(made.open(), 1);
        QCOMPARE(made.shareDelivered(), std::optional(0.5));
    }

    void delivery_isTimedFromReceivedToDelivered()
    {
        const auto delivery = report().delivery;
        QVERIFY(delivery);
        QVERIFY(delivery->shortest == 10ms);
        QVERIFY(delivery->median == 30ms);
        QVERIFY(delivery->p95 == 2'000ms);
        QVERIFY(delivery->longest == 2'000ms);
    }

    void percentile_isTheValueThatSoManyDoNotExceed()
    {
        ReportBuilder builder;
        for (int i = 100; i > 0; --i)
            builder.add(
                timeline({ { Received, 0ms }, { Delivered, std::chrono::milliseconds(i) } }));
        const auto delivery = builder.report(Day).delivery;
        QVERIFY(delivery->p95 == 95ms);
        QVERIFY(delivery->median == 50'500us);
    }

    void milestones_areTimedFromTheOneBefore()
    {
        using Times = ReliabilityReport::StateTimes;
        const std::vector<Times> expected {
            { Received, 8, 0ms, 0ms, 0ms },
            { Stored, 3, 15ms, 5ms, 4ms },
            { Retrieved, 1, 1'896ms, 1'896ms, 1'896ms },
            { Transmitted, 5, 13ms, 2'600us, 2ms },
            { Accepted, 5, 160ms, 32ms, 16ms },
            { Delivered, 4, 0ms, 0ms, 0ms },
            { DecryptionError, 1, 0ms, 0ms, 0ms },
            { Expired, 1, 59'992ms, 59'992ms, 59'992ms },
            { Errored, 1, 7ms, 7ms, 7ms },
        };
        QVERIFY(report().states == expected);
    }

    void json_hasTheSameNumbers()
    {
        const QJsonObject json = toJson(report());
        QCOMPARE(json[u"date"].toString(), u"2026-03-14"_s);
        QCOMPARE(json[u"total"].toInt(), 8);
        QCOMPARE(json[u"delivered"].toInt(), 4);
        QCOMPARE(json[u"expired"].toInt(), 1);
        QCOMPARE(json[u"errored"].toInt(), 1);
        QCOMPARE(json[u"open"].toInt(), 1);
        QCOMPARE(json[u"share_delivered"].toDouble(), 0.5);
        QCOMPARE(json[u"delivery_seconds"][u"median"].toDouble(), 0.03);
        QCOMPARE(json[u"delivery_seconds"][u"p95"].toDouble(), 2.0);
        QCOMPARE(json[u"states"][u"decryption_error"].toInt(), 1);
        const QJsonObject stored = json[u"milestones"][1].toObject();
        QCOMPARE(stored[u"state"].toString(), u"stored"_s);
        QCOMPARE(stored[u"count"].toInt(), 3);
        QCOMPARE(stored[u"total_seconds"].toDouble(), 0.015);
        QCOMPARE(stored[u"mean_seconds"].toDouble(), 0.005);
        QCOMPARE(stored[u"median_seconds"].toDouble(), 0.004);
    }

    void markdown_isATableOfTheSame()
    {
        const QByteArray text = toMarkdown(report());
        for (const char *line : {
                 "# Push reliability, 2026-03-14\n",
                 "| received | 8 |\n",
                 "| delivered | 4 |\n",
                 "| decryption_error | 1 |\n",
                 "| expired | 1 |\n",
                 "| errored | 1 |\n",
                 "| open | 1 |\n",
                 "| share delivered | 50.00 % |\n",
                 "| 0.010 s | 0.030 s | 2.000 s | 2.000 s |\n",
                 "| accepted | 5 | 0.160 s | 0.032 s | 0.016 s |\n",
             })
            QVERIFY2(text.contains(line), line);
        QVERIFY(!text.contains("not_delivered"));
    }

    void dayWithoutMessages_hasAReport()
    {
        const ReliabilityReport empty = ReportBuilder().report(Day);
        QCOMPARE(empty.total, 0);
        QVERIFY(!empty.delivery);
        QVERIFY(!empty.shareDelivered());
        QVERIFY(toJson(empty)[u"share_delivered"].isNull());
        QVERIFY(toJson(empty)[u"delivery_seconds"].isNull());
        QVERIFY(toMarkdown(empty).contains("| share delivered | - |\n"));
    }

    void days_areThoseOfUtc()
    {
        QCOMPARE(beginOf(QDate(1970, 1, 2)).time_since_epoch(), std::chrono::microseconds(24h));
        QCOMPARE(dateOf(beginOf(Day)), Day);
        QCOMPARE(dateOf(beginOf(Day) - 1us), Day.addDays(-1));
    }
};

QTEST_GUILESS_MAIN(TestReliabilityReport)
#include "tst_reliabilityreport.moc"
