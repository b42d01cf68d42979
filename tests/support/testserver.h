// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/support/testcertificate.h"

#include <QByteArray>
#include <QByteArrayList>
#include <QMap>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTemporaryDir>

#include <chrono>
#include <memory>
#include <vector>

namespace Carillon::Testing {

/// How long a test waits for what must come; never reached when all is well.
inline constexpr std::chrono::milliseconds Patience { 20'000 };

/// Settings by name: "connect.port" → "8080".
using SettingValues = QMap<QByteArray, QByteArray>;

/// The built program under test, on free ports of loopback with a directory of its own: one process
/// with both roles, or one for each over one SQLite file, as CARILLON_LAYOUT says ("all", the
/// default, or "apart"). The program is CARILLON_BIN; CARILLON_TRANSPORT names another transport
/// than its default; with CARILLON_WIRE "tls" every listener speaks TLS, with a certificate
/// that the peers believe.
/// Owns: the processes, which it kills at the end, and the directory.
class TestServer
{
public:
    enum class Layout { All, Apart };

    explicit TestServer(SettingValues settings = {});
    ~TestServer();
    TestServer(const TestServer &) = delete;
    TestServer &operator=(const TestServer &) = delete;

    /// Starts it, also again after it ended: on the same ports, with what it had stored. False
    /// when it does not come up; log() tells why.
    [[nodiscard]] bool start();
    /// Starts one more process with the connect role over the same file (layout apart); it ends
    /// with the others.
    [[nodiscard]] bool startSecondConnect(SettingValues own = {});
    /// Ends all processes as SIGKILL does.
    void kill();
    /// Asks all processes to stop (SIGTERM).
    void terminate();
    /// Asks all processes to read their settings again (SIGHUP).
    void hangUp();
    /// Whether all processes ended in time; exitCode() is the worst of theirs.
    [[nodiscard]] bool waitForEnd(std::chrono::milliseconds atMost = Patience);
    [[nodiscard]] int exitCode() const;
    [[nodiscard]] bool isRunning() const;
    /// Of the process that holds the clients.
    [[nodiscard]] qint64 connectProcessId() const { return m_processes.front()->processId(); }
    /// With the roles apart.
    [[nodiscard]] qint64 endpointProcessId() const { return m_processes.at(1)->processId(); }

    /// For the next start().
    void set(const QByteArray &name, const QByteArray &value) { m_settings[name] = value; }
    /// The configuration file: what it says can change while the server runs, see hangUp().
    void configure(const QByteArray &toml);
    /// A word more on the command line, from the next start() on.
    void addArgument(const QString &argument) { m_arguments << argument; }
    /// A variable of the processes' environment, from the next start() on.
    void setEnvironment(const QString &name, const QString &value)
    {
        m_environment.insert(name, value);
    }
    void unset(const QByteArray &name) { m_settings.remove(name); }

    [[nodiscard]] Layout layout() const { return m_layout; }
    /// Whether QWebSocket stands behind it, which is laxer than RFC 6455.
    [[nodiscard]] bool usesQtTransport() const;
    [[nodiscard]] quint16 connectPort() const { return m_connectPort; }
    [[nodiscard]] quint16 secondConnectPort() const { return m_secondConnectPort; }
    [[nodiscard]] quint16 endpointPort() const { return m_endpointPort; }
    /// Of the process that holds the clients.
    [[nodiscard]] quint16 routerPort() const { return m_routerPort; }
    /// What endpoint URLs begin with.
    [[nodiscard]] QByteArray origin() const;
    /// The admin API's socket, of the process that holds the clients.
    [[nodiscard]] QString adminSocket() const { return filePath(QStringLiteral("admin.sock")); }
    [[nodiscard]] QString filePath(const QString &name) const { return m_directory.filePath(name); }
    /// That of all servers' certificates.
    [[nodiscard]] static const TestAuthority &authority();

    /// All that the processes ever wrote to their outputs.
    [[nodiscard]] QByteArray log() const;
    /// Something that must never be found in log(): a token, a key, a payload, a whole UAID.
    void remember(const QByteArray &secret);
    /// Those that were found there.
    [[nodiscard]] QByteArrayList leaks() const;
    /// Those of whose first or last 16 bytes the text has a trace.
    [[nodiscard]] QByteArrayList tracesIn(const QByteArray &text) const;

private:
    [[nodiscard]] QString configuration() const
    {
        return filePath(QStringLiteral("carillon.toml"));
    }
    /// name: of its log and its directory; empty: that of its role.
    [[nodiscard]] bool startProcess(const QByteArray &role, const SettingValues &own,
                                    const QString &name = {});
    [[nodiscard]] bool waitForAdminSocket() const;
    [[nodiscard]] bool waitUntilServing(quint16 port);

    Layout m_layout;
    QTemporaryDir m_directory;
    SettingValues m_settings;
    QStringList m_arguments;
    QProcessEnvironment m_environment;
    quint16 m_connectPort = 0;
    quint16 m_endpointPort = 0;
    quint16 m_routerPort = 0;
    quint16 m_otherRouterPort = 0;
    quint16 m_secondConnectPort = 0;
    quint16 m_secondRouterPort = 0;
    std::vector<quint16> m_adminPorts; // of all processes, in the order of their start
    std::vector<std::unique_ptr<QProcess>> m_processes;
    QByteArrayList m_secrets;
};

/// Letters and digits from the system's random source.
[[nodiscard]] QByteArray randomText(int length);
/// A random UUID, lower case with dashes.
[[nodiscard]] QByteArray randomChannel();
/// A random Fernet key as keys.crypto_keys takes it.
[[nodiscard]] QByteArray randomFernetKey();
/// So many ports of loopback, all different, that nobody else uses. They are reserved among test
/// programs until this process exits.
[[nodiscard]] std::vector<quint16> freePorts(int count);

} // namespace Carillon::Testing
