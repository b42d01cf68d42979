// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/statsdseries.h"

namespace Carillon {
namespace {

using enum StatsdSeries::Daemon;
using enum StatsdSeries::Kind;
using OfError = StatsdSeries::OfError;
using SumOf = StatsdSeries::SumOf;

constexpr OfError refused(ErrorCode code)
{
    return { ErrorMetric::PushesRefused, code };
}

// clang-format off
constexpr StatsdSeries Series[] = {
    // autoconnect
    { Connect, Count, "ua.command.hello", "uaid:new", Metric::HellosNew },
    { Connect, Count, "ua.command.hello", "uaid:existing", Metric::HellosKnown },
    { Connect, Count, "ua.command.register", "", Metric::Registers },
    { Connect, Count, "ua.command.unregister", "code:200", Metric::UnregistersByUser },
    { Connect, Count, "ua.command.unregister", "code:201", Metric::UnregistersQuota },
    { Connect, Count, "ua.command.unregister", "code:202", Metric::UnregistersPermission },
    { Connect, Count, "ua.command.unregister", "code:other", Metric::UnregistersOther },
    { Connect, Count, "ua.command.ack", "", Metric::AcksDelivered },
    { Connect, Count, "ua.command.ack", "", Metric::AcksNotDecrypted },
    { Connect, Count, "ua.command.ack", "", Metric::AcksNotDelivered },
    { Connect, Count, "ua.command.ack", "", Metric::AcksOther },
    { Connect, Count, "ua.command.nack", "code:301", Metric::Nacks301 },
    { Connect, Count, "ua.command.nack", "code:302", Metric::Nacks302 },
    { Connect, Count, "ua.command.nack", "code:303", Metric::Nacks303 },
    { Connect, Count, "ua.command.nack", "code:0", Metric::NacksOther },
    { Connect, Count, "ua.notification.sent", "source:Direct", Metric::NotificationsDirect },
    { Connect, Count, "ua.notification.sent", "source:Direct", Metric::NotificationsOtherNode },
    { Connect, Count, "ua.notification.sent", "source:Stored", Metric::NotificationsStored },
    { Connect, Count, "ua.message_data", "source:Direct", Metric::NotificationBytesDirect },
    { Connect, Count, "ua.message_data", "source:Direct", Metric::NotificationBytesOtherNode },
    { Connect, Count, "ua.message_data", "source:Stored", Metric::NotificationBytesStored },
    { Connect, Count, "ua.expiration", "reason:too_many_messages", Metric::ClientsReset },
    { Connect, Seconds, "ua.connection.lifespan", "", HistogramMetric::ConnectionDuration },
    { Connect, Count, "notification.message.retrieved", "", Metric::MessagesRetrieved },
    { Connect, Milliseconds, "notification.storage.time", "", HistogramMetric::DeliveryStored },
    { Connect, Count, "megaphone.updater.ok", "", Metric::MegaphonePolls },
    { Connect, Count, "megaphone.updater.error", "reason:unknown", Metric::MegaphonePollsFailed },

    // autoendpoint
    { Endpoint, Count, "notification.received", "", Metric::PushesReceived },
    { Endpoint, Count, "notification.auth.error", "error:missing_key", refused(ErrorCode::VapidMissing) },
    { Endpoint, Count, "notification.auth.error", "error:missing_token", refused(ErrorCode::VapidHeaderInvalid) },
    { Endpoint, Count, "notification.auth.error", "error:invalid_vapid", refused(ErrorCode::VapidTokenInvalid) },
    { Endpoint, Count, "notification.auth.error", "error:invalid_key", refused(ErrorCode::VapidKeyInvalid) },
    { Endpoint, Count, "notification.auth.error", "error:invalid_vapid", refused(ErrorCode::VapidAlgorithm) },
    { Endpoint, Count, "notification.auth.error", "error:invalid_vapid", refused(ErrorCode::VapidSignature) },
    { Endpoint, Count, "notification.auth.error", "error:invalid_audience", refused(ErrorCode::VapidAudience) },
    { Endpoint, Count, "notification.auth.error", "error:invalid_vapid", refused(ErrorCode::VapidExpiryMissing) },
    { Endpoint, Count, "notification.auth.error", "error:invalid_expiry", refused(ErrorCode::VapidExpired) },
    { Endpoint, Count, "notification.auth.error", "error:future_expiration_token", refused(ErrorCode::VapidExpiryTooFar) },
    { Endpoint, Count, "notification.auth.error", "error:invalid_sub", refused(ErrorCode::VapidSubjectInvalid) },
    { Endpoint, Count, "notification.auth.error", "error:key_mismatch", refused(ErrorCode::VapidKeyMismatch) },
    { Endpoint, Count, "notification.message_data", "", SumOf { HistogramMetric::PushBodySize } },
    { Endpoint, Count, "notification.message.stored", "", Metric::MessagesStored },
    { Endpoint, Count, "notification.message.expired", "", Metric::MessagesDroppedTtlZero },
    { Endpoint, Milliseconds, "notification.route_time", "outcome:ok", HistogramMetric::PushDuration },
    { Endpoint, Milliseconds, "notification.storage.save_time", "", HistogramMetric::StorageBatchDuration },
    { Endpoint, Count, "notification.direct.delivery_status", "status:200", Metric::HandOversTaken },
    { Endpoint, Count, "notification.direct.delivery_status", "status:404", Metric::HandOversNotHere },
    { Endpoint, Count, "notification.direct.delivery_status", "status:error", Metric::HandOversFailed },
};
// clang-format on

} // namespace

std::span<const StatsdSeries> statsdSeries()
{
    return Series;
}

} // namespace Carillon
