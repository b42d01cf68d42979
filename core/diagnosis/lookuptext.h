// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "core/message/endpointtoken.h"
#include "core/message/messageid.h"

#include <QByteArray>
#include <QString>

#include <variant>

namespace Carillon {

// What a text names that an administrator has in hand.

/// An endpoint URL, or its token alone.
struct NamedSubscription
{
    EndpointToken token;
    bool operator==(const NamedSubscription &) const = default;
};
/// The URL of a Location header, or the message id alone.
struct NamedMessage
{
    MessageName name;
};
/// 32 hex digits: a UAID or a channel id, which look the same.
struct NamedUuid
{
    Uaid uaid;
    ChannelId channelId;
    bool operator==(const NamedUuid &) const = default;
};
/// The first hex digits of a UAID or of the hash of a sender's key, in lower case.
struct NamedPrefix
{
    QByteArray digits;
    bool operator==(const NamedPrefix &) const = default;
};
/// A sender, by its VAPID public key or the SHA-256 of it.
struct NamedSender
{
    QByteArray keyHash;
    bool operator==(const NamedSender &) const = default;
};
/// Senders, by the contact in their VAPID tokens (RFC 8292 §2.1, "sub").
struct NamedContact
{
    QByteArray subject;
    bool operator==(const NamedContact &) const = default;
};
/// An endpoint URL or Location whose token was not made with this server's keys.
struct NamedForeign
{
    /// The origin of the URL; empty if only a token was given.
    QByteArray origin;
    bool operator==(const NamedForeign &) const = default;
};

using Named = std::variant<NamedSubscription, NamedMessage, NamedUuid, NamedPrefix, NamedSender,
                           NamedContact, NamedForeign>;

/// Reads what people paste into a look-up: an endpoint URL, a Location, a message id, a UAID
/// (whole, dashed, or its first digits), a channel id, a VAPID public key, its hash, or a contact.
/// Owns: its Fernet. Thread: one at a time; give each thread a copy.
class LookupText
{
public:
    static constexpr qsizetype LongestText = 4'096;
    static constexpr qsizetype ShortestPrefix = 4;

    explicit LookupText(const Fernet &fernet) : m_tokens(fernet), m_ids(fernet) { }

    /// The error is a sentence that says why the text names nothing.
    [[nodiscard]] Result<Named, QString> read(QByteArrayView text) const;

private:
    [[nodiscard]] Result<Named, QString> readUrl(QByteArrayView text) const;
    /// nullopt: not made with our keys, or neither a token nor an id.
    [[nodiscard]] std::optional<Named> readSealed(QByteArrayView text) const;

    EndpointTokens m_tokens;
    MessageIds m_ids;
};

} // namespace Carillon
