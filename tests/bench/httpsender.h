// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "tests/bench/fleet.h"
#include "tests/bench/httpexchange.h"

#include <memory>
#include <string>
#include <vector>

namespace Carillon::Bench {

class SenderPool;

/// An application server's kept-alive connection, one POST at a time.
class HttpSender final : public HttpExchange
{
public:
    HttpSender(Loop &loop, SenderPool &pool) : HttpExchange(loop), m_pool(pool) { }

    void post(std::uint32_t number, std::string_view request);

private:
    void opened() override;
    void answered(int status) override;
    void answeredUnasked() override;
    void ended(std::string_view why) override;

    SenderPool &m_pool;
    std::uint32_t m_number = 0;
};

/// What is pushed, and to whom: in turn to each of the clients [first, end), with each of the
/// Authorization values in turn.
struct Volley
{
    const Fleet &clients;
    int first = 0;
    int end = 0;
    const std::vector<std::string> &authorizations;
    std::chrono::seconds ttl { 0 };
    std::size_t bodyBytes = 300;
    int count = 0;
    /// Whether the clients are connected, so that all must have arrived at the end.
    bool arrives = true;
};

/// Senders that push to one server.
/// Owns: their connections. Ends when all is answered and arrived, else its error says what is
/// missing or went wrong first.
class SenderPool
{
public:
    SenderPool(Loop &loop, std::uint16_t port) : m_loop(loop), m_port(port) { }

    [[nodiscard]] Result<void, std::string> open(int senders);
    /// As fast as answered.
    [[nodiscard]] Result<void, std::string> push(const Volley &volley, Ledger &ledger);
    /// At a fixed rate, whatever the answers do: times count from when a push was due.
    [[nodiscard]] Result<void, std::string> pushSteadily(const Volley &volley, double perSecond,
                                                         Ledger &ledger);

private:
    friend class HttpSender;

    void send(HttpSender &by, Moment intended);
    void free(HttpSender &sender);
    [[nodiscard]] Result<void, std::string> finish(Moment deadline,
                                                   const std::function<Moment(Moment)> &schedule);

    Loop &m_loop;
    std::uint16_t m_port;
    std::vector<std::unique_ptr<HttpSender>> m_senders;
    std::vector<HttpSender *> m_idle;
    const Volley *m_volley = nullptr;
    Ledger *m_ledger = nullptr;
    bool m_steady = false;
    std::string m_request;
    std::string m_problem;
};

} // namespace Carillon::Bench
