// SPDX-License-Identifier: MPL-2.0
#include "server/commands/commands.h"
#include "server/settings/topology.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTimer>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::milliseconds Pause { 100 };
constexpr std::chrono::milliseconds LeastResponseTimeout { 500 };
constexpr std::chrono::milliseconds ResponseTimeout { 5'000 };
constexpr double DefaultTimeout = 60;
constexpr double LongestTimeout = 86'400;

/// Where a server with these settings answers for its health, listener by listener.
Result<QList<QUrl>, QString> healthUrls(const Settings &settings)
{
    const Topology topology(settings);
    QList<QUrl> urls;
    for (const auto &[listener, port] :
         { std::pair { ListenerName::Connect, settings.connect.port },
           std::pair { ListenerName::Endpoint, settings.endpoint.port } }) {
        if (!topology.hasListener(listener))
            continue;
        if (port == 0)
            return Unexpected(
                u"a server that takes any free port cannot be found; use serve --ready-fd"_s);
        QUrl url(QString::fromLatin1(httpOrigin(settings, listener)));
        const QHostAddress host(url.host());
        if (host == QHostAddress(QHostAddress::AnyIPv4)
            || host == QHostAddress(QHostAddress::AnyIPv6))
            url.setHost(u"127.0.0.1"_s);
        url.setPath(u"/health"_s);
        urls << url;
    }
    return urls;
}

/// Asks one URL after another until it answers that all is well. Thread: main, in the event loop.
class HealthWait
{
public:
    HealthWait(QList<QUrl> urls, QDeadlineTimer deadline)
        : m_urls(std::move(urls)), m_deadline(deadline)
    {
        m_timer.setSingleShot(true);
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { ask(); });
        m_timer.start(0);
    }

    /// What the last answer was; empty: every listener is well.
    [[nodiscard]] QString problem() const { return m_urls.isEmpty() ? QString() : m_problem; }

private:
    void ask()
    {
        QNetworkRequest request(m_urls.first());
        request.setTransferTimeout(static_cast<int>(std::clamp<qint64>(
            m_deadline.remainingTime(), LeastResponseTimeout.count(), ResponseTimeout.count())));
        QNetworkReply *const reply = m_network.get(request);
        // The certificate is made out to the public name, which is not the one that is asked. The
        // answer is trusted with nothing but the wait.
        QObject::connect(reply, &QNetworkReply::sslErrors, reply,
                         [reply](const QList<QSslError> &) { reply->ignoreSslErrors(); });
        QObject::connect(reply, &QNetworkReply::finished, &m_timer, [this, reply] {
            answered(*reply);
            reply->deleteLater();
        });
    }

    void answered(QNetworkReply &reply)
    {
        const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        if (status == 200) {
            m_urls.removeFirst();
            if (m_urls.isEmpty()) {
                QCoreApplication::quit();
                return;
            }
            m_timer.start(0);
            return;
        }
        m_problem = u"%1 %2"_s.arg(reply.url().toString(),
                                   status == 0 ? u"does not respond: "_s + reply.errorString()
                                               : u"responds %1"_s.arg(status));
        if (m_deadline.hasExpired())
            QCoreApplication::quit();
        else
            m_timer.start(Pause);
    }

    QList<QUrl> m_urls; // those that are not well yet
    QDeadlineTimer m_deadline;
    QString m_problem;
    QNetworkAccessManager m_network;
    QTimer m_timer;
};

ExitCode waitForHealth(const Invocation &invocation)
{
    double timeout = DefaultTimeout;
    if (const auto text = invocation.arguments.value(u"--timeout"_s)) {
        bool ok = false;
        timeout = text->toDouble(&ok);
        if (!ok || !(timeout >= 0 && timeout <= LongestTimeout)) {
            printError(u"--timeout takes a number of seconds"_s);
            return ExitCode::Usage;
        }
    }
    const Result<LoadedSettings, QStringList> loaded = loadSettings(invocation.settings);
    if (!loaded) {
        for (const QString &problem : loaded.error())
            printError(problem);
        return ExitCode::Usage;
    }
    const Result<QList<QUrl>, QString> urls = healthUrls(loaded->settings);
    if (!urls) {
        printError(urls.error());
        return ExitCode::Usage;
    }
    const HealthWait waiting(*urls,
                             QDeadlineTimer(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                 std::chrono::duration<double>(timeout))));
    QCoreApplication::exec();
    if (waiting.problem().isEmpty())
        return ExitCode::Success;
    printError(waiting.problem());
    return ExitCode::Failure;
}

} // namespace

Command waitCommand()
{
    return {
        .name = u"wait"_s,
        .synopsis = u"[--timeout SECONDS] [--config FILE] [settings]"_s,
        .summary = u"waits until a server on this machine is healthy"_s,
        .description =
            u"Asks the server that was started with the same settings for its health, until its\n"
            "listeners respond that they serve and that the storage works. Prints nothing. The\n"
            "exit code is 1 if that does not happen in time; the last problem is then on standard\n"
            "error."_s,
        .options = { { u"--timeout"_s, u"SECONDS"_s,
                       u"Gives up after this time (default: 60)."_s } },
        .example = u"carillon serve --dev &\n"
                   "carillon wait --dev --timeout 10"_s,
        .takesSettings = true,
        .run = waitForHealth,
    };
}

} // namespace Carillon
