// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/storage/queue/database.h"

#include <QByteArrayList>

#include <atomic>
#include <map>

namespace Carillon {

/// Writes down what is asked of it, and fails where a test says so. Thread: the writer's; the test
/// sets it up before and looks at it after that thread has run.
class FakeWriteConnection final : public WriteConnection
{
public:
    /// This step fails the next so many times.
    void fail(const QByteArray &step, WriteFailure failure, int times = 1)
    {
        m_failures[step] = { failure, times };
    }
    /// All steps so far, in their order.
    [[nodiscard]] QByteArray steps() const { return m_steps.join(", "); }

    Result<void, QString> connect() override
    {
        if (!take("connect"))
            return Unexpected(QStringLiteral("nobody there"));
        return {};
    }
    void disconnect() override { m_steps.push_back("disconnect"); }
    Done begin() override
    {
        m_reservedBefore = m_reserved;
        return take("begin");
    }
    Done commit() override { return take("commit"); }
    void rollBack() override
    {
        m_reserved = m_reservedBefore;
        m_steps.push_back("roll back");
    }
    Done beginSavepoint() override { return take("savepoint"); }
    Done rollBackToSavepoint() override { return take("undo"); }
    Done releaseSavepoint() override { return take("release"); }
    Done prepare(Time) override { return {}; }
    Done apply(Write &write) override
    {
        if (auto *store = std::get_if<StoreMessage>(&write)) {
            CARILLON_TRY_VOID(take("store " + store->message.body));
            store->call.outcome =
                StoreOutcome { StoreOutcome::State::Stored, store->message.sortKey, {}, 0 };
        } else if (auto *removal = std::get_if<RemoveMessage>(&write)) {
            CARILLON_TRY_VOID(take("remove"));
            removal->call.outcome = true;
        }
        return {};
    }
    Done conclude() override { return {}; }
    Result<std::int64_t, WriteFailure> reservedKeys() override { return m_reserved; }
    Done setReservedKeys(std::int64_t upTo) override
    {
        CARILLON_TRY_VOID(take("reserve " + QByteArray::number(qlonglong { upTo })));
        m_reserved = upTo;
        return {};
    }
    Done followClock(ServerClock &) override { return {}; }
    Result<std::optional<ClockLeap>, WriteFailure> keepClock(ServerClock &) override
    {
        return std::optional<ClockLeap>();
    }
    [[nodiscard]] QByteArray failureText() const override { return m_failureText; }
    void makeRoom() override { m_steps.push_back("make room"); }
    void keepUp() override { m_steps.push_back("keep up"); }

    void setReserved(std::int64_t reserved) { m_reserved = reserved; }

private:
    struct Failure
    {
        WriteFailure failure {};
        int times = 0;
    };
    Done take(const QByteArray &step)
    {
        if (step != "connect")
            m_steps.push_back(step);
        const auto found = m_failures.find(step);
        if (found == m_failures.end() || found->second.times == 0)
            return {};
        --found->second.times;
        m_failureText = step + " failed";
        return Unexpected(found->second.failure);
    }

    QByteArrayList m_steps;
    std::map<QByteArray, Failure> m_failures;
    QByteArray m_failureText;
    std::int64_t m_reserved = 0;
    std::int64_t m_reservedBefore = 0;
};

/// Counts its readers, which find nobody. Thread: any.
class FakeDatabase final : public Database
{
public:
    WriteConnection &writer() override { return m_writer; }
    [[nodiscard]] bool isReadable() const override { return readable; }
    Result<std::unique_ptr<ReadConnection>, QString> connectReader() override
    {
        if (!connects)
            return Unexpected(QStringLiteral("nobody there"));
        ++readers;
        return std::unique_ptr<ReadConnection>(new Reader(*this));
    }
    void addTo(StorageStats &) const override { }
    Result<void, QString> rememberKeys(const std::vector<std::int64_t> &) override { return {}; }

    std::atomic<bool> readable = true;
    std::atomic<bool> connects = true;
    std::atomic<bool> answers = true;
    std::atomic<int> readers = 0;

private:
    class Reader final : public ReadConnection
    {
    public:
        explicit Reader(FakeDatabase &database) : m_database(database) { }
        bool answer(Read &read) override
        {
            if (!m_database.answers)
                return false;
            std::get<FindClient>(read).done(std::optional<ClientRecord>());
            return true;
        }
        [[nodiscard]] QString failureText() const override { return QStringLiteral("no answer"); }

    private:
        FakeDatabase &m_database;
    };

    FakeWriteConnection m_writer;
};

} // namespace Carillon
