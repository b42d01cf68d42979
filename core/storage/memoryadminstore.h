// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/storage/adminstore.h"

#include <deque>

namespace Carillon {

/// An AdminStore in memory, lost with the process. Completions run within the call. Thread: any.
class MemoryAdminStore final : public AdminStore
{
public:
    void findTokens(Completion<std::vector<AdminToken>> done) override;
    void addToken(AdminToken token, Completion<std::optional<AdminToken>> done) override;
    void removeToken(std::int64_t id, Completion<std::optional<AdminToken>> done) override;
    void addRecord(AuditRecord record, Completion<void> done) override;
    void findRecords(AuditQuery query, Completion<std::vector<AuditRecord>> done) override;
    void findSenderRules(Completion<std::vector<SenderRule>> done) override;
    void setSenderRule(SenderRule rule, Completion<void> done) override;

private:
    Mutex m_mutex;
    std::int64_t m_lastToken CARILLON_GUARDED_BY(m_mutex) = 0;
    std::int64_t m_lastRecord CARILLON_GUARDED_BY(m_mutex) = 0;
    std::vector<AdminToken> m_tokens CARILLON_GUARDED_BY(m_mutex);
    std::deque<AuditRecord> m_records CARILLON_GUARDED_BY(m_mutex);
    std::vector<SenderRule> m_senderRules CARILLON_GUARDED_BY(m_mutex);
};

} // namespace Carillon
