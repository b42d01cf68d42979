// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/adminsession.h"
#include "server/commands/commands.h"

#include <QFile>

#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Bytes on their way from one descriptor to another.
class Pipe
{
public:
    Pipe(int from, int to) : m_from(from), m_to(to) { }

    [[nodiscard]] bool isOver() const { return m_isEnded && m_begin == m_end; }
    [[nodiscard]] pollfd reading() const
    {
        return { !m_isEnded && m_begin == m_end ? m_from : -1, POLLIN, 0 };
    }
    [[nodiscard]] pollfd writing() const { return { m_begin < m_end ? m_to : -1, POLLOUT, 0 }; }

    void read()
    {
        const ssize_t count = ::read(m_from, m_bytes.data(), m_bytes.size());
        if (count > 0) {
            m_begin = 0;
            m_end = static_cast<std::size_t>(count);
        } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
            m_isEnded = true;
        }
    }
    /// False: nobody takes them.
    [[nodiscard]] bool write()
    {
        const ssize_t count = ::write(m_to, m_bytes.data() + m_begin, m_end - m_begin);
        if (count < 0)
            return errno == EINTR || errno == EAGAIN;
        m_begin += static_cast<std::size_t>(count);
        return true;
    }

private:
    int m_from;
    int m_to;
    bool m_isEnded = false;
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
    std::array<char, 64 * 1024> m_bytes {};
};

ExitCode join(int socket)
{
    auto toServer = std::make_unique<Pipe>(STDIN_FILENO, socket);
    auto fromServer = std::make_unique<Pipe>(socket, STDOUT_FILENO);
    bool isShut = false;
    while (!fromServer->isOver()) {
        if (toServer->isOver() && !std::exchange(isShut, true))
            ::shutdown(socket, SHUT_WR);
        std::array events { toServer->reading(), toServer->writing(), fromServer->reading(),
                            fromServer->writing() };
        if (::poll(events.data(), events.size(), -1) < 0 && errno != EINTR)
            return ExitCode::Failure;
        if (events[0].revents != 0)
            toServer->read();
        if (events[1].revents != 0 && !toServer->write())
            return ExitCode::Failure;
        if (events[2].revents != 0)
            fromServer->read();
        if (events[3].revents != 0 && !fromServer->write())
            return ExitCode::Failure;
    }
    return ExitCode::Success;
}

ExitCode joinStdio(const Invocation &invocation)
{
    if (!invocation.arguments.others().isEmpty())
        return reportUsage(u"admin-stdio takes no %1"_s.arg(invocation.arguments.others().first()));
    const auto address = findAdmin(invocation.arguments, processEnvironment());
    if (!address)
        return report(address.error());
    const QByteArray path = QFile::encodeName(address->socket);
    sockaddr_un name {};
    name.sun_family = AF_UNIX;
    if (path.isEmpty() || path.size() >= static_cast<qsizetype>(sizeof name.sun_path))
        return reportUsage(u"admin-stdio needs a socket"_s);
    std::memcpy(name.sun_path, path.constData(), static_cast<std::size_t>(path.size()));
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0
        || ::connect(socket, reinterpret_cast<const sockaddr *>(&name), sizeof name) != 0) {
        return report({ .exitCode = errno == EACCES ? ExitCode::Failure : ExitCode::NoServer,
                        .sentence = u"no connection to %1: %2"_s.arg(address->socket,
                                                                     qt_error_string(errno)) });
    }
    return join(socket);
}

} // namespace

Command adminStdioCommand()
{
    return {
        .name = u"admin-stdio"_s,
        .synopsis = u"[--socket PATH]"_s,
        .group = CommandGroup::Running,
        .summary = u"joins standard input and output to the admin socket, for use over ssh"_s,
        .description =
            u"Passes bytes between standard input and output and the admin socket of a server\n"
            "on this machine, so that a program on another machine can use it over ssh."_s,
        .options = { { u"--socket"_s, u"PATH"_s,
                       u"Uses this socket, instead of the one of the server that runs here."_s } },
        .example = u"ssh host carillon admin-stdio"_s,
        .run = joinStdio,
    };
}

} // namespace Carillon
