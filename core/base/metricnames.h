// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

#include <cstdint>
#include <span>

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
    NotificationsOtherNode, ///< sent as another process handed them over
    NotificationBytesDirect,
    NotificationBytesStored,
    NotificationBytesOtherNode,
    MessagesRetrieved,
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
    StorageWritesRefused,
    StorageFailures,
    StorageQueue,
    StorageQueueBytes,
    StorageQueueAge,
    StorageWalRestarts,
    StorageLongestWalRestart,
    StorageBytes,
    StorageFreeDisk,
    StorageIsFull,
    // Messages by state, in the order of MessageState; of all, and of tracked ones.
    MessagesReceived,
    MessagesReachedStored,
    MessagesIntTransmitted,
    MessagesIntAccepted,
    MessagesReachedRetrieved,
    MessagesBridgeTransmitted,
    MessagesTransmitted,
    MessagesAccepted,
    MessagesDelivered,
    MessagesDecryptionError,
    MessagesNotDelivered,
    MessagesReachedExpired,
    MessagesErrored,
    TrackedReceived,
    TrackedStored,
    TrackedIntTransmitted,
    TrackedIntAccepted,
    TrackedRetrieved,
    TrackedBridgeTransmitted,
    TrackedTransmitted,
    TrackedAccepted,
    TrackedDelivered,
    TrackedDecryptionError,
    TrackedNotDelivered,
    TrackedExpired,
    TrackedErrored,
    TrackingAnomalies, ///< steps that the table of transitions does not have
    TrackingGaps, ///< steps over states that were not recorded
    TrackingDropped, ///< milestones that found the queue full
    // The history.
    HistoryBytes, ///< in memory
    HistoryFileBytes,
    HistoryFileFailures,
    HistoryFileLost, ///< events that the file lacks
    // The clock.
    ClockIsTrusted,
    ClockAhead,
    // TLS.
    TlsHandshakesFull,
    TlsHandshakesResumed,
    TlsHandshakesFailed,
    CertificateExpiry, ///< since 1970
    CertificateReloadsFailed,
    // StatsD.
    StatsdPacketsSent,
    StatsdPacketsFailed,
    // The process, by the names that Prometheus' client libraries use.
    ProcessCpu,
    ProcessResidentMemory,
    ProcessVirtualMemory,
    ProcessOpenDescriptors,
    ProcessMaxDescriptors,
    ProcessStartTime,
};

/// Number of metrics; Metric values are 0 … count − 1.
inline constexpr int MetricCount = static_cast<int>(Metric::ProcessStartTime) + 1;

/// Numbers that are counted separately for each ErrorCode.
enum class ErrorMetric : std::uint8_t {
    PushesRefused, ///< requests of senders, by how they were answered
    Closes, ///< WebSocket connections that this server closed
};

inline constexpr int ErrorMetricCount = static_cast<int>(ErrorMetric::Closes) + 1;

/// Distributions of observed values.
enum class HistogramMetric : std::uint8_t {
    PushDuration, ///< of pushes that were accepted
    PushBodySize, ///< of pushes that were found valid
    DeliveryDirect,
    DeliveryStored,
    DeliveryOtherNode,
    AckDuration,
    ConnectionDuration, ///< of clients that had said hello
    StorageBatchWrites,
    StorageBatchDuration,
};

inline constexpr int HistogramMetricCount =
    static_cast<int>(HistogramMetric::StorageBatchDuration) + 1;

enum class MetricKind : std::uint8_t {
    Counter, ///< only rises; the name ends in _total
    Gauge, ///< rises and falls
    Histogram,
};

/// What values are measured in. The name says it, before _total.
enum class MetricUnit : std::uint8_t {
    None,
    Seconds, ///< kept in microseconds, shown in seconds
    Bytes,
};

struct MetricInfo
{
    MetricKind kind;
    /// Name in Prometheus.
    QByteArrayView name;
    /// `key="value"` without braces; empty: the name has only one metric.
    QByteArrayView label;
    QByteArrayView help;

    [[nodiscard]] MetricUnit unit() const;
};

[[nodiscard]] MetricInfo metricInfo(Metric metric);
[[nodiscard]] MetricInfo metricInfo(ErrorMetric metric);
[[nodiscard]] MetricInfo metricInfo(HistogramMetric metric);

/// The bounds of a histogram's buckets, in rising order: at most MaxHistogramBounds (histogram.h).
[[nodiscard]] std::span<const std::int64_t> histogramBounds(HistogramMetric metric);

} // namespace Carillon
