// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/admin/adminaddress.h"

#include <QByteArray>
#include <QDeadlineTimer>
#include <QIODevice>

#include <memory>

namespace Carillon {

/// Bytes to and from a server: a Unix socket, TCP or TLS.
/// Owns: the socket. Thread: one, which it blocks.
class AdminConnection
{
public:
    [[nodiscard]] static Result<AdminConnection, AdminFailure> open(const AdminAddress &address,
                                                                    QDeadlineTimer deadline);

    [[nodiscard]] Result<void, AdminFailure> write(const QByteArray &bytes,
                                                   QDeadlineTimer deadline);
    /// Waits for more bytes. Empty: the server has ended the connection.
    [[nodiscard]] Result<QByteArray, AdminFailure> read(QDeadlineTimer deadline);

private:
    AdminConnection(QString name, std::unique_ptr<QIODevice> device)
        : m_name(std::move(name)), m_device(std::move(device))
    {
    }

    QString m_name;
    std::unique_ptr<QIODevice> m_device;
};

} // namespace Carillon
