// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/storage/adminstore.h"

#include <QString>

#include <memory>
#include <thread>
#include <vector>

namespace Carillon {

class SqliteConnection;

/// An AdminStore in the database of a SqliteStorage, which has made its tables. It has a connection
/// and a thread of its own: what administrators do is rare, and no push waits for it longer than
/// for the commit of another process.
/// Owns: both. Thread: any; completions run on its thread.
class SqliteAdminStore final : public AdminStore
{
public:
    /// waitsForDisk: whether a commit survives power loss.
    SqliteAdminStore(QString path, bool waitsForDisk);
    /// Does what was asked for, then ends.
    ~SqliteAdminStore() override;

    void findTokens(Completion<std::vector<AdminToken>> done) override;
    void addToken(AdminToken token, Completion<std::optional<AdminToken>> done) override;
    void removeToken(std::int64_t id, Completion<std::optional<AdminToken>> done) override;
    void addRecord(AuditRecord record, Completion<void> done) override;
    void findRecords(AuditQuery query, Completion<std::vector<AuditRecord>> done) override;
    void findSenderRules(Completion<std::vector<SenderRule>> done) override;
    void setSenderRule(SenderRule rule, Completion<void> done) override;

private:
    /// Takes null where there is no connection.
    using Job = UniqueFunction<void(SqliteConnection *)>;

    void post(Job job);
    void run();
    void connect();

    const QString m_path;
    const bool m_waitsForDisk;
    std::unique_ptr<SqliteConnection> m_connection; // of the thread
    Mutex m_mutex;
    Condition m_wake;
    std::vector<Job> m_jobs CARILLON_GUARDED_BY(m_mutex);
    bool m_isStopping CARILLON_GUARDED_BY(m_mutex) = false;
    std::thread m_thread; // uses all of the above
};

} // namespace Carillon
