// SPDX-License-Identifier: MPL-2.0
// A server with nothing behind its transport, for tests that want it in a process of its own:
//
//     carillon-echo [transport=native|qt] [message=BYTES] [output=BYTES] [patience=MS] [close=MS]
//         [tls=PEM FILE]
//
// It says "listening on <port>" and ends with SIGTERM. Over HTTP it answers what it was sent; GET
// /later waits until GET /release, whose query says how many bytes of answer all those waiting get,
// and GET /open tells how many requests and sessions are open. Over WebSockets it sends each text
// back.
#include "server/net/native/nativetransport.h"
#include "server/net/tls/tlsserver.h"
#include "server/net/transportkind.h"
#include "server/net/worker.h"

#ifdef CARILLON_QT_TRANSPORT
#include "server/net/qt/qttransport.h"
#endif

#include <QCoreApplication>

#include <csignal>
#include <cstdio>

#include <sys/resource.h>

using namespace Carillon;

namespace {

constexpr std::int64_t BodyLimit = 1'000;
constexpr std::int64_t LargeLimit = 1'000'000;

/// What the command line says.
struct Options
{
    bool isQt = false;
    QString certificate; // empty: no TLS
    TransportLimits limits;
};

class EchoSession final : public WebSocketSession
{
public:
    explicit EchoSession(WebSocketConnection &connection) : m_connection(connection) { }
    void textReceived(QByteArrayView text) override { m_connection.sendText(text.toByteArray()); }
    void pongReceived() override { }
    void drained() override { }
    void closed() override { }

private:
    WebSocketConnection &m_connection;
};

/// Both services of the listener. Thread: the worker's.
class Echo final : public HttpService, public WebSocketService
{
public:
    void setTransport(Transport &transport) { m_transport = &transport; }

    [[nodiscard]] std::int64_t bodyLimit(const HttpRequest &head) const override
    {
        return head.path == "/large" ? LargeLimit : BodyLimit;
    }
    void handle(HttpRequest request, HttpResponder responder) override
    {
        if (request.path == "/later") {
            m_held.push_back(responder);
        } else if (request.path == "/release") {
            const QByteArray answer(request.query.toLongLong(), 'x');
            for (const HttpResponder &held : std::exchange(m_held, {}))
                held.send({ 200, {}, answer });
            responder.send({ 204, {}, {} });
        } else if (request.path == "/open") {
            int sessions = 0;
            m_transport->forEachSession([&sessions](WebSocketSession &) { ++sessions; });
            const int requests = m_transport->openRequests() - 1; // without this one
            responder.send(
                { 200, {}, QByteArray::number(requests) + ' ' + QByteArray::number(sessions) });
        } else {
            responder.send({ 200, {}, std::move(request.body) });
        }
    }
    [[nodiscard]] HttpResponse refuse(const HttpRequest &, ErrorCode why) const override
    {
        return { httpStatus(why), {}, "refused" };
    }

    [[nodiscard]] QByteArray subprotocol() const override { return "echo"; }
    [[nodiscard]] std::unique_ptr<WebSocketSession> opened(WebSocketConnection &connection,
                                                           const HttpRequest &) override
    {
        return std::make_unique<EchoSession>(connection);
    }

private:
    Transport *m_transport = nullptr;
    std::vector<HttpResponder> m_held;
};

/// False when an argument is none that it knows.
bool readArgument(QByteArrayView argument, Options &options)
{
    const qsizetype equals = argument.indexOf('=');
    if (equals < 0)
        return false;
    const QByteArrayView name = argument.first(equals);
    const QByteArray value = argument.sliced(equals + 1).toByteArray();
    TransportLimits &limits = options.limits;
    if (name == "transport") {
        options.isQt = value == "qt";
        return value == "native" || (options.isQt && isBuiltIn(TransportKind::Qt));
    }
    if (name == "tls") {
        options.certificate = QString::fromUtf8(value);
        return true;
    }
    bool isNumber = false;
    const qint64 number = value.toLongLong(&isNumber);
    const std::chrono::milliseconds duration(number);
    if (name == "message")
        limits.webSocketMessageBytes = number;
    else if (name == "output")
        limits.webSocketOutputBytes = number;
    else if (name == "patience")
        limits.headTimeout = limits.bodyTimeout = limits.idleTimeout = duration;
    else if (name == "close")
        limits.closeTimeout = duration;
    else
        return false;
    return isNumber && number > 0;
}

void raiseDescriptorLimit()
{
    rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

std::unique_ptr<Transport> makeTransport(Timers &timers, const Options &options)
{
#ifdef CARILLON_QT_TRANSPORT
    if (options.isQt)
        return std::make_unique<QtTransport>(timers, options.limits);
#endif
    return std::make_unique<NativeTransport>(timers, options.limits);
}

/// Serves until `waitForEnd` returns; the program's exit code.
int serve(const Options &options, const std::function<void()> &waitForEnd)
{
    std::optional<TlsServer> tls;
    if (!options.certificate.isEmpty()) {
        auto context = TlsContext::load(options.certificate, options.certificate);
        if (!context) {
            std::fprintf(stderr, "%s\n", qPrintable(context.error().fault));
            return 1;
        }
        tls.emplace(std::move(*context));
    }
    Worker worker(0);
    Echo echo;
    std::unique_ptr<Timers> timers;
    std::unique_ptr<Transport> transport;
    Result<quint16, QString> port = Unexpected(QString());
    worker.runAndWait([&] {
        timers = std::make_unique<Timers>();
        transport = makeTransport(*timers, options);
        echo.setTransport(*transport);
        port = transport->listen({ QStringLiteral("echo"), QHostAddress(QHostAddress::LocalHost), 0,
                                   &echo, &echo, tls ? &*tls : nullptr });
    });
    if (port) {
        std::printf("listening on %d\n", int { *port });
        std::fflush(stdout);
        waitForEnd();
    } else {
        std::fprintf(stderr, "%s\n", qPrintable(port.error()));
    }
    worker.stop([&] {
        transport.reset();
        timers.reset();
    });
    return port ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    // Before there are threads: all of them leave the signal to main.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const QCoreApplication application(argc, argv);
    Options options;
    for (int i = 1; i < argc; ++i) {
        if (!readArgument(argv[i], options)) {
            std::fprintf(stderr, "carillon-echo: what is %s?\n", argv[i]);
            return 2;
        }
    }
    raiseDescriptorLimit();
    return serve(options, [&signals] {
        int signal = 0;
        ::sigwait(&signals, &signal);
    });
}
