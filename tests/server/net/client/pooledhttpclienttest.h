// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/client/pooledhttpclient.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>

namespace Carillon {

inline const QByteArray Yes = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes";

/// A server that hears requests and says what the test tells it.
class RawServer
{
public:
    struct Asked
    {
        QTcpSocket *peer = nullptr;
        QByteArray path;
    };

    explicit RawServer(const QHostAddress &address = QHostAddress(QHostAddress::LocalHost))
    {
        if (!server.listen(address))
            qFatal("no port");
        QObject::connect(&server, &QTcpServer::newConnection, &server, [this] {
            QTcpSocket *const peer = server.nextPendingConnection();
            peers.append(peer);
            if (!isDeaf)
                QObject::connect(peer, &QIODevice::readyRead, peer, [this, peer] { read(*peer); });
            else
                peer->setReadBufferSize(1);
        });
    }
    [[nodiscard]] QByteArray origin(const QByteArray &host = "127.0.0.1") const
    {
        return "http://" + host + ':' + QByteArray::number(server.serverPort());
    }
    [[nodiscard]] qsizetype openPeers() const
    {
        return std::ranges::count(peers, QAbstractSocket::ConnectedState, &QTcpSocket::state);
    }

    QTcpServer server;
    QList<QTcpSocket *> peers; // children of the server
    std::vector<Asked> asked;
    std::function<void(const Asked &)> answer; // absent: silence
    QByteArray heard;
    bool isDeaf = false;

private:
    void read(QTcpSocket &peer)
    {
        QByteArray &bytes = m_bytes[&peer];
        const QByteArray more = peer.readAll();
        heard += more;
        bytes += more;
        const qsizetype head = bytes.indexOf("\r\n\r\n") + 4;
        const qsizetype length = bytes.indexOf("Content-Length: ");
        if (head < 4
            || bytes.size() < head
                    + bytes.sliced(length + 16, bytes.indexOf("\r", length) - length - 16).toInt())
            return;
        asked.push_back({ &peer, bytes.split(' ').value(1) });
        bytes.clear();
        if (answer)
            answer(Asked(asked.back()));
    }

    QHash<QTcpSocket *, QByteArray> m_bytes;
};

/// A client, a server and what the client said of its requests.
class PooledHttpClientTest : public QObject
{
protected:
    using Outcome = std::optional<Result<HttpClientResponse>>;

    std::unique_ptr<RawServer> m_server;
    std::unique_ptr<PooledHttpClient> m_client;
    std::vector<Outcome> m_outcomes;

    void put(const QByteArray &body = "x",
             std::chrono::milliseconds timeout = std::chrono::seconds(20))
    {
        putTo(m_server->origin(), body, timeout);
    }
    void putTo(const QByteArray &origin, const QByteArray &body = "x",
               std::chrono::milliseconds timeout = std::chrono::seconds(20))
    {
        const std::size_t i = m_outcomes.size();
        m_outcomes.emplace_back();
        m_client->put(origin, '/' + QByteArray::number(i), { { "x-one", "1" } }, body, timeout,
                      [this, i](Result<HttpClientResponse> result) {
                          QVERIFY2(!m_outcomes[i], "answered twice");
                          m_outcomes[i] = std::move(result);
                      });
        QVERIFY2(!m_outcomes[i], "answered inside put()");
    }
    [[nodiscard]] bool isAnswered(std::size_t i = 0) const { return m_outcomes[i].has_value(); }
    [[nodiscard]] bool areAllAnswered() const
    {
        return std::ranges::all_of(m_outcomes, &Outcome::has_value);
    }
    [[nodiscard]] int status(std::size_t i = 0) const
    {
        return m_outcomes[i] && *m_outcomes[i] ? (*m_outcomes[i])->status : 0;
    }
    [[nodiscard]] std::optional<ErrorCode> error(std::size_t i = 0) const
    {
        return m_outcomes[i] && !*m_outcomes[i] ? std::optional((*m_outcomes[i]).error())
                                                : std::nullopt;
    }
    void saysAlways(const QByteArray &answer)
    {
        m_server->answer = [answer](const RawServer::Asked &asked) { asked.peer->write(answer); };
    }
    /// The first answer as it should be, then this.
    void saysFromTheSecondOn(std::function<void(QTcpSocket &)> then)
    {
        m_server->answer = [this, then = std::move(then)](const RawServer::Asked &asked) {
            if (m_server->asked.size() == 1)
                asked.peer->write(Yes);
            else
                then(*asked.peer);
        };
    }

    void start()
    {
        m_outcomes.clear();
        m_lookUps = 0;
        m_server = std::make_unique<RawServer>();
        m_client = std::make_unique<PooledHttpClient>();
    }
    void stop()
    {
        m_client.reset();
        m_server.reset();
    }
    void startWith(const PooledHttpClient::Limits &limits)
    {
        m_client = std::make_unique<PooledHttpClient>(limits);
    }
    /// Every name has these addresses; counts look-ups.
    void startWithNames(QList<QHostAddress> addresses, const PooledHttpClient::Limits &limits = {})
    {
        const auto lookUp = [this, addresses = std::move(addresses)](
                                const QString &, QObject *context, HostLookup::Found found) {
            ++m_lookUps;
            QTimer::singleShot(0, context,
                               [found = std::move(found), addresses] { found(addresses); });
        };
        m_client = std::make_unique<PooledHttpClient>(limits, lookUp);
    }
    int m_lookUps = 0;
};

} // namespace Carillon
