// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/metrics.h"
#include "server/metrics/statsdsender.h"

#include <QNetworkDatagram>
#include <QRegularExpression>
#include <QTest>
#include <QUdpSocket>

#include <memory>

using namespace Carillon;
using namespace std::chrono_literals;

class StatsdSenderTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void changes_areSentAtEachInterval();
    void changes_areSentOnce();
    void theRest_isSentAtTheEnd();
    void whatWasCountedBefore_isSentToo();
    void unknownHost_isSaidOnce_andCounted();
    void nobodyListens_isSaidOnce_andCounted();

private:
    [[nodiscard]] StatsdOptions options() const
    {
        StatsdOptions options;
        options.host = QStringLiteral("127.0.0.1");
        options.port = m_receiver->localPort();
        options.interval = 20ms;
        return options;
    }
    /// The next packet; empty: none came.
    [[nodiscard]] QByteArray next()
    {
        if (!m_receiver->hasPendingDatagrams()
            && !QTest::qWaitFor([this] { return m_receiver->hasPendingDatagrams(); }, 10'000))
            return {};
        return m_receiver->receiveDatagram().data();
    }

    std::unique_ptr<QUdpSocket> m_receiver;
};

void StatsdSenderTest::init()
{
    m_receiver = std::make_unique<QUdpSocket>();
    QVERIFY(m_receiver->bind(QHostAddress::LocalHost));
}

void StatsdSenderTest::changes_areSentAtEachInterval()
{
    Metrics metrics;
    const StatsdSender sender(options(), metrics);
    metrics.add(Metric::PushesReceived, 2);
    QCOMPARE(next(), "autoendpoint.notification.received:2|c");
    metrics.add(Metric::PushesReceived, 5);
    QCOMPARE(next(), "autoendpoint.notification.received:5|c");
    QCOMPARE(metrics.value(Metric::StatsdPacketsSent), 2);
}

void StatsdSenderTest::changes_areSentOnce()
{
    Metrics metrics;
    const StatsdSender sender(options(), metrics);
    metrics.add(Metric::PushesReceived);
    QVERIFY(!next().isEmpty());
    QTest::qWait(100);
    QVERIFY(!m_receiver->hasPendingDatagrams());
}

void StatsdSenderTest::theRest_isSentAtTheEnd()
{
    Metrics metrics;
    StatsdOptions rarely = options();
    rarely.interval = 1h;
    auto sender = std::make_unique<StatsdSender>(rarely, metrics);
    QTest::qWait(200); // until the address is known
    metrics.add(Metric::PushesReceived, 4);
    sender.reset();
    QCOMPARE(next(), "autoendpoint.notification.received:4|c");
}

void StatsdSenderTest::whatWasCountedBefore_isSentToo()
{
    Metrics metrics;
    metrics.add(Metric::PushesReceived, 7);
    const StatsdSender sender(options(), metrics);
    metrics.add(Metric::PushesReceived);
    QCOMPARE(next(), "autoendpoint.notification.received:8|c");
}

void StatsdSenderTest::unknownHost_isSaidOnce_andCounted()
{
    Metrics metrics;
    StatsdOptions unknown = options();
    unknown.host = QStringLiteral("nobody.invalid");
    static const QRegularExpression said(
        QStringLiteral("^metrics cannot be sent to StatsD at \"?nobody.invalid\"?, port .+: .+"));
    QTest::ignoreMessage(QtWarningMsg, said);
    QTest::failOnWarning(said);
    const StatsdSender sender(unknown, metrics);
    metrics.add(Metric::PushesReceived);
    QTRY_VERIFY_WITH_TIMEOUT(metrics.value(Metric::StatsdPacketsFailed) >= 3, 30'000);
}

void StatsdSenderTest::nobodyListens_isSaidOnce_andCounted()
{
    Metrics metrics;
    const StatsdOptions closed = options();
    m_receiver.reset();
    static const QRegularExpression said(
        QStringLiteral("^metrics cannot be sent to StatsD at \"?127.0.0.1\"?, port .+"));
    QTest::ignoreMessage(QtWarningMsg, said);
    QTest::failOnWarning(said);
    const StatsdSender sender(closed, metrics);
    // The kernel says so at each second packet.
    QTRY_VERIFY_WITH_TIMEOUT(
        (metrics.add(Metric::PushesReceived), metrics.value(Metric::StatsdPacketsFailed) >= 3),
        30'000);
}

QTEST_GUILESS_MAIN(StatsdSenderTest)
#include "tst_statsdsender.moc"
