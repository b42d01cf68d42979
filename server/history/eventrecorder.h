// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/journal/journallistener.h"
#include "server/history/compactevent.h"

#include <QByteArrayView>

namespace Carillon {

/// Where events go. Thread: any, several at a time; it must not wait.
class EventSink
{
public:
    EventSink() = default;
    virtual ~EventSink() = default;
    EventSink(const EventSink &) = delete;
    EventSink &operator=(const EventSink &) = delete;

    /// event: without its id and texts, which the sink may set.
    virtual void add(CompactEvent &event, QByteArrayView text, QByteArrayView subject) = 0;
};

/// Makes events of facts. Facts that say nothing that another one does not say are passed over.
/// Thread: any. The clock and the sink outlive it.
class EventRecorder final : public JournalListener
{
public:
    EventRecorder(const Clock &clock, EventSink &sink) : m_clock(clock), m_sink(sink) { }

    void recorded(const AnyFact &fact) override;

private:
    // Facts without a function of their own make no event.
    template<typename F> void on(const F &) { }
    void on(const Fact::PushRefused &fact);
    void on(const Fact::PushAccepted &fact);
    void on(const Fact::MessageStored &fact);
    void on(const Fact::MessageSent &fact);
    void on(const Fact::MessageAcknowledged &fact);
    void on(const Fact::MessageRefused &fact);
    void on(const Fact::MessageReplaced &fact);
    void on(const Fact::MessageDisplaced &fact);
    void on(const Fact::MessageDropped &fact);
    void on(const Fact::MessageHandedOver &fact);
    void on(const Fact::MessageCancelled &fact);
    void on(const Fact::MessagesExpired &fact);
    void on(const Fact::MessagePurged &fact);
    void on(const Fact::ClientGreeted &fact);
    void on(const Fact::ClientLeft &fact);
    void on(const Fact::ChannelRegistered &fact);
    void on(const Fact::RegisterRefused &fact);
    void on(const Fact::UnregisterReceived &fact);
    void on(const Fact::ChannelPurged &fact);
    void on(const Fact::ClientReset &fact);
    void on(const Fact::ClientReclaimed &fact);
    void on(const Fact::ClientsExpired &fact);
    void on(const Fact::ClientPurged &fact);

    [[nodiscard]] CompactEvent event(EventKind kind) const;
    [[nodiscard]] CompactEvent event(EventKind kind, const Uaid &uaid) const;
    [[nodiscard]] CompactEvent event(EventKind kind, const Uaid &uaid,
                                     const ChannelId &channelId) const;
    template<typename M>
    [[nodiscard]] CompactEvent ofMessage(EventKind kind, const M &message) const;
    template<typename M>
    [[nodiscard]] CompactEvent ofMessageAndSender(EventKind kind, const M &message) const;
    void add(CompactEvent event, QByteArrayView text = {}, QByteArrayView subject = {})
    {
        m_sink.add(event, text, subject);
    }

    const Clock &m_clock;
    EventSink &m_sink;
};

} // namespace Carillon
