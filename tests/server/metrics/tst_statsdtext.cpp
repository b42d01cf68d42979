// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/metrics.h"
#include "server/metrics/statsdseries.h"
#include "server/metrics/statsdtext.h"

#include <QByteArrayList>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>

using namespace Carillon;
using namespace std::chrono_literals;

class StatsdTextTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingHappened_nothingIsSent();
    void counter_isSentAsItsChange();
    void sameNameAndTag_isOneLine();
    void withoutTags_linesOfAName_areAddedUp();
    void emptyLabel_leavesNoDot();
    void vapidErrors_haveAutopushsTag();
    void timing_isALineForEachBucket();
    void timings_haveTheMeanOfTheEvents();
    void timing_staysInItsBucket();
    void lifespan_isInSeconds();
    void everyLineIsWellFormed();
    void packets_areNoLongerThanAFrame();

private:
    /// The lines for what was counted in metrics.
    static QByteArrayList lines(const Metrics &metrics, const StatsdOptions &options = {})
    {
        return statsdPackets(MetricsChange(MetricsSnapshot(), metrics.snapshot()), options)
            .join('\n')
            .split('\n');
    }
};

void StatsdTextTest::nothingHappened_nothingIsSent()
{
    const Metrics metrics;
    QVERIFY(statsdPackets(MetricsChange(MetricsSnapshot(), metrics.snapshot()), {}).isEmpty());
}

void StatsdTextTest::counter_isSentAsItsChange()
{
    Metrics metrics;
    metrics.add(Metric::HellosNew, 5);
    const MetricsSnapshot earlier = metrics.snapshot();
    metrics.add(Metric::HellosNew, 2);
    metrics.add(Metric::PushesReceived, 3);
    const QByteArrayList packets = statsdPackets(MetricsChange(earlier, metrics.snapshot()), {});
    QCOMPARE(packets,
             QByteArrayList { "autoconnect.ua.command.hello:2|c|#uaid:new,autoconnect:true\n"
                              "autoendpoint.notification.received:3|c" });
}

void StatsdTextTest::sameNameAndTag_isOneLine()
{
    Metrics metrics;
    metrics.add(Metric::AcksDelivered, 2);
    metrics.add(Metric::AcksNotDecrypted);
    QCOMPARE(lines(metrics), QByteArrayList { "autoconnect.ua.command.ack:3|c|#autoconnect:true" });
}

void StatsdTextTest::withoutTags_linesOfAName_areAddedUp()
{
    Metrics metrics;
    metrics.add(Metric::HellosNew, 2);
    metrics.add(Metric::HellosKnown, 5);
    StatsdOptions options;
    options.tags = false;
    QCOMPARE(lines(metrics, options), QByteArrayList { "autoconnect.ua.command.hello:7|c" });
}

void StatsdTextTest::emptyLabel_leavesNoDot()
{
    Metrics metrics;
    metrics.add(Metric::PushesReceived);
    StatsdOptions options;
    options.endpointLabel = "";
    QCOMPARE(lines(metrics, options), QByteArrayList { "notification.received:1|c" });
}

void StatsdTextTest::vapidErrors_haveAutopushsTag()
{
    Metrics metrics;
    metrics.add(ErrorMetric::PushesRefused, ErrorCode::VapidExpired);
    metrics.add(ErrorMetric::PushesRefused, ErrorCode::NoSuchUser); // no error of VAPID
    QCOMPARE(lines(metrics),
             QByteArrayList { "autoendpoint.notification.auth.error:1|c|#error:invalid_expiry" });
}

void StatsdTextTest::timing_isALineForEachBucket()
{
    Metrics metrics;
    for (int i = 0; i < 4; ++i)
        metrics.observe(HistogramMetric::PushDuration, 2ms); // 1 to 2.5 ms
    metrics.observe(HistogramMetric::PushDuration, 300ms); // 250 to 500 ms
    const QByteArrayList sent = lines(metrics);
    QCOMPARE(sent.size(), 2);
    static const QRegularExpression many(QStringLiteral(
        R"(^autoendpoint\.notification\.route_time:(1|2)(\.\d+)?\|ms\|@0\.25\|#outcome:ok$)"));
    static const QRegularExpression one(
        QStringLiteral(R"(^autoendpoint\.notification\.route_time:\d+(\.\d+)?\|ms\|#outcome:ok$)"));
    QVERIFY2(many.match(QString::fromLatin1(sent[0])).hasMatch(), sent[0].constData());
    QVERIFY2(one.match(QString::fromLatin1(sent[1])).hasMatch(), sent[1].constData());
}

void StatsdTextTest::timings_haveTheMeanOfTheEvents()
{
    Metrics metrics;
    for (int i = 0; i < 8; ++i)
        metrics.observe(HistogramMetric::PushDuration,
                        1'100us); // 1 to 2.5 ms, whose middle is 1.75
    QCOMPARE(lines(metrics),
             QByteArrayList { "autoendpoint.notification.route_time:1.1|ms|@0.125|#outcome:ok" });
}

void StatsdTextTest::timing_staysInItsBucket()
{
    Metrics metrics;
    metrics.observe(HistogramMetric::PushDuration, 300us); // 0.25 to 0.5 ms
    metrics.observe(HistogramMetric::PushDuration, 1h); // above 10 s
    const QByteArrayList sent = lines(metrics);
    QCOMPARE(sent.size(), 2);
    QCOMPARE(sent[0], "autoendpoint.notification.route_time:0.5|ms|#outcome:ok");
    QVERIFY2(sent[1].startsWith("autoendpoint.notification.route_time:3599"), sent[1].constData());
}

void StatsdTextTest::lifespan_isInSeconds()
{
    Metrics metrics;
    metrics.observe(HistogramMetric::ConnectionDuration, 20min);
    QCOMPARE(lines(metrics),
             QByteArrayList { "autoconnect.ua.connection.lifespan:1200|ms|#autoconnect:true" });
}

void StatsdTextTest::everyLineIsWellFormed()
{
    Metrics metrics;
    for (int i = 0; i < MetricCount; ++i)
        metrics.add(static_cast<Metric>(i), i + 1);
    for (int i = 0; i < ErrorCodeCount; ++i)
        metrics.add(ErrorMetric::PushesRefused, static_cast<ErrorCode>(i));
    for (int i = 0; i < HistogramMetricCount; ++i) {
        for (const std::int64_t bound : histogramBounds(static_cast<HistogramMetric>(i)))
            metrics.observe(static_cast<HistogramMetric>(i), bound);
    }
    static const QRegularExpression line(
        QStringLiteral(R"(^auto(connect|endpoint)(\.[a-z_]+)+:[0-9][0-9.]*\|(c|ms(\|@0\.[0-9]+)?))"
                       R"((\|#[a-z_]+:[A-Za-z0-9_]+(,[a-z]+:[a-z]+)?)?$)"));
    const QByteArrayList sent = lines(metrics);
    for (const QByteArray &each : sent)
        QVERIFY2(line.match(QString::fromLatin1(each)).hasMatch(), each.constData());
    for (const StatsdSeries &series : statsdSeries()) {
        QVERIFY2(std::ranges::any_of(sent,
                                     [&series](const QByteArray &each) {
                                         return each.contains('.' + series.name.toByteArray() + ':')
                                             && each.contains(series.tag);
                                     }),
                 series.name.data());
    }
}

void StatsdTextTest::packets_areNoLongerThanAFrame()
{
    Metrics metrics;
    for (int i = 0; i < MetricCount; ++i)
        metrics.add(static_cast<Metric>(i), i + 1);
    for (int i = 0; i < HistogramMetricCount; ++i) {
        for (const std::int64_t bound : histogramBounds(static_cast<HistogramMetric>(i)))
            metrics.observe(static_cast<HistogramMetric>(i), bound);
    }
    const QByteArrayList packets =
        statsdPackets(MetricsChange(MetricsSnapshot(), metrics.snapshot()), {});
    QVERIFY(packets.size() > 1);
    for (const QByteArray &packet : packets) {
        QVERIFY(packet.size() <= StatsdPacketBytes && !packet.endsWith('\n'));
        if (packet != packets.last())
            QVERIFY(packet.size() > StatsdPacketBytes - 200); // filled as far as lines go
    }
}

QTEST_APPLESS_MAIN(StatsdTextTest)
#include "tst_statsdtext.moc"
