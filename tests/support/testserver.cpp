// SPDX-License-Identifier: MPL-2.0
#include "tests/support/testserver.h"

#include "tests/support/httppeer.h"
#include "tests/support/peerwire.h"

#include <QElapsedTimer>
#include <QFile>
#include <QLocalSocket>
#include <QProcessEnvironment>
#include <QRandomGenerator>
#include <QTcpServer>
#include <QUuid>

#include <algorithm>
#include <csignal>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace Carillon::Testing {

using namespace Qt::StringLiterals;

namespace {

QString environmentName(const QByteArray &setting)
{
    return u"CARILLON__"_s
        + QString::fromLatin1(setting).toUpper().replace(QLatin1Char('.'), u"__"_s);
}

QByteArray randomBytes(int length)
{
    QByteArray bytes;
    for (int i = 0; i < length; ++i)
        bytes.append(static_cast<char>(QRandomGenerator::system()->bounded(256)));
    return bytes;
}

} // namespace

TestServer::TestServer(SettingValues settings)
    : m_layout(qgetenv("CARILLON_LAYOUT") == "apart" ? Layout::Apart : Layout::All),
      m_settings(std::move(settings))
{
    const auto ports = freePorts(9);
    m_connectPort = ports[0];
    m_endpointPort = ports[1];
    m_routerPort = ports[2];
    m_otherRouterPort = ports[3];
    m_secondConnectPort = ports[4];
    m_secondRouterPort = ports[5];
    m_adminPorts.assign(ports.begin() + 6, ports.end());
    if (!m_settings.contains("keys.crypto_keys"))
        m_settings["keys.crypto_keys"] = randomFernetKey();
    remember(m_settings["keys.crypto_keys"]);
    // Most tests do not answer a Close frame, and wait until the server gives up on that.
    if (!m_settings.contains("limits.close_timeout"))
        m_settings["limits.close_timeout"] = "0.2";
    if (qEnvironmentVariableIsSet("CARILLON_TRANSPORT"))
        m_settings["transport"] = qgetenv("CARILLON_TRANSPORT");
    if (!isWireTls())
        return;
    const TestAuthority::Pair pair = authority().issue();
    const QString file = filePath(u"server.pem"_s);
    writeFile(file, pair.certificate + pair.key);
    writeFile(filePath(u"ca.pem"_s), authority().certificate());
    trustOnly(authority().certificate());
    m_settings["tls.certificate"] = file.toUtf8();
    m_settings["tls.listeners"] = "connect,endpoint,router";
    m_settings["tls.ca"] = filePath(u"ca.pem"_s).toUtf8();
}

TestServer::~TestServer()
{
    kill();
}

const TestAuthority &TestServer::authority()
{
    static const TestAuthority ofAll;
    return ofAll;
}

QByteArray TestServer::origin() const
{
    return (isWireTls() ? "https" : "http") + QByteArray("://127.0.0.1:")
        + QByteArray::number(m_endpointPort);
}

bool TestServer::usesQtTransport() const
{
    if (m_settings.contains("transport"))
        return m_settings["transport"] == "qt";
    QProcess program;
    program.start(qEnvironmentVariable("CARILLON_BIN"),
                  { u"check-config"_s, u"--settings-only"_s });
    program.waitForFinished();
    return program.readAllStandardOutput().contains("\ntransport = \"qt\"");
}

bool TestServer::start()
{
    m_processes.clear();
    const QByteArray routerPort = QByteArray::number(m_routerPort);
    if (m_layout == Layout::All) {
        if (!startProcess("all", { { "router.port", routerPort } }))
            return false;
    } else {
        const QByteArray other = QByteArray::number(m_otherRouterPort);
        if (!startProcess("connect", { { "router.port", routerPort } })
            || !startProcess("endpoint", { { "router.port", other } }))
            return false;
    }
    return waitUntilServing(m_connectPort) && waitUntilServing(m_endpointPort)
        && waitForAdminSocket();
}

bool TestServer::startSecondConnect(SettingValues own)
{
    own["connect.port"] = QByteArray::number(m_secondConnectPort);
    own["router.port"] = QByteArray::number(m_secondRouterPort);
    return startProcess("connect", own, u"connect2"_s) && waitUntilServing(m_secondConnectPort);
}

bool TestServer::startProcess(const QByteArray &role, const SettingValues &own, const QString &name)
{
    const QString called = name.isEmpty() ? QString::fromLatin1(role) : name;
    const bool isFirst = m_processes.empty();
    SettingValues settings {
        { "connect.port", QByteArray::number(m_connectPort) },
        { "endpoint.port", QByteArray::number(m_endpointPort) },
        { "endpoint.url", origin() },
        { "storage.dsn", "sqlite:" + m_directory.filePath(u"carillon.db"_s).toUtf8() },
        { "storage.sync", "normal" }, // no test cuts the power
        { "state.dir", m_directory.filePath(called).toUtf8() },
        { "admin.port", QByteArray::number(m_adminPorts.at(m_processes.size())) },
        { "admin.socket",
          (isFirst ? adminSocket() : filePath(u"admin-%1.sock"_s.arg(called))).toUtf8() },
        { "admin.port", "0" },
        { "log.level", "debug" },
    };
    settings.insert(own);
    settings.insert(m_settings);
    QProcessEnvironment environment;
    for (const char *kept : { "PATH", "HOME", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                              "TSAN_OPTIONS", "LSAN_OPTIONS" }) {
        if (qEnvironmentVariableIsSet(kept))
            environment.insert(QString::fromLatin1(kept), qEnvironmentVariable(kept));
    }
    for (auto it = settings.cbegin(); it != settings.cend(); ++it)
        environment.insert(environmentName(it.key()), QString::fromUtf8(it.value()));
    environment.insert(m_environment);

    auto process = std::make_unique<QProcess>();
    process->setProcessEnvironment(environment);
    process->setProcessChannelMode(QProcess::MergedChannels);
    // Into a file: nobody would empty a pipe while a test waits for something else.
    process->setStandardOutputFile(m_directory.filePath(called + u".log"_s), QIODevice::Append);
    QStringList arguments { u"serve"_s, u"--role"_s, QString::fromLatin1(role) };
    if (QFile::exists(configuration()))
        arguments << u"--config"_s << configuration();
    process->start(qEnvironmentVariable("CARILLON_BIN"), arguments + m_arguments);
    const bool started = process->waitForStarted();
    m_processes.push_back(std::move(process));
    return started;
}

/// A process listens there last.
bool TestServer::waitForAdminSocket() const
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < Patience.count()) {
        QLocalSocket socket;
        socket.connectToServer(adminSocket());
        if (socket.waitForConnected(100))
            return true;
        if (m_processes.front()->waitForFinished(10))
            return false;
    }
    return false;
}

bool TestServer::waitUntilServing(quint16 port)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < Patience.count()) {
        if (HttpPeer(port).get("/__lbheartbeat__").status == 200)
            return true;
        for (const auto &process : m_processes) {
            if (process->waitForFinished(10)) // ended, or a moment passed
                return false;
        }
    }
    return false;
}

void TestServer::configure(const QByteArray &toml)
{
    QFile file(configuration());
    if (!file.open(QIODevice::WriteOnly) || file.write(toml) != toml.size())
        qFatal("the test's directory is not writable");
}

void TestServer::kill()
{
    for (const auto &process : m_processes)
        process->kill();
    for (const auto &process : m_processes)
        process->waitForFinished();
}

void TestServer::terminate()
{
    for (const auto &process : m_processes)
        process->terminate();
}

void TestServer::hangUp()
{
    for (const auto &process : m_processes)
        ::kill(static_cast<pid_t>(process->processId()), SIGHUP);
}

bool TestServer::waitForEnd(std::chrono::milliseconds atMost)
{
    QElapsedTimer timer;
    timer.start();
    return std::all_of(m_processes.begin(), m_processes.end(), [&](const auto &process) {
        const auto left = std::max<qint64>(1, atMost.count() - timer.elapsed());
        return process->state() == QProcess::NotRunning
            || process->waitForFinished(static_cast<int>(left));
    });
}

int TestServer::exitCode() const
{
    int worst = 0;
    for (const auto &process : m_processes) {
        if (process->exitStatus() == QProcess::CrashExit)
            return -1;
        worst = std::max(worst, process->exitCode());
    }
    return worst;
}

bool TestServer::isRunning() const
{
    // waitForFinished() is what makes QProcess notice an end without an event loop.
    return std::all_of(m_processes.begin(), m_processes.end(),
                       [](const auto &process) { return !process->waitForFinished(0); });
}

QByteArray TestServer::log() const
{
    QByteArray text;
    for (const auto &name :
         { u"all.log"_s, u"connect.log"_s, u"connect2.log"_s, u"endpoint.log"_s }) {
        QFile file(m_directory.filePath(name));
        if (file.open(QIODevice::ReadOnly))
            text += file.readAll();
    }
    return text;
}

void TestServer::remember(const QByteArray &secret)
{
    // Anything shorter could stand in a log by chance.
    if (secret.size() >= 12 && !m_secrets.contains(secret))
        m_secrets.append(secret);
}

QByteArrayList TestServer::leaks() const
{
    const QByteArray text = log();
    QByteArrayList found;
    std::copy_if(m_secrets.begin(), m_secrets.end(), std::back_inserter(found),
                 [&text](const QByteArray &secret) { return text.contains(secret); });
    return found;
}

QByteArrayList TestServer::tracesIn(const QByteArray &text) const
{
    static constexpr qsizetype Trace = 16;
    QByteArrayList found;
    std::copy_if(m_secrets.begin(), m_secrets.end(), std::back_inserter(found),
                 [&text](const QByteArray &secret) {
                     const qsizetype size = std::min(Trace, secret.size());
                     return text.contains(secret.first(size)) || text.contains(secret.last(size));
                 });
    return found;
}

QByteArray randomText(int length)
{
    constexpr char Letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    QByteArray text;
    for (int i = 0; i < length; ++i)
        text.append(Letters[QRandomGenerator::system()->bounded(36)]);
    return text;
}

QByteArray randomChannel()
{
    return QUuid::createUuid().toByteArray(QUuid::WithoutBraces);
}

QByteArray randomFernetKey()
{
    return randomBytes(32).toBase64(QByteArray::Base64UrlEncoding);
}

/// Reserves a port for this process until it exits: binds the UDP port of the same number, which no
/// server uses. False if another test program has reserved it.
static bool claimPort(quint16 port)
{
    const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::bind(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0)
        return true; // the descriptor stays open
    ::close(descriptor);
    return false;
}

std::vector<quint16> freePorts(int count)
{
    std::vector<std::unique_ptr<QTcpServer>> holders; // together, so that no port comes twice
    std::vector<quint16> ports;
    // Below those that the system gives to outgoing connections, of other tests too, at any moment.
    constexpr int Tries = 1'000;
    for (int i = 0; i < Tries && std::ssize(ports) < count; ++i) {
        const auto port = static_cast<quint16>(QRandomGenerator::global()->bounded(12'000, 32'000));
        auto holder = std::make_unique<QTcpServer>();
        if (!holder->listen(QHostAddress::LocalHost, port) || !claimPort(port))
            continue;
        holders.push_back(std::move(holder));
        ports.push_back(port);
    }
    return ports;
}

} // namespace Carillon::Testing
