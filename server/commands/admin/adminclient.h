// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/admin/adminconnection.h"
#include "server/net/http/httpmessage.h"

#include <QDateTime>
#include <QJsonObject>
#include <QString>
#include <QUrlQuery>

#include <chrono>
#include <optional>

namespace Carillon {

struct AdminReply
{
    int status = 0;
    /// Empty if the document is not an object in JSON.
    QJsonObject json;
    QByteArray body;
    /// The server's clock; this machine's if the response has no date.
    QDateTime serverTime;
};

/// How long a command waits for a server.
struct AdminPatience
{
    std::chrono::milliseconds connection { 5'000 };
    std::chrono::milliseconds answer { 30'000 };
};

/// Calls the admin API of one server, one request after the other over a kept connection.
/// Owns: the connection. Thread: one, which it blocks.
class AdminClient
{
public:
    explicit AdminClient(AdminAddress address, AdminPatience patience = {})
        : m_address(std::move(address)), m_patience(patience)
    {
    }

    /// path: of the resource, such as "/clients"; what comes from users is encoded with
    /// pathPart(). A status other than 2xx is a failure, with the words of the server.
    [[nodiscard]] Result<AdminReply, AdminFailure> call(const QByteArray &method,
                                                        const QByteArray &path,
                                                        const QUrlQuery &query = {},
                                                        const QJsonObject &body = {});
    [[nodiscard]] Result<AdminReply, AdminFailure> get(const QByteArray &path,
                                                       const QUrlQuery &query = {})
    {
        return call("GET", path, query);
    }

    /// A part of a path, encoded.
    [[nodiscard]] static QByteArray pathPart(const QString &text);
    [[nodiscard]] const AdminAddress &address() const { return m_address; }
    [[nodiscard]] const AdminPatience &patience() const { return m_patience; }

private:
    [[nodiscard]] Result<std::optional<AdminReply>, AdminFailure>
    exchange(const QByteArray &request);

    AdminAddress m_address;
    AdminPatience m_patience;
    std::optional<AdminConnection> m_connection;
};

/// What every request to a server needs in its head.
[[nodiscard]] std::vector<HttpHeader> adminHeaders(const AdminAddress &address);
/// The value of Host.
[[nodiscard]] QByteArray adminAuthority(const AdminAddress &address);
/// The failure that a response with a status other than 2xx stands for.
[[nodiscard]] AdminFailure failureOf(const AdminAddress &address, int status,
                                     const QByteArray &body);
/// What answers is no admin API.
[[nodiscard]] AdminFailure notCarillon(const AdminAddress &address);

} // namespace Carillon
