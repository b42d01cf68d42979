// SPDX-License-Identifier: MPL-2.0
#include "core/base/metricnames.h"

namespace Carillon {
namespace {

constexpr MetricKind Counter = MetricKind::Counter;
constexpr MetricKind Gauge = MetricKind::Gauge;
constexpr MetricKind Duration = MetricKind::Duration;

} // namespace

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
    case Metric::StorageFailures:
        return { Counter, "carillon_storage_failures_total", "",
                 "Transactions of the writers that failed as a whole" };
    case Metric::StorageQueue:
        return { Gauge, "carillon_storage_queue", "", "Storage calls that wait for a thread" };
    case Metric::StorageWalRestarts:
        return { Counter, "carillon_storage_wal_restarts_total", "",
                 "Times that the writer paused to restart SQLite's log" };
    case Metric::StorageLongestWalRestart:
        return { Duration, "carillon_storage_longest_wal_restart_seconds", "",
                 "The longest of those pauses" };
    case Metric::StorageBytes:
        return { Gauge, "carillon_storage_bytes", "",
                 "Size of the database without its free pages" };
    case Metric::StorageFreeDisk:
        return { Gauge, "carillon_storage_free_disk_bytes", "", "Room on the database's disk" };
    case Metric::StorageIsFull:
        return { Gauge, "carillon_storage_full", "",
                 "1: new messages and subscriptions are refused for want of room" };
    case Metric::ClockIsTrusted:
        return { Gauge, "carillon_clock_trusted", "",
                 "0: the system clock contradicts what is known of the time" };
    case Metric::ClockAhead:
        return { Duration, "carillon_clock_ahead_seconds", "",
                 "How far the system clock is ahead of what it should be; negative: behind" };
    case Metric::CertificateExpiry:
        return { Duration, "carillon_certificate_expiry_timestamp_seconds", "",
                 "When the certificate in force expires, in Unix time; 0: no TLS here" };
    case Metric::CertificateReloadsFailed:
        return { Counter, "carillon_certificate_reloads_failed_total", "",
                 "Times that a new certificate was faulty and the old one stayed" };
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

} // namespace Carillon
