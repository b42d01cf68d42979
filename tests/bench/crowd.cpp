// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/crowd.h"

#include <algorithm>
#include <array>

#include <sys/socket.h>
#include <unistd.h>

namespace Carillon::Bench {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view Come = "come";
constexpr std::string_view Here = "here"; // the answer; all else that a part says is a complaint
constexpr auto Patience = 30s;
constexpr auto PatienceEach = 2ms; // of all: they share the cores

/// One end of what the bench and a part of the crowd say to each other.
class Line final : public Connection
{
public:
    using Connection::Connection;

    [[nodiscard]] const std::string &heard() const { return m_heard; }

private:
    void opened() override { }
    std::size_t received(std::string_view bytes) override
    {
        m_heard += bytes;
        return bytes.size();
    }
    void ended(std::string_view) override { }

    std::string m_heard;
};

/// What a part's process does until its line is closed.
void live(int descriptor, std::uint16_t port, const std::string &key, int clients, Moment limit)
{
    // What it inherited it would keep open when its owner closes it.
    ::close_range(3, static_cast<unsigned>(descriptor) - 1, 0);
    ::close_range(static_cast<unsigned>(descriptor) + 1, ~0U, 0);
    Loop loop;
    loop.setLimit(limit);
    Line line(loop);
    Fleet fleet(loop, { port }, key);
    if (!line.adopt(descriptor)
        || !loop.run(limit, [&] { return !line.isOpen() || line.heard() == Come; })
        || !line.isOpen())
        return;
    auto done = fleet.connect(0, clients);
    if (done)
        done = fleet.subscribe(0, clients);
    line.write(done ? Here : done.error());
    if (!done || !loop.run(limit, [&] { return !line.isOpen() || !fleet.problem().empty(); }))
        return;
    line.write(": " + fleet.problem());
}

} // namespace

/// Owns: a process, and the bench's end of the line to it.
class Crowd::Part
{
public:
    Part(Loop &loop, std::uint16_t port, const std::string &key, int clients, Moment limit)
        : m_line(loop)
    {
        std::array<int, 2> ends { -1, -1 };
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
            return;
        m_process = std::make_unique<Process>([&] {
            live(ends[1], port, key, clients, limit);
            ::_exit(0);
        });
        ::close(ends[1]);
        [[maybe_unused]] const bool adopted = m_line.adopt(ends[0]);
    }

    void come() { m_line.write(Come); }
    [[nodiscard]] bool isHere() const { return m_line.isOpen() && m_line.heard() == Here; }
    [[nodiscard]] bool hasFailed() const
    {
        return !m_line.isOpen() || (!m_line.heard().empty() && m_line.heard() != Here);
    }
    [[nodiscard]] const std::string &said() const { return m_line.heard(); }
    [[nodiscard]] std::chrono::nanoseconds cpu() const
    {
        return m_process ? m_process->cpu() : std::chrono::nanoseconds();
    }
    void leave() { m_line.close(); }
    void waitForEnd()
    {
        if (m_process)
            m_process->waitForEnd();
    }

private:
    Line m_line;
    std::unique_ptr<Process> m_process;
};

Crowd::Crowd(Loop &loop, const std::vector<std::uint16_t> &ports, const std::string &key,
             int clients, Moment limit)
    : m_loop(loop), m_clients(clients)
{
    const int parts = static_cast<int>(ports.size());
    for (int i = 0; i < parts; ++i) {
        const int share = clients / parts + (i < clients % parts ? 1 : 0);
        m_parts.push_back(
            std::make_unique<Part>(loop, ports[static_cast<std::size_t>(i)], key, share, limit));
    }
}

Crowd::~Crowd()
{
    for (const auto &part : m_parts)
        part->leave();
    for (const auto &part : m_parts)
        part->waitForEnd();
}

Result<void, std::string> Crowd::come()
{
    for (const auto &part : m_parts)
        part->come();
    const auto isHere = [](const auto &part) { return part->isHere(); };
    const auto hasFailed = [](const auto &part) { return part->hasFailed(); };
    const bool done = m_loop.run(now() + Patience + m_clients * PatienceEach, [&] {
        return std::ranges::all_of(m_parts, isHere) || std::ranges::any_of(m_parts, hasFailed);
    });
    if (!done)
        return Unexpected(std::string("the crowd does not come in time"));
    return isWhole();
}

Result<void, std::string> Crowd::isWhole() const
{
    for (const auto &part : m_parts) {
        if (part->hasFailed())
            return Unexpected("a process of the crowd ended; it had said: " + part->said());
    }
    return {};
}

std::chrono::nanoseconds Crowd::cpu() const
{
    std::chrono::nanoseconds sum {};
    for (const auto &part : m_parts)
        sum += part->cpu();
    return sum;
}

} // namespace Carillon::Bench
