// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/httpsender.h"

namespace Carillon::Bench {
namespace {

using namespace std::chrono_literals;

constexpr auto Patience = 15s;
constexpr auto PatienceEach = 5ms;
constexpr auto Retry = 50us; // when all senders wait for answers

} // namespace

void HttpSender::post(std::uint32_t number, std::string_view request)
{
    m_number = number;
    ask(request);
}

void HttpSender::opened()
{
    m_pool.free(*this);
}

void HttpSender::answered(int status)
{
    m_pool.m_ledger->answered(m_number, status);
    m_pool.free(*this);
}

void HttpSender::answeredUnasked()
{
    m_pool.m_ledger->complain("an answer without a request");
}

void HttpSender::ended(std::string_view why)
{
    if (m_pool.m_problem.empty())
        m_pool.m_problem = "a sender: " + std::string(why);
}

Result<void, std::string> SenderPool::open(int senders)
{
    for (int i = 0; i < senders; ++i) {
        m_senders.push_back(std::make_unique<HttpSender>(m_loop, *this));
        if (!m_senders.back()->open({ .port = m_port, .source = i }))
            return Unexpected(std::string("no connection can be opened"));
    }
    const bool opened = m_loop.run(now() + Patience, [this] {
        return m_idle.size() == m_senders.size() || !m_problem.empty();
    });
    if (!m_problem.empty())
        return Unexpected(m_problem);
    if (!opened)
        return Unexpected(std::string("senders do not get connected"));
    return {};
}

Result<void, std::string> SenderPool::push(const Volley &volley, Ledger &ledger)
{
    m_volley = &volley;
    m_ledger = &ledger;
    m_steady = false;
    const std::vector<HttpSender *> starters = std::exchange(m_idle, {});
    for (HttpSender *const sender : starters)
        free(*sender);
    return finish(now() + Patience + volley.count * PatienceEach,
                  [](Moment) { return Moment::max(); });
}

Result<void, std::string> SenderPool::pushSteadily(const Volley &volley, double perSecond,
                                                   Ledger &ledger)
{
    m_volley = &volley;
    m_ledger = &ledger;
    m_steady = true;
    const Moment start = now();
    const auto dueAt = [start, perSecond](std::size_t number) {
        const std::chrono::duration<double> offset(static_cast<double>(number) / perSecond);
        return start + std::chrono::duration_cast<std::chrono::nanoseconds>(offset);
    };
    const std::chrono::duration<double> length(volley.count / perSecond);
    const auto deadline =
        start + std::chrono::duration_cast<std::chrono::milliseconds>(length) + Patience;
    return finish(deadline, [this, &volley, &ledger, dueAt](Moment current) {
        const auto count = static_cast<std::size_t>(volley.count);
        while (ledger.pushed() < count && dueAt(ledger.pushed()) <= current) {
            if (m_idle.empty())
                return current + Retry; // late, and counted so
            HttpSender *const sender = m_idle.back();
            m_idle.pop_back();
            send(*sender, dueAt(ledger.pushed()));
        }
        return ledger.pushed() < count ? dueAt(ledger.pushed()) : Moment::max();
    });
}

Result<void, std::string> SenderPool::finish(Moment deadline,
                                             const std::function<Moment(Moment)> &schedule)
{
    const auto count = static_cast<std::size_t>(m_volley->count);
    const bool done = m_loop.run(
        deadline,
        [&] {
            return !m_problem.empty() || !m_ledger->problem().empty()
                || (m_ledger->answers() == count
                    && (!m_volley->arrives || m_ledger->deliveries() == count));
        },
        schedule);
    m_volley = nullptr;
    if (!m_problem.empty())
        return Unexpected(m_problem);
    if (!m_ledger->problem().empty())
        return Unexpected(m_ledger->problem());
    if (!done)
        return Unexpected("of " + std::to_string(count) + " pushes "
                          + std::to_string(m_ledger->answers()) + " were answered and "
                          + std::to_string(m_ledger->deliveries()) + " arrived in time");
    return {};
}

void SenderPool::free(HttpSender &sender)
{
    const bool more =
        m_volley && !m_steady && m_ledger->pushed() < static_cast<std::size_t>(m_volley->count);
    if (more)
        send(sender, now());
    else
        m_idle.push_back(&sender);
}

void SenderPool::send(HttpSender &by, Moment intended)
{
    const Volley &volley = *m_volley;
    const std::size_t pushed = m_ledger->pushed();
    const int client = volley.first
        + static_cast<int>(pushed % static_cast<std::size_t>(volley.end - volley.first));
    const std::uint32_t number = m_ledger->begin(client, volley.bodyBytes, intended);
    m_request.assign("POST ").append(volley.clients.client(client).path());
    m_request.append(" HTTP/1.1\r\nHost: 127.0.0.1:").append(std::to_string(m_port));
    m_request.append("\r\nTTL: ").append(std::to_string(volley.ttl.count()));
    m_request.append("\r\nContent-Encoding: aes128gcm\r\nAuthorization: ");
    m_request.append(volley.authorizations[pushed % volley.authorizations.size()]);
    m_request.append("\r\nContent-Length: ").append(std::to_string(volley.bodyBytes));
    m_request.append("\r\n\r\n");
    Ledger::writeBody(number, volley.bodyBytes, m_request);
    by.post(number, m_request);
}

} // namespace Carillon::Bench
