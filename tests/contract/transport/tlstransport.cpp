// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/transport/tlstransport.h"

#include "server/net/native/nativetransport.h"

#include <QTemporaryDir>

namespace Carillon::Testing {

namespace {

/// Passes all on, and adds TLS to what is listened on.
class TlsTransport final : public Transport
{
public:
    TlsTransport(const TlsServer &server, bool isOnly, Timers &timers,
                 const TransportLimits &limits)
        : m_server(server), m_isOnly(isOnly), m_native(timers, limits)
    {
    }

    [[nodiscard]] Result<quint16, QString> listen(const Listener &listener) override
    {
        Listener safe = listener;
        (m_isOnly ? safe.tls : safe.offeredTls) = &m_server;
        return m_native.listen(safe);
    }
    void stopListening() override { m_native.stopListening(); }
    void forEachSession(const std::function<void(WebSocketSession &)> &visit) override
    {
        m_native.forEachSession(visit);
    }
    [[nodiscard]] WebSocketSession *session(ConnectionId connection) override
    {
        return m_native.session(connection);
    }
    void readNow(ConnectionId connection) override { m_native.readNow(connection); }
    [[nodiscard]] int openRequests() const override { return m_native.openRequests(); }
    void answerAll(const HttpResponse &response) override { m_native.answerAll(response); }
    void respond(ConnectionId connection, std::uint32_t request, HttpResponse response) override
    {
        m_native.respond(connection, request, std::move(response));
    }

private:
    const TlsServer &m_server;
    const bool m_isOnly; // or plain HTTP is spoken, too
    NativeTransport m_native;
};

} // namespace

TlsContext makeTlsContext()
{
    return makeTlsContext(TestAuthority().issue());
}

TlsContext makeTlsContext(const TestAuthority::Pair &pair)
{
    const QTemporaryDir directory;
    const QString file = directory.filePath(QStringLiteral("server.pem"));
    writeFile(file, pair.certificate + pair.key);
    auto context = TlsContext::load(file, file);
    if (!context)
        qFatal("%ls", qUtf16Printable(context.error().fault));
    return std::move(*context);
}

TransportFactory tlsTransport(const TlsServer &server)
{
    return [&server](Timers &timers, const TransportLimits &limits) {
        return std::make_unique<TlsTransport>(server, true, timers, limits);
    };
}

TransportFactory tlsOfferingTransport(const TlsServer &server)
{
    return [&server](Timers &timers, const TransportLimits &limits) {
        return std::make_unique<TlsTransport>(server, false, timers, limits);
    };
}

} // namespace Carillon::Testing
