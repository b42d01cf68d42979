// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QSet>

#include <vector>

namespace Carillon {

/// Whose messages are tracked. A value; constant once it is made.
class TrackedSenders
{
public:
    /// Nobody's.
    TrackedSenders() = default;
    /// points: VAPID public keys, raw (RFC 8292 §3.2). all: everybody's, with a key or without.
    TrackedSenders(const std::vector<QByteArray> &points, bool all);

    /// keyHash: Notification::senderKeyHash.
    [[nodiscard]] bool contains(const QByteArray &keyHash) const
    {
        return m_all || (!m_keyHashes.isEmpty() && m_keyHashes.contains(keyHash));
    }

private:
    QSet<QByteArray> m_keyHashes;
    bool m_all = false;
};

/// Whether a sender may give its message this id: 1 to 64 letters, digits and "-._~:".
[[nodiscard]] bool isReliabilityId(QByteArrayView text);
/// A random UUID.
[[nodiscard]] QByteArray newReliabilityId();

} // namespace Carillon
