// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/adminrole.h"
#include "core/base/clock.h"
#include "core/storage/senderrule.h"
#include "core/storage/storage.h"

#include <QByteArray>
#include <QString>

#include <cstdint>
#include <optional>
#include <vector>

namespace Carillon {

/// A token of the admin API. The token itself is not kept.
struct AdminToken
{
    /// Assigned by AdminStore; never used again.
    std::int64_t id = 0;
    /// Unique.
    QString name;
    AdminRole role = AdminRole::Viewer;
    WallTime created {};
    /// SHA-256 of the token.
    QByteArray hash;
};

/// One action that somebody requested over the admin API.
struct AuditRecord
{
    /// Assigned by AdminStore; increasing.
    std::int64_t id = 0;
    WallTime time {};
    /// "root", "token:NAME", …
    QString who;
    QString action;
    /// What it was to act on.
    QString target;
    /// "ok", or the name of the problem.
    QString result;
    QString detail;
};

/// Which records of the audit log to read, the newest first unless `forward`.
struct AuditQuery
{
    /// Only records before (forward: behind) this one; 0: all.
    std::int64_t beyond = 0;
    bool forward = false;
    int limit = 100;
    /// Empty: any.
    QString who = {};
    QString action = {};
    std::optional<WallTime> since = {};
    std::optional<WallTime> until = {};
};

/// Keeps the tokens and the audit log of the admin API, and its rules for senders; several
/// processes may share them. Thread: any. Completions are as those of Storage.
class AdminStore
{
public:
    /// The audit log keeps the newest records only.
    static constexpr std::int64_t MostAuditRecords = 100'000;

    AdminStore() = default;
    virtual ~AdminStore() = default;
    AdminStore(const AdminStore &) = delete;
    AdminStore &operator=(const AdminStore &) = delete;

    /// All tokens, by id.
    virtual void findTokens(Completion<std::vector<AdminToken>> done) = 0;
    /// Adds a token. nullopt: there is one of this name.
    virtual void addToken(AdminToken token, Completion<std::optional<AdminToken>> done) = 0;
    /// Returns the token that was removed; nullopt: there is none with this id.
    virtual void removeToken(std::int64_t id, Completion<std::optional<AdminToken>> done) = 0;

    /// Adds a record, and removes the oldest beyond MostAuditRecords.
    virtual void addRecord(AuditRecord record, Completion<void> done) = 0;
    virtual void findRecords(AuditQuery query, Completion<std::vector<AuditRecord>> done) = 0;

    virtual void findSenderRules(Completion<std::vector<SenderRule>> done) = 0;
    /// Takes the place of the rule for the same sender; an empty one removes it.
    virtual void setSenderRule(SenderRule rule, Completion<void> done) = 0;
};

} // namespace Carillon
