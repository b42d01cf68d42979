// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/serverprocess.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace Carillon::Bench {
namespace {

using namespace std::chrono_literals;

constexpr auto StartPatience = 20s;
constexpr auto PollInterval = 5ms; // of the start, which no event announces

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

/// Ports that were free a moment ago, all different; 0 where none is.
std::array<std::uint16_t, 3> freePorts()
{
    std::array<std::uint16_t, 3> ports {};
    std::vector<int> held;
    for (std::uint16_t &port : ports) {
        const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        if (::bind(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0
            && ::getsockname(descriptor, reinterpret_cast<sockaddr *>(&address), &size) == 0)
            port = ntohs(address.sin_port);
        held.push_back(descriptor);
    }
    for (const int descriptor : held)
        ::close(descriptor);
    return ports;
}

/// Whether a GET of the health route is answered 200.
bool answers(std::uint16_t port)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const timeval patience { .tv_sec = 1, .tv_usec = 0 };
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    constexpr std::string_view Request = "GET /__lbheartbeat__ HTTP/1.1\r\n"
                                         "Host: 127.0.0.1\r\nConnection: close\r\n\r\n";
    std::array<char, 12> answer {};
    const bool good =
        ::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0
        && ::send(descriptor, Request.data(), Request.size(), MSG_NOSIGNAL) > 0
        && ::recv(descriptor, answer.data(), answer.size(), MSG_WAITALL) == std::ssize(answer)
        && std::string_view(answer.data(), answer.size()) == "HTTP/1.1 200";
    ::close(descriptor);
    return good;
}

std::string variable(const std::string &setting, const std::string &value)
{
    std::string name = "CARILLON__";
    for (const char letter : setting) {
        if (letter == '.')
            name += "__";
        else
            name += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    }
    return name + '=' + value;
}

} // namespace

Result<std::unique_ptr<ServerProcess>, std::string>
ServerProcess::start(const std::string &program, const std::filesystem::path &directory,
                     Settings settings)
{
    std::unique_ptr<ServerProcess> server(new ServerProcess);
    std::string pattern = directory / "carillon-bench-XXXXXX";
    if (!::mkdtemp(pattern.data()))
        return Unexpected("no directory can be made in " + directory.string());
    server->m_directory = pattern;
    const auto ports = freePorts();
    server->m_connectPort = ports[0];
    server->m_endpointPort = ports[1];
    server->m_routerPort = ports[2];
    settings.insert({ { "connect.port", std::to_string(ports[0]) },
                      { "endpoint.port", std::to_string(ports[1]) },
                      { "router.port", std::to_string(ports[2]) },
                      { "endpoint.url", server->origin() },
                      { "storage.dsn", server->database() },
                      { "state.dir", server->m_directory.string() },
                      { "log.level", "warning" } });
    // Of all listeners of a role the last to open, and never with TLS.
    const auto role = settings.find("role");
    const bool connects = role != settings.end() && role->second == "connect";
    server->launch(program, settings);
    if (!server->waitUntilServing(connects ? server->m_routerPort : server->m_endpointPort))
        return Unexpected(program + " does not serve: " + server->lastLines());
    return server;
}

Result<void, std::string> ServerProcess::stop()
{
    m_process->ask(SIGTERM);
    const int status = m_process->waitForEnd();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return {};
    return Unexpected("the server ended with status " + std::to_string(status) + ": "
                      + lastLines());
}

ServerProcess::~ServerProcess()
{
    if (m_process) {
        [[maybe_unused]] const auto stopped = stop();
    }
    std::error_code ignored;
    if (!m_directory.empty())
        std::filesystem::remove_all(m_directory, ignored);
}

void ServerProcess::launch(const std::string &program, const Settings &settings)
{
    // Nothing but what is said here reaches the server, so that every run measures the same.
    std::vector<std::string> variables;
    for (const char *kept :
         { "PATH", "HOME", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS" }) {
        if (const char *value = std::getenv(kept))
            variables.push_back(std::string(kept) + '=' + value);
    }
    for (const auto &[name, value] : settings)
        variables.push_back(variable(name, value));
    std::vector<char *> environment;
    for (std::string &each : variables)
        environment.push_back(each.data());
    environment.push_back(nullptr);
    const std::string log = m_directory / "log";
    std::string name = program;
    std::string command = "serve";
    const std::array<char *, 3> arguments { name.data(), command.data(), nullptr };

    m_process = std::make_unique<Process>([&] {
        const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (output >= 0 && ::dup2(output, 1) >= 0 && ::dup2(output, 2) >= 0)
            ::execve(program.c_str(), arguments.data(), environment.data());
    });
}

bool ServerProcess::waitUntilServing(std::uint16_t port) const
{
    const Moment deadline = now() + StartPatience;
    while (now() < deadline && !m_process->hasEnded()) {
        if (answers(port))
            return true;
        std::this_thread::sleep_for(PollInterval);
    }
    return false;
}

std::string ServerProcess::origin() const
{
    return "http://127.0.0.1:" + std::to_string(m_endpointPort);
}

std::string ServerProcess::database() const
{
    return "sqlite:" + (m_directory / "bench.db").string();
}

std::string ServerProcess::lastWords() const
{
    return m_process->hasEnded() ? " The server ended: " + lastLines() : std::string();
}

std::string ServerProcess::lastLines() const
{
    std::ifstream file(m_directory / "log");
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    constexpr std::size_t Most = 600;
    return text.size() > Most ? text.substr(text.size() - Most) : text;
}

} // namespace Carillon::Bench
