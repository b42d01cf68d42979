// SPDX-License-Identifier: MPL-2.0
#include "core/base/metricnames.h"

#include "core/base/histogram.h"

namespace Carillon {
namespace {

constexpr MetricKind Counter = MetricKind::Counter;
constexpr MetricKind Gauge = MetricKind::Gauge;
constexpr MetricKind Distribution = MetricKind::Histogram;

// Times are in microseconds.
constexpr std::int64_t Ms = 1'000;
constexpr std::int64_t Second = 1'000 * Ms;
constexpr std::int64_t Minute = 60 * Second;
constexpr std::int64_t Hour = 60 * Minute;
constexpr std::int64_t Day = 24 * Hour;

/// Of what a sender or a transaction waits for.
constexpr std::int64_t AnswerBounds[] = { Ms / 4,         Ms / 2,     Ms,         5 * Ms / 2,
                                          5 * Ms,         10 * Ms,    25 * Ms,    50 * Ms,
                                          100 * Ms,       250 * Ms,   500 * Ms,   Second,
                                          5 * Second / 2, 5 * Second, 10 * Second };
/// From connected clients to those who come back after weeks.
constexpr std::int64_t DeliveryBounds[] = { Ms / 4,   Ms / 2,   Ms,         5 * Ms / 2,  5 * Ms,
                                            10 * Ms,  25 * Ms,  50 * Ms,    100 * Ms,    250 * Ms,
                                            500 * Ms, Second,   5 * Second, 30 * Second, 5 * Minute,
                                            Hour,     6 * Hour, Day,        7 * Day,     28 * Day };
constexpr std::int64_t AckBounds[] = { Ms,          5 * Ms / 2,  5 * Ms,         10 * Ms,
                                       25 * Ms,     50 * Ms,     100 * Ms,       250 * Ms,
                                       500 * Ms,    Second,      5 * Second / 2, 5 * Second,
                                       10 * Second, 30 * Second, Minute,         5 * Minute,
                                       Hour };
constexpr std::int64_t ConnectionBounds[] = { Second,     10 * Second, 30 * Second, Minute,
                                              5 * Minute, 15 * Minute, Hour,        4 * Hour,
                                              12 * Hour,  Day,         3 * Day,     7 * Day,
                                              30 * Day };
constexpr std::int64_t BodyBounds[] = { 0, 128, 256, 512, 1024, 2048, 3072, 4096 };
constexpr std::int64_t BatchBounds[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512 };

constexpr bool fit(std::span<const std::int64_t> bounds)
{
    return bounds.size() <= MaxHistogramBounds;
}
static_assert(fit(AnswerBounds) && fit(DeliveryBounds) && fit(AckBounds) && fit(ConnectionBounds)
              && fit(BodyBounds) && fit(BatchBounds));

} // namespace

MetricUnit MetricInfo::unit() const
{
    QByteArrayView measure = name;
    if (measure.endsWith("_total"))
        measure.chop(6);
    if (measure.endsWith("_seconds"))
        return MetricUnit::Seconds;
    return measure.endsWith("_bytes") ? MetricUnit::Bytes : MetricUnit::None;
}

MetricInfo metricInfo(Metric metric)
{
    switch (metric) {
    case Metric::Connections:
        return { Gauge, "carillon_connections", "", "WebSocket connections that are open" };
    case Metric::ConnectionsOpened:
        return { Counter, "carillon_connections_opened_total", "",
                 "WebSocket connections ever opened" };
    case Metric::Sockets:
        return { Gauge, "carillon_sockets", "",
                 "TCP connections that are open and count for limits.connections" };
    case Metric::ConnectionsRefusedAddress:
        return { Counter, "carillon_connections_refused_total", R"(reason="address")",
                 "Connections and upgrades closed at once" };
    case Metric::ConnectionsRefusedProxyHeader:
        return { Counter, "carillon_connections_refused_total", R"(reason="proxy_header")",
                 "Connections and upgrades closed at once" };
    case Metric::ConnectionsRefusedTls:
        return { Counter, "carillon_connections_refused_total", R"(reason="tls_on_plain")",
                 "Connections and upgrades closed at once" };
    case Metric::ConnectionsRefusedPlain:
        return { Counter, "carillon_connections_refused_total", R"(reason="plain_on_tls")",
                 "Connections and upgrades closed at once" };
    case Metric::AcceptPausesFull:
        return { Counter, "carillon_accept_pauses_total", R"(reason="full")",
                 "Times that connections were left waiting in the kernel" };
    case Metric::AcceptPausesRate:
        return { Counter, "carillon_accept_pauses_total", R"(reason="rate")",
                 "Times that connections were left waiting in the kernel" };
    case Metric::AcceptPausesDescriptors:
        return { Counter, "carillon_accept_pauses_total", R"(reason="descriptors")",
                 "Times that connections were left waiting in the kernel" };
    case Metric::HellosNew:
        return { Counter, "carillon_hellos_total", R"(client="new")",
                 "Hellos answered, by whether the client kept its UAID" };
    case Metric::HellosKnown:
        return { Counter, "carillon_hellos_total", R"(client="known")",
                 "Hellos answered, by whether the client kept its UAID" };
    case Metric::Registers:
        return { Counter, "carillon_registers_total", R"(outcome="done")",
                 "Register messages answered" };
    case Metric::RegistersRefused:
        return { Counter, "carillon_registers_total", R"(outcome="refused")",
                 "Register messages answered" };
    case Metric::UnregistersByUser:
        return { Counter, "carillon_unregisters_total", R"(code="200")",
                 "Unregister messages answered, by the client's reason" };
    case Metric::UnregistersQuota:
        return { Counter, "carillon_unregisters_total", R"(code="201")",
                 "Unregister messages answered, by the client's reason" };
    case Metric::UnregistersPermission:
        return { Counter, "carillon_unregisters_total", R"(code="202")",
                 "Unregister messages answered, by the client's reason" };
    case Metric::UnregistersOther:
        return { Counter, "carillon_unregisters_total", R"(code="other")",
                 "Unregister messages answered, by the client's reason" };
    case Metric::AcksDelivered:
        return { Counter, "carillon_acks_total", R"(code="100")",
                 "Notifications acknowledged, by what became of them" };
    case Metric::AcksNotDecrypted:
        return { Counter, "carillon_acks_total", R"(code="101")",
                 "Notifications acknowledged, by what became of them" };
    case Metric::AcksNotDelivered:
        return { Counter, "carillon_acks_total", R"(code="102")",
                 "Notifications acknowledged, by what became of them" };
    case Metric::AcksOther:
        return { Counter, "carillon_acks_total", R"(code="other")",
                 "Notifications acknowledged, by what became of them" };
    case Metric::Nacks301:
        return { Counter, "carillon_nacks_total", R"(code="301")",
                 "Notifications that an application failed on, by reason" };
    case Metric::Nacks302:
        return { Counter, "carillon_nacks_total", R"(code="302")",
                 "Notifications that an application failed on, by reason" };
    case Metric::Nacks303:
        return { Counter, "carillon_nacks_total", R"(code="303")",
                 "Notifications that an application failed on, by reason" };
    case Metric::NacksOther:
        return { Counter, "carillon_nacks_total", R"(code="other")",
                 "Notifications that an application failed on, by reason" };
    case Metric::Pings:
        return { Counter, "carillon_pings_total", "", "Pings that clients sent as messages" };
    case Metric::NotificationsDirect:
        return { Counter, "carillon_notifications_total", R"(source="direct")",
                 "Notifications sent to clients, by where they came from" };
    case Metric::NotificationsStored:
        return { Counter, "carillon_notifications_total", R"(source="stored")",
                 "Notifications sent to clients, by where they came from" };
    case Metric::NotificationsOtherNode:
        return { Counter, "carillon_notifications_total", R"(source="other_node")",
                 "Notifications sent to clients, by where they came from" };
    case Metric::NotificationBytesDirect:
        return { Counter, "carillon_notification_body_bytes_total", R"(source="direct")",
                 "Bodies of the notifications sent to clients, as senders sent them" };
    case Metric::NotificationBytesStored:
        return { Counter, "carillon_notification_body_bytes_total", R"(source="stored")",
                 "Bodies of the notifications sent to clients, as senders sent them" };
    case Metric::NotificationBytesOtherNode:
        return { Counter, "carillon_notification_body_bytes_total", R"(source="other_node")",
                 "Bodies of the notifications sent to clients, as senders sent them" };
    case Metric::MessagesRetrieved:
        return { Counter, "carillon_messages_retrieved_total", "",
                 "Messages read from storage for their clients" };
    case Metric::ClosedByPeer:
        return { Counter, "carillon_closed_by_peer_total", "",
                 "WebSocket connections that ended without this server closing them" };
    case Metric::PushesReceived:
        return { Counter, "carillon_pushes_received_total", "", "Push requests received" };
    case Metric::PushesAccepted:
        return { Counter, "carillon_pushes_accepted_total", "", "Push requests answered 201" };
    case Metric::MessagesStored:
        return { Counter, "carillon_messages_stored_total", "", "Messages committed to storage" };
    case Metric::MessagesCancelled:
        return { Counter, "carillon_messages_cancelled_total", "",
                 "Requests of senders to remove a message" };
    case Metric::MessagesExpired:
        return { Counter, "carillon_messages_expired_total", "",
                 "Stored messages removed at the end of their TTL" };
    case Metric::MessagesDroppedTtlZero:
        return { Counter, "carillon_messages_dropped_total", R"(reason="ttl_zero")",
                 "Messages accepted and given up" };
    case Metric::MessagesDroppedOverflow:
        return { Counter, "carillon_messages_dropped_total", R"(reason="overflow")",
                 "Messages accepted and given up" };
    case Metric::ClientsReclaimed:
        return { Counter, "carillon_clients_reclaimed_total", "",
                 "Connected clients whose records another process had cleared" };
    case Metric::ClientsReset:
        return { Counter, "carillon_clients_reset_total", "",
                 "Clients forgotten because their queue was full" };
    case Metric::ClientsExpired:
        return { Counter, "carillon_clients_expired_total", "",
                 "Clients forgotten because they were not seen for long" };
    case Metric::VapidCacheHits:
        return { Counter, "carillon_vapid_cache_total", R"(outcome="hit")",
                 "VAPID tokens looked up among those verified before" };
    case Metric::VapidCacheMisses:
        return { Counter, "carillon_vapid_cache_total", R"(outcome="miss")",
                 "VAPID tokens looked up among those verified before" };
    case Metric::VapidSubjectOdd:
        return { Counter, "carillon_vapid_subject_odd_total", "",
                 "VAPID tokens whose sub is neither mailto: nor https:" };
    case Metric::UrgencyUnknown:
        return { Counter, "carillon_urgency_unknown_total", "",
                 "Push requests whose Urgency was taken as normal" };
    case Metric::RateLimitedAddress:
        return { Counter, "carillon_rate_limited_total", R"(by="address")",
                 "Requests answered 429 because they came too often" };
    case Metric::RateLimitedSubscription:
        return { Counter, "carillon_rate_limited_total", R"(by="subscription")",
                 "Requests answered 429 because they came too often" };
    case Metric::RateLimitedSender:
        return { Counter, "carillon_rate_limited_total", R"(by="sender")",
                 "Requests answered 429 because they came too often" };
    case Metric::RateLimitedRegistration:
        return { Counter, "carillon_rate_limited_total", R"(by="registration")",
                 "Requests answered 429 because they came too often" };
    case Metric::RateLimitedClientRegistration:
        return { Counter, "carillon_rate_limited_total", R"(by="client_registration")",
                 "Requests answered 429 because they came too often" };
    case Metric::RateLimitedNewClient:
        return { Counter, "carillon_rate_limited_total", R"(by="new_client")",
                 "Requests answered 429 because they came too often" };
    case Metric::RateLimitsCrowded:
        return { Counter, "carillon_rate_limits_crowded_total", "",
                 "Requests that were not limited because too many others were remembered" };
    case Metric::HandOversTaken:
        return { Counter, "carillon_hand_overs_total", R"(outcome="taken")",
                 "Messages offered to the process that holds the client" };
    case Metric::HandOversNotHere:
        return { Counter, "carillon_hand_overs_total", R"(outcome="not_here")",
                 "Messages offered to the process that holds the client" };
    case Metric::HandOversFailed:
        return { Counter, "carillon_hand_overs_total", R"(outcome="failed")",
                 "Messages offered to the process that holds the client" };
    case Metric::BroadcastsSent:
        return { Counter, "carillon_broadcasts_sent_total", "",
                 "Broadcast messages sent to clients" };
    case Metric::MegaphonePolls:
        return { Counter, "carillon_megaphone_polls_total", R"(outcome="done")",
                 "Requests for the current broadcasts" };
    case Metric::MegaphonePollsFailed:
        return { Counter, "carillon_megaphone_polls_total", R"(outcome="failed")",
                 "Requests for the current broadcasts" };
    case Metric::StorageBatches:
        return { Counter, "carillon_storage_batches_total", "", "Transactions of the writers" };
    case Metric::StorageBatchItems:
        return { Counter, "carillon_storage_batch_items_total", "",
                 "Writes that those transactions held" };
    case Metric::StorageWritesSpared:
        return { Counter, "carillon_storage_writes_spared_total", "",
                 "Messages that were acknowledged before their write began" };
    case Metric::StorageWritesRefused:
        return { Counter, "carillon_storage_writes_refused_total", "",
                 "Writes refused because too many were waiting" };
    case Metric::StorageFailures:
        return { Counter, "carillon_storage_failures_total", "",
                 "Transactions of the writers that failed as a whole" };
    case Metric::StorageQueue:
        return { Gauge, "carillon_storage_queue", "", "Storage calls that wait for a thread" };
    case Metric::StorageQueueBytes:
        return { Gauge, "carillon_storage_queue_bytes", "",
                 "Memory that waiting writes take, about" };
    case Metric::StorageQueueAge:
        return { Gauge, "carillon_storage_queue_age_seconds", "",
                 "Age of the oldest write that is not done, less up to a second" };
    case Metric::StorageWalRestarts:
        return { Counter, "carillon_storage_wal_restarts_total", "",
                 "Times that the writer paused to restart SQLite's log" };
    case Metric::StorageLongestWalRestart:
        return { Gauge, "carillon_storage_longest_wal_restart_seconds", "",
                 "The longest of those pauses" };
    case Metric::StorageBytes:
        return { Gauge, "carillon_storage_bytes", "",
                 "Size of the database without its free pages" };
    case Metric::StorageFreeDisk:
        return { Gauge, "carillon_storage_free_disk_bytes", "", "Room on the database's disk" };
    case Metric::StorageIsFull:
        return { Gauge, "carillon_storage_full", "",
                 "1: new messages and subscriptions are refused for want of room" };
    case Metric::MessagesReceived:
        return { Counter, "carillon_messages_total", R"(state="received")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesReachedStored:
        return { Counter, "carillon_messages_total", R"(state="stored")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesIntTransmitted:
        return { Counter, "carillon_messages_total", R"(state="int_transmitted")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesIntAccepted:
        return { Counter, "carillon_messages_total", R"(state="int_accepted")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesReachedRetrieved:
        return { Counter, "carillon_messages_total", R"(state="retrieved")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesBridgeTransmitted:
        return { Counter, "carillon_messages_total", R"(state="bridge_transmitted")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesTransmitted:
        return { Counter, "carillon_messages_total", R"(state="transmitted")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesAccepted:
        return { Counter, "carillon_messages_total", R"(state="accepted")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesDelivered:
        return { Counter, "carillon_messages_total", R"(state="delivered")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesDecryptionError:
        return { Counter, "carillon_messages_total", R"(state="decryption_error")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesNotDelivered:
        return { Counter, "carillon_messages_total", R"(state="not_delivered")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesReachedExpired:
        return { Counter, "carillon_messages_total", R"(state="expired")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::MessagesErrored:
        return { Counter, "carillon_messages_total", R"(state="errored")",
                 "Messages that reached a state (docs/reliability.md)" };
    case Metric::TrackedReceived:
        return { Gauge, "autopush_reliability", R"(state="received")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedStored:
        return { Gauge, "autopush_reliability", R"(state="stored")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedIntTransmitted:
        return { Gauge, "autopush_reliability", R"(state="int_transmitted")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedIntAccepted:
        return { Gauge, "autopush_reliability", R"(state="int_accepted")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedRetrieved:
        return { Gauge, "autopush_reliability", R"(state="retrieved")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedBridgeTransmitted:
        return { Gauge, "autopush_reliability", R"(state="bridge_transmitted")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedTransmitted:
        return { Gauge, "autopush_reliability", R"(state="transmitted")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedAccepted:
        return { Gauge, "autopush_reliability", R"(state="accepted")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedDelivered:
        return { Gauge, "autopush_reliability", R"(state="delivered")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedDecryptionError:
        return { Gauge, "autopush_reliability", R"(state="decryption_error")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedNotDelivered:
        return { Gauge, "autopush_reliability", R"(state="not_delivered")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedExpired:
        return { Gauge, "autopush_reliability", R"(state="expired")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackedErrored:
        return { Gauge, "autopush_reliability", R"(state="errored")",
                 "Tracked messages that are in a state, in storage" };
    case Metric::TrackingAnomalies:
        return { Counter, "carillon_reliability_anomalies_total", "",
                 "Steps of tracked messages that are impossible" };
    case Metric::TrackingGaps:
        return { Counter, "carillon_reliability_gaps_total", "",
                 "Steps of tracked messages over states that were not recorded" };
    case Metric::TrackingDropped:
        return { Counter, "carillon_reliability_dropped_total", "",
                 "Milestones of tracked messages that were not recorded: too many were queued" };
    case Metric::HistoryBytes:
        return { Gauge, "carillon_history_bytes", "", "Memory of the history's events" };
    case Metric::HistoryFileBytes:
        return { Gauge, "carillon_history_file_bytes", "",
                 "Size of what is in the history file (history.path)" };
    case Metric::HistoryFileFailures:
        return { Counter, "carillon_history_file_failures_total", "",
                 "Uses of the history file that failed" };
    case Metric::HistoryFileLost:
        return { Counter, "carillon_history_file_lost_total", "",
                 "Events that left the memory before they could be written to the history file" };
    case Metric::ClockIsTrusted:
        return { Gauge, "carillon_clock_trusted", "",
                 "0: the system clock contradicts what is known of the time" };
    case Metric::ClockAhead:
        return { Gauge, "carillon_clock_ahead_seconds", "",
                 "How far the system clock is ahead of what it should be; negative: behind" };
    case Metric::TlsHandshakesFull:
        return { Counter, "carillon_tls_handshakes_total", R"(outcome="full")",
                 "TLS handshakes, by whether an earlier session was resumed" };
    case Metric::TlsHandshakesResumed:
        return { Counter, "carillon_tls_handshakes_total", R"(outcome="resumed")",
                 "TLS handshakes, by whether an earlier session was resumed" };
    case Metric::TlsHandshakesFailed:
        return { Counter, "carillon_tls_handshakes_total", R"(outcome="failed")",
                 "TLS handshakes, by whether an earlier session was resumed" };
    case Metric::CertificateExpiry:
        return { Gauge, "carillon_certificate_expiry_timestamp_seconds", "",
                 "When the certificate in force expires, in Unix time; 0: no TLS here" };
    case Metric::CertificateReloadsFailed:
        return { Counter, "carillon_certificate_reloads_failed_total", "",
                 "Times that a new certificate was faulty and the old one stayed" };
    case Metric::StatsdPacketsSent:
        return { Counter, "carillon_statsd_packets_total", R"(outcome="sent")",
                 "Packets for StatsD" };
    case Metric::StatsdPacketsFailed:
        return { Counter, "carillon_statsd_packets_total", R"(outcome="failed")",
                 "Packets for StatsD" };
    case Metric::ProcessCpu:
        return { Counter, "process_cpu_seconds_total", "", "CPU time, of user and system" };
    case Metric::ProcessResidentMemory:
        return { Gauge, "process_resident_memory_bytes", "", "Memory in RAM" };
    case Metric::ProcessVirtualMemory:
        return { Gauge, "process_virtual_memory_bytes", "", "Size of the address space" };
    case Metric::ProcessOpenDescriptors:
        return { Gauge, "process_open_fds", "", "Open file descriptors" };
    case Metric::ProcessMaxDescriptors:
        return { Gauge, "process_max_fds", "", "Limit of open file descriptors" };
    case Metric::ProcessStartTime:
        return { Gauge, "process_start_time_seconds", "",
                 "When the process started, in Unix time" };
    }
    Q_UNREACHABLE();
}

MetricInfo metricInfo(ErrorMetric metric)
{
    switch (metric) {
    case ErrorMetric::PushesRefused:
        return { Counter, "carillon_pushes_refused_total", "",
                 "Push requests answered with an error" };
    case ErrorMetric::Closes:
        return { Counter, "carillon_closes_total", "",
                 "WebSocket connections that this server closed" };
    }
    Q_UNREACHABLE();
}

MetricInfo metricInfo(HistogramMetric metric)
{
    switch (metric) {
    case HistogramMetric::PushDuration:
        return { Distribution, "carillon_push_duration_seconds", "",
                 "Time from a push request to its 201" };
    case HistogramMetric::PushBodySize:
        return { Distribution, "carillon_push_body_bytes", "",
                 "Sizes of the bodies of valid push requests" };
    case HistogramMetric::DeliveryDirect:
        return { Distribution, "carillon_delivery_duration_seconds", R"(source="direct")",
                 "Time from a push request to the frame for its client" };
    case HistogramMetric::DeliveryStored:
        return { Distribution, "carillon_delivery_duration_seconds", R"(source="stored")",
                 "Time from a push request to the frame for its client" };
    case HistogramMetric::DeliveryOtherNode:
        return { Distribution, "carillon_delivery_duration_seconds", R"(source="other_node")",
                 "Time from a push request to the frame for its client" };
    case HistogramMetric::AckDuration:
        return { Distribution, "carillon_ack_duration_seconds", "",
                 "Time from a notification's frame to the client's ack" };
    case HistogramMetric::ConnectionDuration:
        return { Distribution, "carillon_connection_duration_seconds", "",
                 "Time from a hello to the end of the connection" };
    case HistogramMetric::StorageBatchWrites:
        return { Distribution, "carillon_storage_batch_writes", "",
                 "Writes in each transaction of the writers that was committed" };
    case HistogramMetric::StorageBatchDuration:
        return { Distribution, "carillon_storage_batch_duration_seconds", "",
                 "Time that each transaction of the writers took, with its commit" };
    }
    Q_UNREACHABLE();
}

std::span<const std::int64_t> histogramBounds(HistogramMetric metric)
{
    switch (metric) {
    case HistogramMetric::PushDuration:
    case HistogramMetric::StorageBatchDuration:
        return AnswerBounds;
    case HistogramMetric::PushBodySize:
        return BodyBounds;
    case HistogramMetric::DeliveryDirect:
    case HistogramMetric::DeliveryStored:
    case HistogramMetric::DeliveryOtherNode:
        return DeliveryBounds;
    case HistogramMetric::AckDuration:
        return AckBounds;
    case HistogramMetric::ConnectionDuration:
        return ConnectionBounds;
    case HistogramMetric::StorageBatchWrites:
        return BatchBounds;
    }
    Q_UNREACHABLE();
}

} // namespace Carillon
