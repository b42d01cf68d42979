// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/transport/transportfixture.h"

namespace Carillon::Testing {

namespace {

class ScriptedSession final : public WebSocketSession
{
public:
    ScriptedSession(WebSocketConnection &connection, Inbox<QByteArray> &words)
        : m_connection(connection), m_words(words)
    {
    }

    void textReceived(QByteArrayView text) override
    {
        m_words.put("text " + text.toByteArray());
        const QList<QByteArray> parts = text.toByteArray().split(' ');
        const QByteArray rest =
            text.sliced(std::min(text.size(), parts[0].size() + 1)).toByteArray();
        if (parts[0] == "say")
            m_connection.sendText(rest);
        else if (parts[0] == "fill")
            m_connection.sendText(QByteArray(rest.toLongLong(), 'x'));
        else if (parts[0] == "ping")
            m_connection.sendPing();
        else if (parts[0] == "close")
            m_connection.close(parts.value(1).toInt(), parts.value(2));
        else if (parts[0] == "deaf")
            m_connection.setReading(false);
    }
    void pongReceived() override { m_words.put("pong"); }
    void drained() override { m_words.put("drained"); }
    void closed() override { m_words.put("closed"); }

private:
    WebSocketConnection &m_connection;
    Inbox<QByteArray> &m_words;
};

} // namespace

TransportLimits testLimits()
{
    TransportLimits limits;
    limits.closeTimeout = std::chrono::milliseconds(500);
    return limits;
}

std::int64_t ScriptedHttp::bodyLimit(const HttpRequest &head) const
{
    return head.path == "/large" ? LargeLimit : BodyLimit;
}

void ScriptedHttp::handle(HttpRequest request, HttpResponder responder)
{
    if (request.path == "/later") {
        held.put({ std::move(request), responder });
        return;
    }
    const QByteArray body = request.body;
    seen.put(std::move(request));
    responder.send({ 200, { { "x-answer", "at once" } }, body });
}

HttpResponse ScriptedHttp::refuse(const HttpRequest &, ErrorCode why) const
{
    return { httpStatus(why), { { "X-Refused", errorName(why).toByteArray() } }, "refused" };
}

std::unique_ptr<WebSocketSession> ScriptedWebSocket::opened(WebSocketConnection &connection,
                                                            const HttpRequest &)
{
    words.put("opened");
    ids.put(connection.id());
    newest = &connection;
    return std::make_unique<ScriptedSession>(connection, words);
}

bool ScriptedWebSocket::heard(const QByteArray &word)
{
    for (auto next = words.take(); next; next = words.take()) {
        if (*next == word)
            return true;
    }
    return false;
}

TransportFixture::TransportFixture(const TransportFactory &factory, const TransportLimits &limits,
                                   WebSockets webSockets, quint16 port)
{
    m_worker.runAndWait([&] {
        m_timers = std::make_unique<Timers>();
        m_transport = factory(*m_timers, limits);
        Listener listener { QStringLiteral("test"), QHostAddress(QHostAddress::LocalHost), port,
                            &http, nullptr };
        if (webSockets == WebSockets::On)
            listener.webSocket = &webSocket;
        const Result<quint16, QString> listening = m_transport->listen(listener);
        if (!listening)
            qFatal("%ls", qUtf16Printable(listening.error()));
        m_port = *listening;
    });
}

TransportFixture::~TransportFixture()
{
    m_worker.stop([this] {
        m_transport.reset();
        m_timers.reset();
    });
}

void TransportFixture::destroyTransport()
{
    m_worker.runAndWait([this] { m_transport.reset(); });
}

void TransportFixture::run(const std::function<void(Transport &)> &task)
{
    m_worker.runAndWait([this, &task] { task(*m_transport); });
}

int TransportFixture::openRequests()
{
    int open = 0;
    run([&open](Transport &transport) { open = transport.openRequests(); });
    return open;
}

int TransportFixture::sessions()
{
    int count = 0;
    run([&count](Transport &transport) {
        transport.forEachSession([&count](WebSocketSession &) { ++count; });
    });
    return count;
}

QByteArray request(QByteArrayView method, QByteArrayView target, QByteArrayView body,
                   QByteArrayView extraHeaders)
{
    QByteArray bytes;
    bytes.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    bytes.append(extraHeaders);
    if (!body.isNull())
        bytes.append("Content-Length: ").append(QByteArray::number(body.size())).append("\r\n");
    return bytes.append("\r\n").append(body);
}

} // namespace Carillon::Testing
