// SPDX-License-Identifier: MPL-2.0
#include "server/app/readyfd.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

Result<ReadyFd, QString> ReadyFd::fromText(const QString &text)
{
    bool ok = false;
    const int descriptor = text.toInt(&ok);
    if (!ok || descriptor <= STDERR_FILENO)
        return Unexpected(
            u"--ready-fd takes the number of a descriptor above 2, such as 3 with 3>FILE"_s);
    // Children must not keep it open.
    if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0)
        return Unexpected(u"--ready-fd: descriptor %1 is not open"_s.arg(descriptor));
    return ReadyFd(descriptor);
}

ReadyFd::ReadyFd(ReadyFd &&other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) { }

ReadyFd::~ReadyFd()
{
    close();
}

void ReadyFd::write(const QByteArray &line)
{
    const QByteArray whole = line + '\n';
    while (::write(m_descriptor, whole.constData(), static_cast<size_t>(whole.size())) < 0
           && errno == EINTR) { }
    close();
}

void ReadyFd::close()
{
    if (m_descriptor >= 0)
        ::close(std::exchange(m_descriptor, -1));
}

} // namespace Carillon
