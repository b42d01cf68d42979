// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/storage/senderrule.h"

#include <QHash>

#include <atomic>
#include <chrono>
#include <optional>
#include <vector>

namespace Carillon {

/// The rules for senders that are in force in this process. A push looks into them only while there
/// are any. Thread: any.
class SenderRules
{
public:
    struct Verdict
    {
        bool isBlocked = false;
        /// If the sender is not blocked, but over its limit: how long it has to wait.
        std::optional<std::chrono::seconds> wait = {};
        [[nodiscard]] bool isRefused() const { return isBlocked || wait; }
    };

    /// Counts a push of this sender.
    [[nodiscard]] Verdict judge(const QByteArray &keyHash, Instant now)
    {
        return m_any.load(std::memory_order_relaxed) ? look(keyHash, now) : Verdict();
    }

    /// These are all rules from now on. A limit that does not change keeps its count.
    void set(const std::vector<SenderRule> &rules);
    /// This is the rule for its sender from now on; an empty one is none.
    void set(const SenderRule &rule);
    [[nodiscard]] std::optional<SenderRule> find(const QByteArray &keyHash) const;
    [[nodiscard]] std::vector<SenderRule> all() const;

private:
    struct Entry
    {
        SenderRule rule;
        TokenBucket bucket;
    };
    [[nodiscard]] Verdict look(const QByteArray &keyHash, Instant now);

    std::atomic<bool> m_any = false;
    mutable Mutex m_mutex;
    QHash<QByteArray, Entry> m_entries CARILLON_GUARDED_BY(m_mutex);
};

} // namespace Carillon
