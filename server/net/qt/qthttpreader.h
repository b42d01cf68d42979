// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/httphead.h"

#include <QAbstractHttpServer>

#include <optional>

namespace Carillon {

class QtAcceptor;

/// Reads requests with QHttpServer from memory, as a proxy would pass them on: their head judged,
/// hop-by-hop fields removed, the body whole and with a Content-Length. So QHttpServer never holds
/// a connection, and none of its faults (design.md §2.2) can reach one.
///
/// Owns: its acceptor. Thread: its transport's.
class QtHttpReader final : public QAbstractHttpServer
{
public:
    /// Takes the acceptor, which listens already.
    explicit QtHttpReader(QtAcceptor *acceptor);

    /// The body as QHttpServer read it; absent if it would not have the request.
    [[nodiscard]] std::optional<QByteArray> read(const RequestHead &head, QByteArrayView body);

protected:
    bool handleRequest(const QHttpServerRequest &request, QTcpSocket *socket) override;
    void missingHandler(const QHttpServerRequest &request, QTcpSocket *socket) override;

private:
    QtAcceptor *m_acceptor; // child
    std::optional<QByteArray> m_body; // while read() runs
};

} // namespace Carillon
