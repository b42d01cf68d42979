// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/facts.h"
#include "server/metrics/metrics.h"

#include <algorithm>
#include <optional>

namespace Carillon {

/// Counts facts: for each of them, what it adds to which metric. A fact that is not listed here
/// does not compile. Thread: any.
class FactMetrics
{
public:
    explicit FactMetrics(Metrics &metrics) : m_metrics(metrics) { }

    // Requests of senders.
    void count(const Fact::PushReceived &) { m_metrics.add(Metric::PushesReceived); }
    void count(const Fact::PushRefused &fact)
    {
        m_metrics.add(ErrorMetric::PushesRefused, fact.why);
    }
    void count(const Fact::PushAccepted &fact)
    {
        m_metrics.add(Metric::PushesAccepted);
        observe(HistogramMetric::PushDuration, fact.after);
    }

    // Messages.
    void count(const Fact::MessageReceived &fact)
    {
        m_metrics.observe(HistogramMetric::PushBodySize, fact.message.body.size());
    }
    void count(const Fact::MessageStored &) { m_metrics.add(Metric::MessagesStored); }
    void count(const Fact::MessagesRetrieved &fact)
    {
        m_metrics.add(Metric::MessagesRetrieved, std::ssize(fact.messages));
    }
    void count(const Fact::MessageSent &fact);
    void count(const Fact::MessageAcknowledged &fact);
    void count(const Fact::MessageRefused &fact);
    void count(const Fact::MessageReturned &) { }
    void count(const Fact::MessageReplaced &) { }
    void count(const Fact::MessageDisplaced &) { m_metrics.add(Metric::MessagesDroppedOverflow); }
    void count(const Fact::MessageDropped &fact);
    void count(const Fact::MessageOffered &) { }
    void count(const Fact::MessageHandedOver &fact);
    void count(const Fact::MessageCancelled &) { m_metrics.add(Metric::MessagesCancelled); }
    void count(const Fact::MessagesExpired &fact)
    {
        m_metrics.add(Metric::MessagesExpired, std::ssize(fact.messages));
    }
    void count(const Fact::MessagePurged &) { }

    // Clients and their connections.
    void count(const Fact::ConnectionOpened &)
    {
        m_metrics.add(Metric::Connections);
        m_metrics.add(Metric::ConnectionsOpened);
    }
    void count(const Fact::ConnectionClosed &) { m_metrics.add(Metric::Connections, -1); }
    void count(const Fact::ClientGreeted &fact)
    {
        m_metrics.add(fact.isNew ? Metric::HellosNew : Metric::HellosKnown);
    }
    void count(const Fact::ClientLeft &fact)
    {
        if (fact.why)
            m_metrics.add(ErrorMetric::Closes, *fact.why);
        else
            m_metrics.add(Metric::ClosedByPeer);
        observe(HistogramMetric::ConnectionDuration, fact.after);
    }
    void count(const Fact::ChannelRegistered &) { m_metrics.add(Metric::Registers); }
    void count(const Fact::RegisterRefused &) { m_metrics.add(Metric::RegistersRefused); }
    void count(const Fact::UnregisterReceived &fact);
    void count(const Fact::ChannelPurged &) { }
    void count(const Fact::PingReceived &) { m_metrics.add(Metric::Pings); }
    void count(const Fact::BroadcastSent &) { m_metrics.add(Metric::BroadcastsSent); }
    void count(const Fact::ClientReset &) { m_metrics.add(Metric::ClientsReset); }
    void count(const Fact::ClientReclaimed &) { m_metrics.add(Metric::ClientsReclaimed); }
    void count(const Fact::ClientsExpired &fact)
    {
        m_metrics.add(Metric::ClientsExpired, std::ssize(fact.uaids));
    }
    void count(const Fact::ClientPurged &) { }

private:
    /// A leap of server time in between makes a duration too long, or negative: 0 then.
    void observe(HistogramMetric metric, std::optional<std::chrono::microseconds> duration)
    {
        if (duration)
            m_metrics.observe(metric, std::max(*duration, std::chrono::microseconds(0)));
    }

    Metrics &m_metrics;
};

} // namespace Carillon
