// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/httphead.h"

#include <QAbstractHttpServer>

#include <optional>

namespace Carillon {

class QtAcceptor;

/// Passes complete requests from memory to QHttpServer, as a proxy would: valid head, no hop-by-hop
/// fields, a complete body with Content-Length. So QHttpServer never holds a connection, and its
/// faults (design.md §2.2) cannot affect one.
///
/// Owns: its acceptor. Thread: its transport's.
class QtHttpReader final : public QAbstractHttpServer
{
public:
    /// Takes the acceptor, which is listening already.
    explicit QtHttpReader(QtAcceptor *acceptor);

    /// The body as QHttpServer read it; absent if it refused the request.
    [[nodiscard]] std::optional<QByteArray> read(const RequestHead &head, QByteArrayView body);

protected:
    bool handleRequest(const QHttpServerRequest &request, QTcpSocket *socket) override;
    void missingHandler(const QHttpServerRequest &request, QTcpSocket *socket) override;

private:
    QtAcceptor *m_acceptor; // child
    std::optional<QByteArray> m_body; // while read() runs
};

} // namespace Carillon
