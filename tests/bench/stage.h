// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/crypto/vapidkey.h"
#include "tests/bench/httpsender.h"
#include "tests/bench/report.h"
#include "tests/bench/servers.h"

#include <optional>

namespace Carillon::Bench {

/// What the command line says.
struct Options
{
    std::string server;
    std::filesystem::path directory;
    ServerProcess::Settings settings;
    bool quick = false;
    /// Descriptors that this process may have; the server's limit is the same.
    int descriptors = 0;
    /// When all must have ended.
    Moment limit = Moment::max();
};

/// What a stretch of work took.
struct Cost
{
    double seconds = 0;
    /// Of the server, until it rested again.
    double cpuMicros = 0;
    double generatorMicros = 0;
};

/// Pushes to be made; see Volley.
struct Pushes
{
    int senders = 16;
    std::chrono::seconds ttl { 0 };
    std::size_t bodyBytes = 300;
    int count = 0;
    int first = 0;
    int end = 0;
    /// 0: as fast as answered.
    double perSecond = 0;
    /// Whether each carries a token of its own; else all carry the same one.
    bool newTokens = false;
    bool arrives = true;
};

/// Servers of its own for a scenario, with a sender's key and a fleet.
/// Owns: all of it; the servers are stopped at the end.
class Stage
{
public:
    [[nodiscard]] static Result<std::unique_ptr<Stage>, std::string>
    open(const Options &options, const ServerProcess::Settings &extra = {},
         int connectProcesses = 0);

    [[nodiscard]] Loop &loop() { return m_loop; }
    [[nodiscard]] Servers &servers() { return *m_servers; }
    [[nodiscard]] Fleet &fleet() { return *m_fleet; }

    /// The sender's public key in base64url, that all subscribe with.
    [[nodiscard]] std::string key() const;

    /// Clients [first, end) connect and subscribe.
    [[nodiscard]] Result<void, std::string> populate(int first, int end);
    /// What the work takes; its error is passed on.
    template<typename Work> [[nodiscard]] Result<Cost, std::string> measure(Work work);
    /// Pushes to clients that are subscribed; one token is known to the server before. What was
    /// counted stays in ledger().
    [[nodiscard]] Result<Cost, std::string> push(const Pushes &pushes);
    [[nodiscard]] Ledger &ledger() { return *m_ledger; }

private:
    Stage() = default;
    [[nodiscard]] std::vector<std::string> tokens(int count) const;
    [[nodiscard]] Result<void, std::string> push(SenderPool &pool, const Pushes &pushes,
                                                 const std::vector<std::string> &authorizations);

    Loop m_loop;
    std::optional<VapidKey> m_key;
    std::unique_ptr<Servers> m_servers;
    std::unique_ptr<Ledger> m_ledger;
    std::unique_ptr<Fleet> m_fleet;
};

template<typename Work> Result<Cost, std::string> Stage::measure(Work work)
{
    m_servers->settle(m_loop);
    const auto cpu = m_servers->cpu();
    const double own = ownCpuMicroseconds();
    const Moment start = now();
    const Result<void, std::string> done = work();
    const std::chrono::duration<double> took = now() - start;
    const double ownAfter = ownCpuMicroseconds();
    if (!done)
        return Unexpected(done.error() + m_servers->lastWords());
    m_servers->settle(m_loop);
    if (!m_fleet->problem().empty())
        return Unexpected(m_fleet->problem());
    return Cost { took.count(), Microseconds(m_servers->cpu() - cpu).count(), ownAfter - own };
}

/// "10,000 clients"
[[nodiscard]] std::string clients(int count);
/// So many in all, fewer with --quick.
[[nodiscard]] inline int size(const Options &options, int full, int quick)
{
    return options.quick ? quick : full;
}

} // namespace Carillon::Bench
