// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/megaphone.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace Carillon::Bench {

/// A server's connection: every head is a GET of the versions.
class Megaphone::Asker final : public Connection
{
public:
    Asker(Loop &loop, Megaphone &megaphone) : Connection(loop), m_megaphone(megaphone) { }

private:
    void opened() override { }
    std::size_t received(std::string_view bytes) override
    {
        const std::size_t end = bytes.find("\r\n\r\n");
        if (end == std::string_view::npos)
            return 0;
        write(m_megaphone.answer());
        return end + 4;
    }
    void ended(std::string_view) override { }

    Megaphone &m_megaphone;
};

Megaphone::Megaphone(std::string id, std::string version)
    : m_id(std::move(id)), m_version(std::move(version)),
      m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))
{
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *const generic = reinterpret_cast<sockaddr *>(&address);
    if (::bind(m_listener, generic, sizeof address) == 0 && ::listen(m_listener, 16) == 0
        && ::getsockname(m_listener, generic, &size) == 0)
        m_port = ntohs(address.sin_port);
}

Megaphone::~Megaphone()
{
    ::close(m_listener);
}

std::string Megaphone::url() const
{
    return "http://127.0.0.1:" + std::to_string(m_port) + "/broadcasts";
}

void Megaphone::serve(Loop &loop)
{
    m_loop = &loop;
    if (!loop.watch(m_listener, EPOLLIN, *this))
        m_port = 0;
}

void Megaphone::ready(std::uint32_t)
{
    for (int peer = ::accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
         peer >= 0; peer = ::accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) {
        m_askers.push_back(std::make_unique<Asker>(*m_loop, *this));
        if (!m_askers.back()->adopt(peer))
            ::close(peer);
    }
}

std::string Megaphone::answer()
{
    ++m_answered;
    const std::string body = R"({"broadcasts":{")" + m_id + R"(":")" + m_version + R"("}})";
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
        + std::to_string(body.size()) + "\r\n\r\n" + body;
}

} // namespace Carillon::Bench
