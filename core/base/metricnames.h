// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

#include <cstdint>

namespace Carillon {

/// Every number that the server counts, in the order of /metrics. Values with the same name in the
/// table follow each other and differ in one label.
enum class Metric : std::uint8_t {
    // Clients.
    Connections,
    ConnectionsOpened,
    Sockets,
    ConnectionsRefusedAddress, ///< limits.connections_per_address
    ConnectionsRefusedProxyHeader, ///< a trusted proxy's connection without a good PROXY header
    ConnectionsRefusedTls, ///< a TLS handshake on a listener without TLS
    ConnectionsRefusedPlain, ///< plain HTTP on a listener with TLS
    AcceptPausesFull, ///< limits.connections
    AcceptPausesRate, ///< limits.accept_rate
    AcceptPausesDescriptors, ///< the kernel had no more
    HellosNew,
    HellosKnown,
    Registers,
    RegistersRefused,
    UnregistersByUser, ///< code 200, or none
    UnregistersQuota, ///< 201
    UnregistersPermission, ///< 202
    UnregistersOther,
    AcksDelivered, ///< code 100, or none
    AcksNotDecrypted, ///< 101
    AcksNotDelivered, ///< 102
    AcksOther,
    Nacks301,
    Nacks302,
    Nacks303,
    NacksOther,
    Pings,
    NotificationsDirect, ///< sent as they came
    NotificationsStored, ///< sent from storage
    ClosedByPeer, ///< connections that ended without a word of ours
    // Senders.
    PushesReceived,
    PushesAccepted,
    MessagesStored,
    MessagesCancelled, ///< by the sender, DELETE /m
    MessagesExpired,
    MessagesDroppedTtlZero,
    MessagesDroppedOverflow, ///< on_full = "drop-oldest"
    ClientsReset, ///< on_full = "reset"
    ClientsReclaimed, ///< whose records did not name the process that they are connected to
    ClientsExpired,
    VapidCacheHits,
    VapidCacheMisses,
    VapidSubjectOdd,
    UrgencyUnknown,
    RateLimitedAddress,
    RateLimitedSubscription,
    RateLimitedSender,
    RateLimitedRegistration,
    RateLimitedClientRegistration,
    RateLimitedNewClient,
    RateLimitsCrowded, ///< requests that passed for want of a bucket
    // Between processes.
    HandOversTaken,
    HandOversNotHere,
    HandOversFailed,
    // Broadcasts.
    BroadcastsSent,
    MegaphonePolls,
    MegaphonePollsFailed,
    // Storage.
    StorageBatches,
    StorageBatchItems,
    StorageWritesSpared,
    StorageFailures,
    StorageQueue,
    StorageWalRestarts,
    StorageLongestWalRestart,
    StorageBytes,
    StorageFreeDisk,
    StorageIsFull,
    // The clock.
    ClockIsTrusted,
    ClockAhead,
    // TLS.
    CertificateExpiry, ///< since 1970
    CertificateReloadsFailed,
};

/// Number of metrics; Metric values are 0 … count − 1.
inline constexpr int MetricCount = static_cast<int>(Metric::CertificateReloadsFailed) + 1;

/// Numbers that are counted separately for each ErrorCode.
enum class ErrorMetric : std::uint8_t {
    PushesRefused, ///< requests of senders, by how they were answered
    Closes, ///< WebSocket connections that this server closed
};

inline constexpr int ErrorMetricCount = static_cast<int>(ErrorMetric::Closes) + 1;

enum class MetricKind : std::uint8_t {
    Counter, ///< only rises; the name ends in _total
    Gauge, ///< rises and falls
    Duration, ///< a gauge, kept in microseconds, shown in seconds
};

struct MetricInfo
{
    MetricKind kind;
    /// Name in Prometheus.
    QByteArrayView name;
    /// `key="value"` without braces; empty: the name has only one metric.
    QByteArrayView label;
    QByteArrayView help;
};

[[nodiscard]] MetricInfo metricInfo(Metric metric);
[[nodiscard]] MetricInfo metricInfo(ErrorMetric metric);

} // namespace Carillon
