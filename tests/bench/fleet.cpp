// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/fleet.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace Carillon::Bench {
namespace {

using namespace std::chrono_literals;

constexpr int StepsAtOnce = 64;
constexpr auto StepPatience = 15s;
constexpr auto PatienceEach = 5ms;

/// A UUID of its own for each client.
std::string channelOf(int number)
{
    std::array<char, 37> text {};
    std::snprintf(text.data(), text.size(), "cafe0000-0000-4000-8000-%012x", number);
    return text.data();
}

} // namespace

PushClient::PushClient(Loop &loop, Fleet &fleet, int number)
    : WebSocketClient(loop), m_loop(loop), m_fleet(fleet), m_number(number)
{
}

bool PushClient::connect(const Dial &dial)
{
    return open(dial);
}

void PushClient::upgraded()
{
    std::string hello = R"({"messageType":"hello","use_webpush":true)";
    if (!m_uaid.empty())
        hello += R"(,"uaid":")" + m_uaid + '"';
    if (!m_fleet.m_broadcastId.empty())
        hello += R"(,"broadcasts":{")" + m_fleet.m_broadcastId + R"(":")"
            + m_fleet.m_broadcastVersion + R"("})";
    sendText(hello + '}');
}

void PushClient::subscribe()
{
    sendText(R"({"messageType":"register","channelID":")" + channelOf(m_number) + R"(","key":")"
             + m_fleet.m_key + R"("})");
}

void PushClient::text(std::string_view message)
{
    const std::string_view type = field(message, "messageType");
    if (type == "notification")
        notified(message);
    else if (type == "hello")
        greeted(message);
    else if (type == "register")
        registered(message);
    else if (type == "broadcast")
        m_fleet.broadcastCame(message);
    else
        m_fleet.complain("a message of an unknown type");
}

void PushClient::greeted(std::string_view answer)
{
    const std::string_view uaid = field(answer, "uaid");
    if (uaid.size() != 32 || (!m_uaid.empty() && uaid != m_uaid))
        m_fleet.complain("hello was answered with another UAID");
    m_uaid = uaid;
    m_fleet.stepDone(Fleet::Step::Connect);
}

void PushClient::registered(std::string_view answer)
{
    const std::string_view url = field(answer, "pushEndpoint");
    const std::size_t path = url.find("/wpush/");
    if (path == std::string_view::npos || answer.find("\"status\":200") == std::string_view::npos)
        m_fleet.complain("register was refused");
    else
        m_path = url.substr(path);
    m_fleet.stepDone(Fleet::Step::Subscribe);
}

void PushClient::notified(std::string_view message)
{
    const std::string_view version = field(message, "version");
    if (version.empty() || !m_fleet.ledger()) {
        m_fleet.complain("a notification nobody sent");
        return;
    }
    m_fleet.ledger()->delivered(m_number, field(message, "data"));
    std::string ack = R"({"messageType":"ack","updates":[{"channelID":")" + channelOf(m_number);
    ack.append(R"(","version":")").append(version).append(R"(","code":100}]})");
    if (m_fleet.m_ackDelay == 0ms)
        sendText(ack);
    else
        m_loop.at(now() + m_fleet.m_ackDelay, [this, ack = std::move(ack)] { sendText(ack); });
}

void PushClient::lost(std::string_view why)
{
    m_fleet.complain(why);
}

Fleet::Fleet(Loop &loop, std::vector<std::uint16_t> ports, std::string key)
    : m_loop(loop), m_ports(std::move(ports)), m_key(std::move(key))
{
}

Result<void, std::string> Fleet::connect(int first, int end)
{
    while (std::ssize(m_clients) < end)
        m_clients.push_back(
            std::make_unique<PushClient>(m_loop, *this, static_cast<int>(m_clients.size())));
    return perform(Step::Connect, first, end);
}

Result<void, std::string> Fleet::subscribe(int first, int end)
{
    return perform(Step::Subscribe, first, end);
}

void Fleet::disconnect(int first, int end)
{
    for (int number = first; number < end; ++number)
        m_clients[static_cast<std::size_t>(number)]->close();
}

void Fleet::setReading(bool reading)
{
    for (const std::unique_ptr<PushClient> &client : m_clients)
        client->setReading(reading);
}

Result<void, std::string> Fleet::perform(Step step, int first, int end)
{
    m_step = step;
    m_next = first;
    m_end = end;
    m_open = 0;
    m_problem.clear();
    while (m_next < m_end && m_open < StepsAtOnce)
        begin(m_next++);
    const Moment deadline = now() + StepPatience + (end - first) * PatienceEach;
    const bool done = m_loop.run(deadline, [this] { return m_open == 0 || !m_problem.empty(); });
    m_step = Step::None;
    const std::string where =
        " (client " + std::to_string(m_next) + " of " + std::to_string(end) + ')';
    if (!m_problem.empty())
        return Unexpected(m_problem + where);
    if (!done)
        return Unexpected("not answered in time" + where);
    return {};
}

void Fleet::begin(int number)
{
    ++m_open;
    const auto index = static_cast<std::size_t>(number);
    PushClient &client = *m_clients[index];
    const std::uint16_t port = m_ports[index % m_ports.size()];
    if (m_step == Step::Subscribe)
        client.subscribe();
    else if (!client.connect({ port, number, m_receiveBuffer, m_tls }))
        complain("no connection can be opened");
}

void Fleet::stepDone(Step step)
{
    if (step != m_step) {
        complain("an answer nobody asked for");
        return;
    }
    --m_open;
    if (m_next < m_end)
        begin(m_next++);
}

void Fleet::complain(std::string_view what)
{
    if (m_problem.empty())
        m_problem = what;
    if (m_ledger)
        m_ledger->complain(what);
}

void Fleet::setBroadcast(std::string id, std::string version)
{
    m_broadcastId = std::move(id);
    m_broadcastVersion = std::move(version);
}

int Fleet::told(const std::string &version) const
{
    return static_cast<int>(std::ranges::count(m_told, version));
}

void Fleet::broadcastCame(std::string_view message)
{
    m_told.emplace_back(field(message, m_broadcastId));
}

} // namespace Carillon::Bench
