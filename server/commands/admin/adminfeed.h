// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/admin/adminclient.h"
#include "server/net/websocket/websocketreader.h"

#include <QJsonObject>

#include <deque>
#include <optional>

namespace Carillon {

/// The live feed of a server: a WebSocket, on which the client says what it wants and then reads.
/// Owns: its connection. Thread: one, which it blocks.
class AdminFeed
{
public:
    [[nodiscard]] static Result<AdminFeed, AdminFailure> open(const AdminAddress &address,
                                                              const AdminPatience &patience = {});

    [[nodiscard]] Result<void, AdminFailure> send(const QJsonObject &message);
    /// Waits for the next message, and for as long as it takes; a server that is gone without a
    /// word is noticed by a ping it does not answer. Absent: the server has ended the feed.
    [[nodiscard]] Result<std::optional<QJsonObject>, AdminFailure> next();
    /// Why the server ended the feed, in its words; empty if it gave none.
    [[nodiscard]] const QString &reason() const { return m_reason; }

private:
    AdminFeed(AdminAddress address, AdminPatience patience, AdminConnection connection);

    [[nodiscard]] Result<void, AdminFailure> write(Opcode opcode, QByteArrayView payload);
    [[nodiscard]] Result<void, AdminFailure> take(QByteArray bytes);

    AdminAddress m_address;
    AdminPatience m_patience;
    AdminConnection m_connection;
    WebSocketReader m_reader;
    std::deque<QJsonObject> m_messages;
    bool m_isEnded = false;
    QString m_reason;
};

} // namespace Carillon
