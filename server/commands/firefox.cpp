// SPDX-License-Identifier: MPL-2.0
#include "server/commands/commands.h"
#include "server/dev/devpage.h"

#include <QCoreApplication>
#include <QFile>
#include <QProcess>
#include <QSocketNotifier>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <csignal>

#include <sys/signalfd.h>
#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

const QString DefaultPage = u"http://127.0.0.1:8082/"_s;

QString findFirefox()
{
    for (const QString &name :
         { u"firefox-esr"_s, u"firefox"_s, u"firefox-developer-edition"_s, u"firefox-nightly"_s }) {
        if (QString path = QStandardPaths::findExecutable(name); !path.isEmpty())
            return path;
    }
    return {};
}

QString userJs(const QUrl &server)
{
    std::vector<FirefoxPreference> preferences = firefoxPreferences(server);
    // A new profile greets its user with pages of its own.
    for (const QString &name :
         { u"browser.aboutwelcome.enabled"_s, u"browser.shell.checkDefaultBrowser"_s,
           u"datareporting.policy.dataSubmissionEnabled"_s,
           u"toolkit.telemetry.reportingpolicy.firstRun"_s,
           u"browser.sessionstore.resume_from_crash"_s })
        preferences.push_back({ name, u"false"_s });
    QString text;
    for (const auto &[name, value] : preferences)
        text += u"user_pref(\"%1\", %2);\n"_s.arg(name, value);
    return text;
}

/// Ends the browser when this process is told to end, so that its profile can be removed.
/// Owns: the descriptor. Thread: main.
class SignalWatch
{
public:
    explicit SignalWatch(QProcess &browser)
    {
        sigemptyset(&m_signals);
        sigaddset(&m_signals, SIGINT);
        sigaddset(&m_signals, SIGTERM);
        sigaddset(&m_signals, SIGHUP);
        sigprocmask(SIG_BLOCK, &m_signals, nullptr);
        browser.setChildProcessModifier(
            [set = m_signals] { sigprocmask(SIG_UNBLOCK, &set, nullptr); });
        m_fd = ::signalfd(-1, &m_signals, SFD_CLOEXEC | SFD_NONBLOCK);
        m_notifier = std::make_unique<QSocketNotifier>(m_fd, QSocketNotifier::Read);
        QObject::connect(m_notifier.get(), &QSocketNotifier::activated, &browser, [this, &browser] {
            signalfd_siginfo info {};
            while (::read(m_fd, &info, sizeof info) > 0) { }
            m_hasAsked = true;
            browser.terminate();
        });
    }
    ~SignalWatch()
    {
        m_notifier.reset();
        ::close(m_fd);
    }
    SignalWatch(const SignalWatch &) = delete;
    SignalWatch &operator=(const SignalWatch &) = delete;

    /// Whether the browser was asked to end.
    [[nodiscard]] bool hasAsked() const { return m_hasAsked; }

private:
    sigset_t m_signals {};
    int m_fd = -1;
    bool m_hasAsked = false;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

ExitCode startBrowser(const QString &program, const QString &preferences, const QString &page,
                      bool headless)
{
    const QTemporaryDir profile;
    QFile file(profile.filePath(u"user.js"_s));
    if (!profile.isValid() || !file.open(QIODevice::WriteOnly)
        || file.write(preferences.toUtf8()) < 0 || !file.flush()) {
        printError(u"the profile cannot be written: %1"_s.arg(
            profile.isValid() ? file.errorString() : profile.errorString()));
        return ExitCode::Failure;
    }
    file.close();

    QProcess browser;
    const SignalWatch watch(browser);
    browser.setProcessChannelMode(QProcess::ForwardedChannels);
    QStringList arguments { u"--profile"_s, profile.path(), u"--no-remote"_s, u"--new-instance"_s };
    if (headless)
        arguments << u"--headless"_s;
    QObject::connect(&browser, &QProcess::finished, QCoreApplication::instance(),
                     &QCoreApplication::quit);
    QObject::connect(&browser, &QProcess::errorOccurred, QCoreApplication::instance(),
                     [](QProcess::ProcessError error) {
                         if (error == QProcess::FailedToStart)
                             QCoreApplication::quit();
                     });
    browser.start(program, arguments << page);
    printError(u"%1 runs with the temporary profile %2"_s.arg(program, profile.path()));
    QCoreApplication::exec();
    if (browser.error() == QProcess::FailedToStart) {
        printError(u"%1 cannot be started: %2"_s.arg(program, browser.errorString()));
        return ExitCode::Failure;
    }
    if (watch.hasAsked())
        return ExitCode::Success;
    if (browser.exitStatus() == QProcess::CrashExit) {
        printError(u"%1 crashed or was killed"_s.arg(program));
        return ExitCode::Failure;
    }
    if (browser.exitCode() != 0) {
        printError(u"%1 ended with exit code %2"_s.arg(program).arg(browser.exitCode()));
        return ExitCode::Failure;
    }
    return ExitCode::Success;
}

ExitCode firefox(const Invocation &invocation)
{
    const Arguments &arguments = invocation.arguments;
    const QString serverText = arguments.value(u"--server"_s).value_or(DefaultServer);
    const QUrl server(serverText, QUrl::StrictMode);
    if (!arguments.others().isEmpty()) {
        printError(
            u"firefox takes no %1; the page is named by --page"_s.arg(arguments.others().first()));
        return ExitCode::Usage;
    }
    if (!server.isValid() || server.host().isEmpty()
        || (server.scheme() != "ws"_L1 && server.scheme() != "wss"_L1)) {
        printError(u"firefox takes --server with a URL such as "_s + DefaultServer);
        return ExitCode::Usage;
    }
    const QString preferences = userJs(server);
    if (arguments.has(u"--print-prefs"_s)) {
        printLine(preferences.trimmed());
        return ExitCode::Success;
    }
    const QString program = arguments.value(u"--browser"_s).value_or(findFirefox());
    if (program.isEmpty()) {
        printError(u"no Firefox was found; install it, or name it with --browser PATH"_s);
        return ExitCode::Failure;
    }
    return startBrowser(program, preferences, arguments.value(u"--page"_s).value_or(DefaultPage),
                        arguments.has(u"--headless"_s));
}

} // namespace

Command firefoxCommand()
{
    return {
        .name = u"firefox"_s,
        .synopsis = u"[options]"_s,
        .group = CommandGroup::Testing,
        .summary = u"starts Firefox with a temporary profile that uses this server"_s,
        .description =
            u"Opens the page of `carillon serve --dev` in the installed Firefox, with a temporary\n"
            "profile whose preferences point to this server. Removes the profile when Firefox\n"
            "exits. The exit code is 1 if Firefox cannot be started or fails."_s,
        .options = { { u"--server"_s, u"URL"_s,
                       u"WebSocket URL of the server (default: ws://127.0.0.1:8080/)."_s },
                     { u"--page"_s, u"URL"_s,
                       u"Page to open (default: http://127.0.0.1:8082/)."_s },
                     { u"--browser"_s, u"PATH"_s, u"Firefox executable to start."_s },
                     { u"--headless"_s, {}, u"Opens no window."_s },
                     { u"--print-prefs"_s,
                       {},
                       u"Prints the preferences as a user.js file, and starts nothing."_s } },
        .example = u"carillon serve --dev &\ncarillon firefox"_s,
        .run = firefox,
    };
}

} // namespace Carillon
