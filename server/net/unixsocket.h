// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/net/http/httpmessage.h"

#include <QString>

#include <cstdint>
#include <memory>
#include <optional>

namespace Carillon {

/// A listening Unix socket (SOCK_STREAM) at a path, which only its user, and perhaps a group, may
/// connect to. Owns: the descriptor and the file. Thread: any.
class UnixSocket
{
public:
    struct Place
    {
        QString path;
        /// May connect, too.
        std::optional<std::uint32_t> group = {};
    };
    enum class Why {
        InUse, ///< somebody listens there
        Other,
    };
    struct Fault
    {
        Why why;
        QString text; ///< a sentence for the operator
    };

    /// Binds and listens. A socket that nobody listens at any more is replaced; any other file is
    /// not touched. A missing directory is made, for this user only (0700) or also for the group
    /// (0750); the socket gets the mode 0660.
    [[nodiscard]] static Result<std::unique_ptr<UnixSocket>, Fault> listen(const Place &place);
    /// Closes it, and removes its file unless another socket has taken that place.
    ~UnixSocket();
    UnixSocket(const UnixSocket &) = delete;
    UnixSocket &operator=(const UnixSocket &) = delete;

    [[nodiscard]] const QString &path() const { return m_path; }
    [[nodiscard]] int descriptor() const { return m_descriptor; }

    /// Whether a path is short enough for a socket's address.
    [[nodiscard]] static bool fits(const QString &path);

private:
    UnixSocket(QString path, int descriptor, std::uint64_t device, std::uint64_t inode)
        : m_path(std::move(path)), m_descriptor(descriptor), m_device(device), m_inode(inode)
    {
    }

    QString m_path;
    int m_descriptor;
    std::uint64_t m_device;
    std::uint64_t m_inode;
};

/// Who connected a Unix socket (SO_PEERCRED, SO_PEERGROUPS); absent if the kernel does not say.
[[nodiscard]] std::optional<PeerCredentials> peerCredentials(int descriptor);

} // namespace Carillon
