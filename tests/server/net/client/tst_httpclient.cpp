// SPDX-License-Identifier: MPL-2.0
#include "server/net/client/httpclient.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

#include <memory>
#include <optional>

using namespace Carillon;
using namespace std::chrono_literals;

class HttpClientTest final : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTcpServer> m_server;
    std::unique_ptr<HttpClient> m_client;
    QList<QTcpSocket *> m_peers; // children of the server
    QByteArray m_asked;
    std::optional<Result<HttpClientResponse>> m_result;

    [[nodiscard]] QUrl url(const QString &path = QStringLiteral("/a?b=c")) const
    {
        return QUrl(QStringLiteral("http://127.0.0.1:%1%2").arg(m_server->serverPort()).arg(path));
    }
    void send(const QByteArray &method = "GET", const QByteArray &body = {},
              std::chrono::milliseconds timeout = 10s)
    {
        m_asked.clear();
        m_result.reset();
        m_client->send(method, url(), { { "x-one", "1" } }, body, timeout,
                       [this](Result<HttpClientResponse> result) { m_result = std::move(result); });
        QVERIFY2(!m_result, "answered inside send()");
    }

private Q_SLOTS:
    void init()
    {
        m_peers.clear();
        m_result.reset();
        m_client = std::make_unique<HttpClient>();
        m_server = std::make_unique<QTcpServer>();
        QVERIFY(m_server->listen(QHostAddress(QHostAddress::LocalHost)));
        connect(m_server.get(), &QTcpServer::newConnection, this, [this] {
            QTcpSocket *peer = m_server->nextPendingConnection();
            m_peers.append(peer);
            connect(peer, &QIODevice::readyRead, this,
                    [this, peer] { m_asked.append(peer->readAll()); });
        });
    }

    void cleanup()
    {
        m_client.reset();
        m_server.reset();
    }

    void request_isSentAsTold_andItsAnswerGiven()
    {
        send("PUT", "hello");
        QTRY_VERIFY(m_asked.endsWith("\r\n\r\nhello"));
        QVERIFY(m_asked.startsWith("PUT /a?b=c HTTP/1.1\r\n"));
        QVERIFY(m_asked.toLower().contains("\r\nx-one: 1\r\n"));
        QVERIFY(m_asked.toLower().contains("\r\ncontent-length: 5\r\n"));
        QVERIFY(!m_asked.toLower().contains("gzip"));
        m_peers[0]->write("HTTP/1.1 200 OK\r\nX-Two: 2\r\nContent-Length: 3\r\n\r\nyes");
        QTRY_VERIFY(m_result.has_value());
        QVERIFY(m_result->has_value());
        QCOMPARE((*m_result)->status, 200);
        QCOMPARE((*m_result)->body, "yes");
        QCOMPARE((*m_result)->headers.value("x-two"), QByteArrayView("2"));
    }

    void everyStatus_isAResponse_data()
    {
        QTest::addColumn<int>("status");
        for (const int status : { 204, 301, 400, 401, 404, 410, 418, 500, 503 })
            QTest::newRow(qPrintable(QString::number(status))) << status;
    }

    void everyStatus_isAResponse()
    {
        QFETCH(int, status);
        send();
        QTRY_VERIFY(m_asked.endsWith("\r\n\r\n"));
        // A Location that is followed would bring a second request.
        m_peers[0]->write("HTTP/1.1 " + QByteArray::number(status)
                          + " X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
        QTRY_VERIFY(m_result.has_value());
        QVERIFY(m_result->has_value());
        QCOMPARE((*m_result)->status, status);
        QCOMPARE(m_asked.count("HTTP/1.1\r\n"), 1);
    }

    void connection_isKept()
    {
        for (int i = 0; i < 3; ++i) {
            send("PUT", "x");
            QTRY_VERIFY(m_asked.endsWith("\r\n\r\nx"));
            m_peers[0]->write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            QTRY_VERIFY(m_result.has_value() && m_result->has_value());
        }
        QCOMPARE(m_peers.size(), 1);
    }

    void silentServer_timesOut_alsoWhileItDrips()
    {
        send("GET", {}, 300ms);
        QTRY_VERIFY(m_asked.endsWith("\r\n\r\n"));
        m_peers[0]->write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        QTimer drip;
        connect(&drip, &QTimer::timeout, this, [this] { m_peers[0]->write("x"); });
        drip.start(20);
        QTRY_VERIFY_WITH_TIMEOUT(m_result.has_value(), 3'000);
        QVERIFY(!m_result->has_value());
        QCOMPARE(m_result->error(), ErrorCode::RequestTimeout);
    }

    void serverThatIsNotThere_isNotFound()
    {
        const quint16 port = m_server->serverPort();
        m_server->close();
        m_client->send("GET", QUrl(QStringLiteral("http://127.0.0.1:%1/").arg(port)), {}, {}, 10s,
                       [this](Result<HttpClientResponse> result) { m_result = std::move(result); });
        QTRY_VERIFY(m_result.has_value());
        QVERIFY(!m_result->has_value());
        QCOMPARE(m_result->error(), ErrorCode::NotFound);
    }

    void answerBrokenOff_isTryAgainLater_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<bool>("atOnce"); // the client hears of the end with the last bytes
        const auto rows = [](const char *name, const QByteArray &answer) {
            QTest::addRow("%s", name) << answer << false;
            QTest::addRow("%s, at once", name) << answer << true;
        };
        rows("nothing", {});
        rows("half a head", "HTTP/1.1 200 OK\r\nContent-");
        rows("no body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        rows("half a body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        const QByteArray chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        rows("no chunk", chunked);
        rows("half a chunk", chunked + "a\r\nhalf");
        rows("no last chunk", chunked + "4\r\nhalf\r\n");
    }

    void answerBrokenOff_isTryAgainLater()
    {
        QFETCH(QByteArray, answer);
        QFETCH(bool, atOnce);
        send("PUT", "x");
        QTRY_VERIFY(m_asked.endsWith("\r\n\r\nx"));
        // Qt may ask once more over a new connection.
        connect(m_server.get(), &QTcpServer::newConnection, this,
                [this] { m_peers.last()->disconnectFromHost(); });
        m_peers[0]->write(answer);
        if (atOnce)
            QVERIFY(answer.isEmpty() || m_peers[0]->flush());
        m_peers[0]->disconnectFromHost();
        QTRY_VERIFY(m_result.has_value());
        QVERIFY(!m_result->has_value());
        QCOMPARE(m_result->error(), ErrorCode::TryAgainLater);
    }

    void answerOverTheLimit_isBodyTooLarge()
    {
        m_client->setResponseLimit(1'000);
        send();
        QTRY_VERIFY(m_asked.endsWith("\r\n\r\n"));
        m_peers[0]->write("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"
                          + QByteArray(1'001, 'x'));
        QTRY_VERIFY(m_result.has_value());
        QVERIFY(!m_result->has_value());
        QCOMPARE(m_result->error(), ErrorCode::BodyTooLarge);
    }

    void cookies_areNotKept()
    {
        send();
        QTRY_VERIFY(m_asked.endsWith("\r\n\r\n"));
        m_peers[0]->write("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n");
        QTRY_VERIFY(m_result.has_value());
        send();
        QTRY_VERIFY(m_asked.endsWith("\r\n\r\n"));
        QVERIFY(!m_asked.toLower().contains("cookie"));
    }

    void destruction_dropsWhatIsOpen()
    {
        send();
        QTRY_VERIFY(m_asked.endsWith("\r\n\r\n"));
        m_client.reset();
        QTRY_COMPARE(m_peers[0]->state(), QAbstractSocket::UnconnectedState);
        QVERIFY(!m_result);
    }
};

QTEST_GUILESS_MAIN(HttpClientTest)
#include "tst_httpclient.moc"
