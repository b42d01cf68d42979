// SPDX-License-Identifier: MPL-2.0
#include "server/journal/factmetrics.h"

namespace Carillon {

void FactMetrics::count(const Fact::MessageSent &fact)
{
    const auto bytes = std::int64_t { fact.message.body.size() };
    switch (fact.source) {
    case Fact::MessageSent::Source::Direct:
        m_metrics.add(Metric::NotificationsDirect);
        m_metrics.add(Metric::NotificationBytesDirect, bytes);
        observe(HistogramMetric::DeliveryDirect, fact.after);
        return;
    case Fact::MessageSent::Source::Storage:
        m_metrics.add(Metric::NotificationsStored);
        m_metrics.add(Metric::NotificationBytesStored, bytes);
        observe(HistogramMetric::DeliveryStored, fact.after);
        return;
    case Fact::MessageSent::Source::OtherNode:
        m_metrics.add(Metric::NotificationsOtherNode);
        m_metrics.add(Metric::NotificationBytesOtherNode, bytes);
        observe(HistogramMetric::DeliveryOtherNode, fact.after);
        return;
    }
    Q_UNREACHABLE();
}

void FactMetrics::count(const Fact::MessageAcknowledged &fact)
{
    observe(HistogramMetric::AckDuration, fact.after);
    m_metrics.add(fact.code == 0 || fact.code == 100 ? Metric::AcksDelivered
                      : fact.code == 101             ? Metric::AcksNotDecrypted
                      : fact.code == 102             ? Metric::AcksNotDelivered
                                                     : Metric::AcksOther);
}

void FactMetrics::count(const Fact::MessageRefused &fact)
{
    m_metrics.add(fact.code == 301       ? Metric::Nacks301
                      : fact.code == 302 ? Metric::Nacks302
                      : fact.code == 303 ? Metric::Nacks303
                                         : Metric::NacksOther);
}

void FactMetrics::count(const Fact::MessageDropped &fact)
{
    switch (fact.reason) {
    case Fact::MessageDropped::Reason::TtlZero:
        m_metrics.add(Metric::MessagesDroppedTtlZero);
        return;
    }
    Q_UNREACHABLE();
}

void FactMetrics::count(const Fact::MessageHandedOver &fact)
{
    switch (fact.outcome) {
    case Fact::MessageHandedOver::Outcome::Taken:
        m_metrics.add(Metric::HandOversTaken);
        return;
    case Fact::MessageHandedOver::Outcome::NotHere:
        m_metrics.add(Metric::HandOversNotHere);
        return;
    case Fact::MessageHandedOver::Outcome::Failed:
        m_metrics.add(Metric::HandOversFailed);
        return;
    }
    Q_UNREACHABLE();
}

void FactMetrics::count(const Fact::UnregisterReceived &fact)
{
    m_metrics.add(fact.code == 0 || fact.code == 200 ? Metric::UnregistersByUser
                      : fact.code == 201             ? Metric::UnregistersQuota
                      : fact.code == 202             ? Metric::UnregistersPermission
                                                     : Metric::UnregistersOther);
}

} // namespace Carillon
