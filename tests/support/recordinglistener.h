// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/journallistener.h"

#include <QByteArray>
#include <QByteArrayList>

#include <mutex>
#include <utility>
#include <vector>

namespace Carillon::Testing {

/// A copy of what the tests ask of a fact.
struct RecordedFact
{
    /// The type's name, and what kind of it, where there are several.
    QByteArray what;
    std::optional<Uaid> uaid = {};
    std::optional<ChannelId> channelId = {};
    std::optional<SortKey> sortKey = {};
    QByteArray id = {};
    QByteArray senderKeyHash = {};
    QByteArray senderSubject = {};
    QByteArray reason = {};
    std::optional<Fact::PushRefused::Rule> rule = {};
    std::int64_t size = 0;
    QByteArray userAgent = {};
    std::optional<SortKey> by = {};
    ConnectionName connection = {};
};

/// Keeps what it is told. Thread: any.
class RecordingListener final : public JournalListener
{
public:
    void recorded(const AnyFact &fact) override
    {
        RecordedFact kept = std::visit(
            [](const auto &each) {
                RecordedFact copy { .what = nameOf(each) };
                if constexpr (requires { each.message; })
                    keepMessage(copy, each.message);
                if constexpr (requires { each.uaid; })
                    keep(copy.uaid, each.uaid);
                if constexpr (requires { each.channelId; })
                    keep(copy.channelId, each.channelId);
                if constexpr (requires { each.sortKey; })
                    copy.sortKey = each.sortKey;
                if constexpr (requires { each.senderSubject; })
                    copy.senderSubject = each.senderSubject.toByteArray();
                if constexpr (requires { each.reason.toByteArray(); })
                    copy.reason = each.reason.toByteArray();
                if constexpr (requires { each.rule; })
                    copy.rule = each.rule;
                if constexpr (requires { each.size; })
                    copy.size = each.size;
                if constexpr (requires { each.userAgent; })
                    copy.userAgent = each.userAgent.toByteArray();
                if constexpr (requires { each.by; })
                    copy.by = each.by.sortKey;
                if constexpr (requires { each.id; })
                    copy.id = each.id.toByteArray();
                if constexpr (requires { each.senderKeyHash; })
                    copy.senderKeyHash = each.senderKeyHash.toByteArray();
                if constexpr (requires { each.connection; })
                    copy.connection = each.connection;
                return copy;
            },
            fact);
        const std::scoped_lock lock(m_mutex);
        m_facts.push_back(std::move(kept));
    }

    /// Those since it was last asked.
    [[nodiscard]] std::vector<RecordedFact> take()
    {
        const std::scoped_lock lock(m_mutex);
        return std::exchange(m_facts, {});
    }

private:
    template<typename M> static void keepMessage(RecordedFact &copy, const M &message)
    {
        copy.uaid = message.uaid;
        copy.channelId = message.channelId;
        copy.sortKey = message.sortKey;
        copy.senderKeyHash = message.senderKeyHash;
    }
    template<typename T> static void keep(std::optional<T> &copy, const T &value) { copy = value; }
    template<typename T> static void keep(std::optional<T> &copy, const T *value)
    {
        if (value)
            copy = *value;
    }

    static QByteArray nameOf(const Fact::PushReceived &) { return "PushReceived"; }
    static QByteArray nameOf(const Fact::PushRefused &fact)
    {
        return "PushRefused " + errorName(fact.why).toByteArray();
    }
    static QByteArray nameOf(const Fact::PushAccepted &) { return "PushAccepted"; }
    static QByteArray nameOf(const Fact::MessageReceived &) { return "MessageReceived"; }
    static QByteArray nameOf(const Fact::MessageStored &) { return "MessageStored"; }
    static QByteArray nameOf(const Fact::MessagesRetrieved &fact)
    {
        return "MessagesRetrieved " + QByteArray::number(qulonglong(fact.messages.size()));
    }
    static QByteArray nameOf(const Fact::MessageSent &fact)
    {
        switch (fact.source) {
        case Fact::MessageSent::Source::Direct:
            return "MessageSent Direct";
        case Fact::MessageSent::Source::Storage:
            return "MessageSent Storage";
        case Fact::MessageSent::Source::OtherNode:
            return "MessageSent OtherNode";
        }
        Q_UNREACHABLE();
    }
    static QByteArray nameOf(const Fact::MessageAcknowledged &fact)
    {
        return "MessageAcknowledged " + QByteArray::number(fact.code);
    }
    static QByteArray nameOf(const Fact::MessageRefused &fact)
    {
        return "MessageRefused " + QByteArray::number(fact.code);
    }
    static QByteArray nameOf(const Fact::MessageReturned &fact)
    {
        return fact.isStored ? "MessageReturned Stored" : "MessageReturned Lost";
    }
    static QByteArray nameOf(const Fact::MessageReplaced &) { return "MessageReplaced"; }
    static QByteArray nameOf(const Fact::MessageDisplaced &) { return "MessageDisplaced"; }
    static QByteArray nameOf(const Fact::MessagePurged &) { return "MessagePurged"; }
    static QByteArray nameOf(const Fact::ChannelPurged &) { return "ChannelPurged"; }
    static QByteArray nameOf(const Fact::ClientPurged &) { return "ClientPurged"; }
    static QByteArray nameOf(const Fact::MessageDropped &) { return "MessageDropped"; }
    static QByteArray nameOf(const Fact::MessageOffered &) { return "MessageOffered"; }
    static QByteArray nameOf(const Fact::MessageHandedOver &fact)
    {
        switch (fact.outcome) {
        case Fact::MessageHandedOver::Outcome::Taken:
            return "MessageHandedOver Taken";
        case Fact::MessageHandedOver::Outcome::NotHere:
            return "MessageHandedOver NotHere";
        case Fact::MessageHandedOver::Outcome::Failed:
            return "MessageHandedOver Failed";
        }
        Q_UNREACHABLE();
    }
    static QByteArray nameOf(const Fact::MessageCancelled &) { return "MessageCancelled"; }
    static QByteArray nameOf(const Fact::MessagesExpired &fact)
    {
        return "MessagesExpired " + QByteArray::number(qulonglong(fact.messages.size()));
    }
    static QByteArray nameOf(const Fact::ConnectionOpened &) { return "ConnectionOpened"; }
    static QByteArray nameOf(const Fact::ConnectionClosed &) { return "ConnectionClosed"; }
    static QByteArray nameOf(const Fact::ClientGreeted &fact)
    {
        return fact.isNew ? "ClientGreeted new" : "ClientGreeted known";
    }
    static QByteArray nameOf(const Fact::ClientLeft &fact)
    {
        return fact.why ? "ClientLeft " + errorName(*fact.why).toByteArray() : "ClientLeft";
    }
    static QByteArray nameOf(const Fact::ChannelRegistered &) { return "ChannelRegistered"; }
    static QByteArray nameOf(const Fact::RegisterRefused &fact)
    {
        return "RegisterRefused " + errorName(fact.why).toByteArray();
    }
    static QByteArray nameOf(const Fact::UnregisterReceived &fact)
    {
        return "UnregisterReceived " + QByteArray::number(fact.code);
    }
    static QByteArray nameOf(const Fact::PingReceived &) { return "PingReceived"; }
    static QByteArray nameOf(const Fact::BroadcastSent &) { return "BroadcastSent"; }
    static QByteArray nameOf(const Fact::ClientReset &) { return "ClientReset"; }
    static QByteArray nameOf(const Fact::ClientReclaimed &) { return "ClientReclaimed"; }
    static QByteArray nameOf(const Fact::ClientsExpired &fact)
    {
        return "ClientsExpired " + QByteArray::number(qulonglong(fact.uaids.size()));
    }

    std::mutex m_mutex;
    std::vector<RecordedFact> m_facts; // guarded by m_mutex
};

/// Their names, in the order recorded.
[[nodiscard]] inline QByteArrayList namesOf(const std::vector<RecordedFact> &facts)
{
    QByteArrayList names;
    for (const RecordedFact &fact : facts)
        names.append(fact.what);
    return names;
}

} // namespace Carillon::Testing
