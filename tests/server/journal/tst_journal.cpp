// SPDX-License-Identifier: MPL-2.0
#include "server/journal/journal.h"
#include "tests/support/recordinglistener.h"

#include <QTest>

#include <array>
#include <set>
#include <thread>
#include <vector>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace std::chrono_literals;

namespace {

/// What one fact adds to one series.
struct Step
{
    QByteArray series;
    std::int64_t by = 1;
};

/// All series and their values. Those by error code are named after both.
std::vector<std::pair<QByteArray, std::int64_t>> valuesOf(const Metrics &metrics)
{
    std::vector<std::pair<QByteArray, std::int64_t>> values;
    for (int i = 0; i < MetricCount; ++i) {
        const auto metric = static_cast<Metric>(i);
        const MetricInfo info = metricInfo(metric);
        QByteArray series = info.name.toByteArray();
        if (!info.label.isEmpty())
            series += '{' + info.label.toByteArray() + '}';
        values.emplace_back(series, metrics.value(metric));
    }
    for (int i = 0; i < ErrorMetricCount; ++i) {
        const auto metric = static_cast<ErrorMetric>(i);
        for (int j = 0; j < ErrorCodeCount; ++j) {
            const auto code = static_cast<ErrorCode>(j);
            values.emplace_back(metricInfo(metric).name.toByteArray() + '{'
                                    + errorName(code).toByteArray() + '}',
                                metrics.value(metric, code));
        }
    }
    for (int i = 0; i < HistogramMetricCount; ++i) {
        const auto metric = static_cast<HistogramMetric>(i);
        const MetricInfo info = metricInfo(metric);
        const QByteArray labels =
            info.label.isEmpty() ? QByteArray() : '{' + info.label.toByteArray() + '}';
        const HistogramValue value = metrics.value(metric);
        values.emplace_back(info.name.toByteArray() + "_count" + labels, value.count());
        values.emplace_back(info.name.toByteArray() + "_sum" + labels, value.sum);
    }
    return values;
}

struct Case
{
    AnyFact fact;
    std::vector<Step> steps;
};

/// One or more of each type of fact.
class Cases
{
public:
    [[nodiscard]] std::vector<Case> all() const
    {
        using Sent = Fact::MessageSent;
        using HandedOver = Fact::MessageHandedOver;
        const auto acknowledged = [this](int code) {
            return Fact::MessageAcknowledged { m_uaid, m_channel, "id", code };
        };
        const auto refused = [this](int code) {
            return Fact::MessageRefused { m_uaid, "id", code };
        };
        const auto unregister = [this](int code) {
            return Fact::UnregisterReceived { m_uaid, m_channel, code };
        };
        return {
            { Fact::PushReceived { "192.0.2.1" }, { { "carillon_pushes_received_total" } } },
            { Fact::PushRefused { .why = ErrorCode::TtlMissing },
              { { "carillon_pushes_refused_total{TtlMissing}" } } },
            { Fact::PushRefused { .why = ErrorCode::NoSuchUser,
                                  .uaid = &m_uaid,
                                  .channelId = &m_channel,
                                  .senderKeyHash = "key" },
              { { "carillon_pushes_refused_total{NoSuchUser}" } } },
            { Fact::PushAccepted { m_uaid, m_channel, SortKey { 2 }, "id" },
              { { "carillon_pushes_accepted_total" } } },
            { Fact::PushAccepted { .uaid = m_uaid,
                                   .channelId = m_channel,
                                   .sortKey = SortKey { 2 },
                                   .id = "id",
                                   .after = 30us },
              { { "carillon_pushes_accepted_total" },
                { "carillon_push_duration_seconds_count" },
                { "carillon_push_duration_seconds_sum", 30 } } },
            { Fact::PushAccepted { .uaid = m_uaid,
                                   .channelId = m_channel,
                                   .sortKey = SortKey { 2 },
                                   .id = "id",
                                   .after = -30us },
              { { "carillon_pushes_accepted_total" },
                { "carillon_push_duration_seconds_count" } } },
            { Fact::MessageReceived { m_message },
              { { "carillon_push_body_bytes_count" }, { "carillon_push_body_bytes_sum", 5 } } },
            { Fact::MessageStored { m_message }, { { "carillon_messages_stored_total" } } },
            { Fact::MessagesRetrieved { m_uaid, {} }, {} },
            { Fact::MessagesRetrieved { m_uaid, m_messages },
              { { "carillon_messages_retrieved_total", 3 } } },
            { Sent { m_message, "id", Sent::Source::Direct, 40us },
              { { R"(carillon_notifications_total{source="direct"})" },
                { R"(carillon_notification_body_bytes_total{source="direct"})", 5 },
                { R"(carillon_delivery_duration_seconds_count{source="direct"})" },
                { R"(carillon_delivery_duration_seconds_sum{source="direct"})", 40 } } },
            { Sent { m_message, "id", Sent::Source::Storage, 50us },
              { { R"(carillon_notifications_total{source="stored"})" },
                { R"(carillon_notification_body_bytes_total{source="stored"})", 5 },
                { R"(carillon_delivery_duration_seconds_count{source="stored"})" },
                { R"(carillon_delivery_duration_seconds_sum{source="stored"})", 50 } } },
            { Sent { m_message, "id", Sent::Source::OtherNode, 60us },
              { { R"(carillon_notifications_total{source="other_node"})" },
                { R"(carillon_notification_body_bytes_total{source="other_node"})", 5 },
                { R"(carillon_delivery_duration_seconds_count{source="other_node"})" },
                { R"(carillon_delivery_duration_seconds_sum{source="other_node"})", 60 } } },
            { Sent { m_message, "id", Sent::Source::Direct },
              { { R"(carillon_notifications_total{source="direct"})" },
                { R"(carillon_notification_body_bytes_total{source="direct"})", 5 } } },
            { acknowledged(0), { { R"(carillon_acks_total{code="100"})" } } },
            { Fact::MessageAcknowledged {
                  .uaid = m_uaid, .channelId = m_channel, .id = "id", .code = 100, .after = 70us },
              { { R"(carillon_acks_total{code="100"})" },
                { "carillon_ack_duration_seconds_count" },
                { "carillon_ack_duration_seconds_sum", 70 } } },
            { acknowledged(100), { { R"(carillon_acks_total{code="100"})" } } },
            { acknowledged(101), { { R"(carillon_acks_total{code="101"})" } } },
            { acknowledged(102), { { R"(carillon_acks_total{code="102"})" } } },
            { acknowledged(103), { { R"(carillon_acks_total{code="other"})" } } },
            { refused(301), { { R"(carillon_nacks_total{code="301"})" } } },
            { refused(302), { { R"(carillon_nacks_total{code="302"})" } } },
            { refused(303), { { R"(carillon_nacks_total{code="303"})" } } },
            { refused(0), { { R"(carillon_nacks_total{code="other"})" } } },
            { Fact::MessageReturned { m_uaid, m_channel, SortKey { 2 }, true }, {} },
            { Fact::MessageReplaced { m_message, m_removed.front() }, {} },
            { Fact::MessageDisplaced { m_message, m_removed.front() },
              { { R"(carillon_messages_dropped_total{reason="overflow"})" } } },
            { Fact::MessageDropped { m_message, Fact::MessageDropped::Reason::TtlZero },
              { { R"(carillon_messages_dropped_total{reason="ttl_zero"})" } } },
            { Fact::MessageOffered { m_message, m_node }, {} },
            { HandedOver { m_message, m_node, HandedOver::Outcome::Taken },
              { { R"(carillon_hand_overs_total{outcome="taken"})" } } },
            { HandedOver { m_message, m_node, HandedOver::Outcome::NotHere },
              { { R"(carillon_hand_overs_total{outcome="not_here"})" } } },
            { HandedOver { m_message, m_node, HandedOver::Outcome::Failed },
              { { R"(carillon_hand_overs_total{outcome="failed"})" } } },
            { Fact::MessageCancelled { m_uaid, m_channel, "id" },
              { { "carillon_messages_cancelled_total" } } },
            { Fact::MessagesExpired { m_removed }, { { "carillon_messages_expired_total", 5 } } },
            { Fact::MessagePurged { m_uaid, m_channel, SortKey { 2 } }, {} },
            { Fact::ConnectionOpened { {}, "192.0.2.1", "agent" },
              { { "carillon_connections" }, { "carillon_connections_opened_total" } } },
            { Fact::ConnectionClosed { {} }, { { "carillon_connections", -1 } } },
            { Fact::ClientGreeted { {}, m_uaid, true, 0, {}, {} },
              { { R"(carillon_hellos_total{client="new"})" } } },
            { Fact::ClientGreeted { {}, m_uaid, false, 1, {}, {} },
              { { R"(carillon_hellos_total{client="known"})" } } },
            { Fact::ClientLeft { {}, &m_uaid, std::nullopt },
              { { "carillon_closed_by_peer_total" } } },
            { Fact::ClientLeft { {}, &m_uaid, std::nullopt, 80ms },
              { { "carillon_closed_by_peer_total" },
                { "carillon_connection_duration_seconds_count" },
                { "carillon_connection_duration_seconds_sum", 80'000 } } },
            { Fact::ClientLeft { {}, nullptr, ErrorCode::Ghost },
              { { "carillon_closes_total{Ghost}" } } },
            { Fact::ChannelRegistered { m_uaid, m_channel, {} },
              { { R"(carillon_registers_total{outcome="done"})" } } },
            { Fact::RegisterRefused { m_uaid, m_channel, ErrorCode::RateLimited },
              { { R"(carillon_registers_total{outcome="refused"})" } } },
            { unregister(0), { { R"(carillon_unregisters_total{code="200"})" } } },
            { unregister(200), { { R"(carillon_unregisters_total{code="200"})" } } },
            { unregister(201), { { R"(carillon_unregisters_total{code="201"})" } } },
            { unregister(202), { { R"(carillon_unregisters_total{code="202"})" } } },
            { unregister(203), { { R"(carillon_unregisters_total{code="other"})" } } },
            { Fact::ChannelPurged { m_uaid, m_channel }, {} },
            { Fact::PingReceived { m_uaid }, { { "carillon_pings_total" } } },
            { Fact::BroadcastSent { m_uaid }, { { "carillon_broadcasts_sent_total" } } },
            { Fact::ClientReset { m_uaid }, { { "carillon_clients_reset_total" } } },
            { Fact::ClientReclaimed { m_uaid }, { { "carillon_clients_reclaimed_total" } } },
            { Fact::ClientsExpired { m_uaids }, { { "carillon_clients_expired_total", 4 } } },
            { Fact::ClientPurged { m_uaid }, {} },
        };
    }

private:
    Uaid m_uaid = newUaid();
    ChannelId m_channel;
    NodeId m_node { "http://127.0.0.1:1" };
    Notification m_message = [] {
        Notification message;
        message.body = "hello";
        return message;
    }();
    std::array<Notification, 3> m_messages;
    std::array<RemovedMessage, 5> m_removed;
    std::array<Uaid, 4> m_uaids;
};

} // namespace

class TestJournal : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyFact_isCountedAsItShouldBe_andByNothingElse();
    void everyFact_isInTheTable();
    void listeners_areToldOnce_inTheOrderRecorded();
    void listeners_areToldFromAnyThread();

private:
    const Cases m_cases;
};

void TestJournal::everyFact_isCountedAsItShouldBe_andByNothingElse()
{
    for (const Case &each : m_cases.all()) {
        Metrics direct;
        Journal journal(direct);
        std::visit([&journal](const auto &fact) { journal.record(fact); }, each.fact);

        std::vector<std::pair<QByteArray, std::int64_t>> wanted = valuesOf(Metrics());
        for (const Step &step : each.steps) {
            const auto place =
                std::ranges::find(wanted, step.series, &decltype(wanted)::value_type::first);
            QVERIFY2(place != wanted.end(), step.series.constData());
            place->second += step.by;
        }
        const auto values = valuesOf(direct);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const QByteArray where = "fact " + QByteArray::number(qulonglong(each.fact.index()))
                + ", " + wanted[i].first + " is " + QByteArray::number(values[i].second);
            QVERIFY2(values[i] == wanted[i], where.constData());
        }
    }
}

void TestJournal::everyFact_isInTheTable()
{
    std::set<std::size_t> types;
    for (const Case &each : m_cases.all())
        types.insert(each.fact.index());
    QCOMPARE(types.size(), std::variant_size_v<AnyFact>);
}

void TestJournal::listeners_areToldOnce_inTheOrderRecorded()
{
    Metrics metrics;
    Journal journal(metrics);
    RecordingListener first;
    RecordingListener second;
    journal.addListener(first);
    journal.addListener(second);
    Uaid uaid = newUaid();
    journal.record(Fact::PushRefused { .why = ErrorCode::TtlMissing, .uaid = &uaid });
    journal.record(Fact::PingReceived { uaid });
    const auto facts = first.take();
    QCOMPARE(namesOf(facts), (QByteArrayList { "PushRefused TtlMissing", "PingReceived" }));
    QCOMPARE(facts.front().uaid, std::optional(uaid));
    QCOMPARE(namesOf(second.take()), namesOf(facts));
    QCOMPARE(metrics.value(Metric::Pings), 1);
}

void TestJournal::listeners_areToldFromAnyThread()
{
    Metrics metrics;
    Journal journal(metrics);
    RecordingListener listener;
    journal.addListener(listener);
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&journal] {
            const Uaid uaid = newUaid();
            for (int j = 0; j < 500; ++j)
                journal.record(Fact::PingReceived { uaid });
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    QCOMPARE(listener.take().size(), 4'000U);
    QCOMPARE(metrics.value(Metric::Pings), 4'000);
}

QTEST_APPLESS_MAIN(TestJournal)
#include "tst_journal.moc"
