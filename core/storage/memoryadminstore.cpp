// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memoryadminstore.h"

#include <algorithm>

namespace Carillon {
namespace {

bool matches(const AuditRecord &record, const AuditQuery &query)
{
    const bool isBeyond =
        query.beyond == 0 || (query.forward ? record.id > query.beyond : record.id < query.beyond);
    return isBeyond && (query.who.isEmpty() || record.who == query.who)
        && (query.action.isEmpty() || record.action == query.action)
        && (!query.since || record.time >= *query.since)
        && (!query.until || record.time < *query.until);
}

} // namespace

void MemoryAdminStore::findTokens(Completion<std::vector<AdminToken>> done)
{
    std::vector<AdminToken> tokens;
    {
        const MutexLock lock(m_mutex);
        tokens = m_tokens;
    }
    done(std::move(tokens));
}

void MemoryAdminStore::addToken(AdminToken token, Completion<std::optional<AdminToken>> done)
{
    std::optional<AdminToken> added;
    {
        const MutexLock lock(m_mutex);
        if (std::ranges::find(m_tokens, token.name, &AdminToken::name) == m_tokens.end()) {
            token.id = ++m_lastToken;
            m_tokens.push_back(token);
            added = std::move(token);
        }
    }
    done(std::move(added));
}

void MemoryAdminStore::removeToken(std::int64_t id, Completion<std::optional<AdminToken>> done)
{
    std::optional<AdminToken> removed;
    {
        const MutexLock lock(m_mutex);
        const auto found = std::ranges::find(m_tokens, id, &AdminToken::id);
        if (found != m_tokens.end()) {
            removed = std::move(*found);
            m_tokens.erase(found);
        }
    }
    done(std::move(removed));
}

void MemoryAdminStore::addRecord(AuditRecord record, Completion<void> done)
{
    {
        const MutexLock lock(m_mutex);
        record.id = ++m_lastRecord;
        m_records.push_back(std::move(record));
        if (std::ssize(m_records) > MostAuditRecords)
            m_records.pop_front();
    }
    done({});
}

void MemoryAdminStore::findRecords(AuditQuery query, Completion<std::vector<AuditRecord>> done)
{
    std::vector<AuditRecord> found;
    const auto look = [&](const AuditRecord &record) {
        if (std::ssize(found) < query.limit && matches(record, query))
            found.push_back(record);
    };
    {
        const MutexLock lock(m_mutex);
        if (query.forward)
            std::for_each(m_records.begin(), m_records.end(), look);
        else
            std::for_each(m_records.rbegin(), m_records.rend(), look);
    }
    done(std::move(found));
}

void MemoryAdminStore::findSenderRules(Completion<std::vector<SenderRule>> done)
{
    std::vector<SenderRule> rules;
    {
        const MutexLock lock(m_mutex);
        rules = m_senderRules;
    }
    done(std::move(rules));
}

void MemoryAdminStore::setSenderRule(SenderRule rule, Completion<void> done)
{
    {
        const MutexLock lock(m_mutex);
        std::erase_if(m_senderRules,
                      [&](const SenderRule &old) { return old.keyHash == rule.keyHash; });
        if (!rule.isEmpty())
            m_senderRules.push_back(std::move(rule));
    }
    done({});
}

} // namespace Carillon
