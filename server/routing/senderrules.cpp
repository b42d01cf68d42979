// SPDX-License-Identifier: MPL-2.0
#include "server/routing/senderrules.h"

#include <algorithm>

namespace Carillon {

SenderRules::Verdict SenderRules::look(const QByteArray &keyHash, Instant now)
{
    const MutexLock lock(m_mutex);
    const auto entry = m_entries.find(keyHash);
    if (entry == m_entries.end())
        return {};
    const SenderRule &rule = entry->rule;
    if (rule.isBlocked || !rule.rate.isLimited())
        return { .isBlocked = rule.isBlocked };
    const auto wait =
        entry->bucket.take(rule.rate.interval(), std::max<std::int64_t>(1, rule.rate.burst), now);
    if (wait.count() == 0)
        return {};
    return { .wait =
                 std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(wait)) };
}

void SenderRules::set(const std::vector<SenderRule> &rules)
{
    const MutexLock lock(m_mutex);
    QHash<QByteArray, Entry> entries;
    for (const SenderRule &rule : rules) {
        const auto old = m_entries.constFind(rule.keyHash);
        const bool keepsCount = old != m_entries.constEnd() && old->rule.rate == rule.rate;
        entries.insert(rule.keyHash, { rule, keepsCount ? old->bucket : TokenBucket() });
    }
    m_entries = std::move(entries);
    m_any = !m_entries.isEmpty();
}

void SenderRules::set(const SenderRule &rule)
{
    const MutexLock lock(m_mutex);
    if (rule.isEmpty())
        m_entries.remove(rule.keyHash);
    else
        m_entries.insert(rule.keyHash, { rule, TokenBucket() });
    m_any = !m_entries.isEmpty();
}

std::optional<SenderRule> SenderRules::find(const QByteArray &keyHash) const
{
    const MutexLock lock(m_mutex);
    const auto entry = m_entries.constFind(keyHash);
    return entry == m_entries.constEnd() ? std::nullopt : std::optional(entry->rule);
}

std::vector<SenderRule> SenderRules::all() const
{
    const MutexLock lock(m_mutex);
    std::vector<SenderRule> rules;
    for (const Entry &entry : m_entries)
        rules.push_back(entry.rule);
    return rules;
}

} // namespace Carillon
