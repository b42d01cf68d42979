// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "core/crypto/fernet.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <optional>

namespace Carillon {

// id    = Fernet( "02:" uaid ":" chid ":" sortkey ) | Fernet( "01:" uaid ":" chid ":" topic )
// uaid, chid = 32 hex digits (read dashed, too); sortkey = decimal; topic = 1 to 32 characters
// With the padding of base64. Fernet's time is the sort key in seconds; its IV the first 16 bytes
// of a tag over uaid, chid, sort key and topic. So an id depends on the message and on the key that
// the message names (Notification::idKey): it is the same on every delivery and from every process,
// whichever key is the first by now, and a message that replaces another of its topic has another
// id although the text inside is the same.

/// The content of a message id.
struct MessageName
{
    Uaid uaid;
    ChannelId channelId;
    /// Empty in the form 02.
    QByteArray topic;
    /// Absent in the form 01.
    std::optional<SortKey> sortKey;
    // How it was sealed; names() compares them.
    size_t keyIndex = 0;
    std::int64_t seconds = 0;
    Fernet::Iv iv {};
};

/// Makes and reads message ids (protocol.md §4).
/// Owns: its Fernet. Thread: one at a time; give each thread a copy.
class MessageIds
{
public:
    explicit MessageIds(Fernet fernet) : m_fernet(std::move(fernet)) { }

    /// topic: at most 32 characters; empty if the message has none. idKey: if there is no such key,
    /// the first key is used.
    [[nodiscard]] MessageId make(const Uaid &uaid, const ChannelId &channel, QByteArrayView topic,
                                 SortKey key, KeyMark idKey = {}) const;
    /// The mark of the first key, for new messages.
    [[nodiscard]] KeyMark firstKey() const { return m_fernet.mark(0); }

    /// nullopt: not made with our keys, or not a message id; answer InvalidMessageId. Ids made by
    /// autopush are accepted too, with the sort key that they contain (in milliseconds).
    [[nodiscard]] std::optional<MessageName> read(QByteArrayView text) const;

    /// Whether this is the id, compared as a whole, of the message with this key. An id made by
    /// autopush does not match any message: its IV was random, and if its message was imported, it
    /// has a new id.
    [[nodiscard]] bool names(const MessageName &name, SortKey key) const;

private:
    Fernet m_fernet;
};

} // namespace Carillon
