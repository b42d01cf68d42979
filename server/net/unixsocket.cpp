// SPDX-License-Identifier: MPL-2.0
#include "server/net/unixsocket.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace Carillon {
namespace {

/// Closes at the end of a scope.
class Descriptor
{
public:
    explicit Descriptor(int descriptor) : m_descriptor(descriptor) { }
    ~Descriptor()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    [[nodiscard]] int operator*() const { return m_descriptor; }
    [[nodiscard]] int release() { return std::exchange(m_descriptor, -1); }

private:
    int m_descriptor;
};

Unexpected<UnixSocket::Fault> failed(const QString &path, int error)
{
    return Unexpected(
        UnixSocket::Fault { UnixSocket::Why::Other,
                            QStringLiteral("Cannot listen on the socket %1: %2.")
                                .arg(path, QString::fromLocal8Bit(std::strerror(error))) });
}

/// Precondition: the path fits.
sockaddr_un addressOf(const QByteArray &path)
{
    sockaddr_un address {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.constData(), static_cast<std::size_t>(path.size()));
    return address;
}

const sockaddr *raw(const sockaddr_un &address)
{
    return reinterpret_cast<const sockaddr *>(&address);
}

/// Whether somebody listens there; a full queue counts.
bool answers(const sockaddr_un &address)
{
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    return ::connect(*socket, raw(address), sizeof address) == 0 || errno == EAGAIN;
}

/// Returns 0 or errno.
int makeDirectory(const QString &path, const std::optional<std::uint32_t> &group)
{
    const QFileInfo info(path);
    if (info.exists())
        return 0;
    if (!QDir().mkpath(info.absolutePath()))
        return EACCES;
    const QByteArray name = QFile::encodeName(path);
    if (::mkdir(name.constData(), 0700) != 0)
        return errno == EEXIST ? 0 : errno;
    // Others of the group get in only if the directory is theirs, too.
    if (group && ::chown(name.constData(), static_cast<uid_t>(-1), *group) == 0)
        ::chmod(name.constData(), 0750);
    return 0;
}

} // namespace

bool UnixSocket::fits(const QString &path)
{
    return QFile::encodeName(path).size() < qsizetype(sizeof(sockaddr_un::sun_path));
}

Result<std::unique_ptr<UnixSocket>, UnixSocket::Fault> UnixSocket::listen(const Place &place)
{
    const QString &path = place.path;
    if (!fits(path))
        return failed(path, ENAMETOOLONG);
    const QString directory = QFileInfo(path).absolutePath();
    if (const int error = makeDirectory(directory, place.group))
        return failed(path, error);
    // Of two servers that start at the same time, one looks first.
    const Descriptor lock(
        ::open(QFile::encodeName(directory).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (*lock < 0 || ::flock(*lock, LOCK_EX) != 0)
        return failed(path, errno);

    const QByteArray name = QFile::encodeName(path);
    const sockaddr_un address = addressOf(name);
    struct stat before
    {
    };
    if (::lstat(name.constData(), &before) == 0) {
        if (!S_ISSOCK(before.st_mode))
            return failed(path, EEXIST);
        if (answers(address))
            return Unexpected(
                Fault { Why::InUse,
                        QStringLiteral("The socket %1 is in use by another server.").arg(path) });
        if (::unlink(name.constData()) != 0)
            return failed(path, errno);
    }
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    struct stat bound
    {
    };
    // Nobody can connect before listen().
    if (*socket < 0 || ::bind(*socket, raw(address), sizeof address) != 0
        || ::lstat(name.constData(), &bound) != 0 || ::chmod(name.constData(), 0660) != 0)
        return failed(path, errno);
    const bool isReady =
        (!place.group || ::chown(name.constData(), static_cast<uid_t>(-1), *place.group) == 0)
        && ::listen(*socket, SOMAXCONN) == 0;
    if (!isReady) {
        const int error = errno;
        ::unlink(name.constData());
        return failed(path, error);
    }
    return std::unique_ptr<UnixSocket>(
        new UnixSocket(path, socket.release(), bound.st_dev, bound.st_ino));
}

UnixSocket::~UnixSocket()
{
    ::close(m_descriptor);
    const QByteArray name = QFile::encodeName(m_path);
    struct stat now
    {
    };
    if (::lstat(name.constData(), &now) == 0 && now.st_dev == m_device && now.st_ino == m_inode)
        ::unlink(name.constData());
}

std::optional<PeerCredentials> peerCredentials(int descriptor)
{
    ucred peer {};
    socklen_t size = sizeof peer;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return std::nullopt;
    PeerCredentials credentials { .user = peer.uid, .groups = { peer.gid } };
#ifdef SO_PEERGROUPS
    std::vector<gid_t> others(64);
    size = static_cast<socklen_t>(others.size() * sizeof(gid_t));
    int state = ::getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, others.data(), &size);
    if (state != 0 && errno == ERANGE) {
        others.resize(size / sizeof(gid_t));
        state = ::getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, others.data(), &size);
    }
    if (state == 0)
        credentials.groups.insert(credentials.groups.end(), others.begin(),
                                  others.begin()
                                      + static_cast<std::ptrdiff_t>(size / sizeof(gid_t)));
#endif
    return credentials;
}

} // namespace Carillon
