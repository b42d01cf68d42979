// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/diagnosis/messagefate.h"

#include <QString>

#include <cstdint>
#include <optional>
#include <vector>

namespace Carillon {

/// The connection that a client has to this process.
struct LiveConnection
{
    Time since;
    /// Messages that were sent on it and are not acknowledged.
    int inFlight = 0;
};

/// What a look-up has found out about a client, one of its subscriptions, or one of its messages.
struct Findings
{
    enum class Subject : std::uint8_t { Client, Subscription, Message };

    Subject subject = Subject::Client;
    Time now;
    Uaid uaid {};
    /// Subscription, Message.
    std::optional<ChannelId> channelId {};
    /// Message: absent if it was named by its topic, and none of that topic is stored.
    std::optional<SortKey> message {};
    /// Of the endpoint URL: the key to which it is restricted; empty: none, or not known.
    QByteArray keyHash {};

    /// Absent: this server has no such client.
    std::optional<ClientDetails> client {};
    std::optional<LiveConnection> live {};
    /// This process's name in client records.
    NodeId node {};
    /// Whether a rule of an administrator blocks the key.
    bool isSenderBlocked = false;

    /// Of the client, in the order of their ids.
    std::vector<Event> events {};
    /// Of the client, or of the subscription.
    std::vector<StoredMessage> stored {};
    bool isStoredComplete = true;
    /// Whether events are recorded (history.events).
    bool hasHistory = true;
    /// The time of the oldest event in the history; absent: it is empty.
    std::optional<Time> historyBegins {};
};

/// The answer to "where is that message?".
struct Diagnosis
{
    enum class Verdict : std::uint8_t {
        Ok, ///< delivered
        Waiting, ///< it will be delivered; nothing is wrong
        Problem, ///< it was not, or will not be delivered
        Unknown, ///< nothing has arrived, or nothing is known any more
    };

    Verdict verdict = Verdict::Unknown;
    /// One or two sentences: the cause.
    QString summary;
    /// What to do about it; empty: nothing.
    QString remedy;
    /// The messages in question, the newest first; of a Message one at most.
    std::vector<MessageFate> messages;
};

/// "ok", "waiting", "problem", "unknown".
[[nodiscard]] QByteArrayView verdictName(Diagnosis::Verdict verdict);

/// Judges findings. The sentences are English, contain neither tokens nor whole ids, and name
/// settings and commands where they help. Pure. Thread: any.
[[nodiscard]] Diagnosis diagnose(const Findings &findings);

} // namespace Carillon
