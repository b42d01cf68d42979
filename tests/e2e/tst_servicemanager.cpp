// SPDX-License-Identifier: MPL-2.0
#include "tests/support/httppeer.h"

#include <QDir>
#include <QFile>
#include <QHostAddress>
#include <QProcess>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <vector>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

constexpr int FirstPassed = 3; // SD_LISTEN_FDS_START
constexpr int PatienceMs = 20'000;

/// A listening socket of loopback, as systemd would open it for a .socket unit.
class PassedSocket
{
public:
    explicit PassedSocket(int type = SOCK_STREAM, const QString &on = u"127.0.0.1"_s,
                          quint16 port = 0)
        : m_fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address {};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(QHostAddress(on).toIPv4Address());
        ::bind(m_fd, reinterpret_cast<const sockaddr *>(&address), sizeof address);
        if (type == SOCK_STREAM)
            ::listen(m_fd, 64);
        socklen_t size = sizeof address;
        ::getsockname(m_fd, reinterpret_cast<sockaddr *>(&address), &size);
        m_port = ntohs(address.sin_port);
    }
    ~PassedSocket() { ::close(m_fd); }
    PassedSocket(const PassedSocket &) = delete;
    PassedSocket &operator=(const PassedSocket &) = delete;

    [[nodiscard]] int descriptor() const { return m_fd; }
    [[nodiscard]] quint16 port() const { return m_port; }

private:
    int m_fd;
    quint16 m_port = 0;
};

/// Hears what a service says of itself, on a socket as systemd's.
class NotifySocket
{
public:
    explicit NotifySocket(const QString &path)
        : m_fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address {};
        address.sun_family = AF_UNIX;
        const QByteArray name = QFile::encodeName(path);
        std::copy_n(name.constData(), name.size(), address.sun_path);
        m_bound = ::bind(m_fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    }
    ~NotifySocket() { ::close(m_fd); }
    NotifySocket(const NotifySocket &) = delete;
    NotifySocket &operator=(const NotifySocket &) = delete;

    [[nodiscard]] bool isBound() const { return m_bound; }
    /// The next message; empty if none comes in time.
    [[nodiscard]] QByteArray next(int atMostMs = PatienceMs)
    {
        pollfd waiting { m_fd, POLLIN, 0 };
        if (::poll(&waiting, 1, atMostMs) != 1)
            return {};
        QByteArray message(4096, Qt::Uninitialized);
        const ssize_t size =
            ::recv(m_fd, message.data(), static_cast<std::size_t>(message.size()), 0);
        message.truncate(std::max<ssize_t>(size, 0));
        return message;
    }
    /// Whether such a message comes, after however many of the watchdog's.
    [[nodiscard]] bool hears(QByteArrayView start)
    {
        QByteArray message = next();
        while (message == "WATCHDOG=1")
            message = next();
        return message.startsWith(start);
    }

private:
    int m_fd;
    bool m_bound = false;
};

/// A thread of another process, by its name; 0: there is none.
pid_t threadOf(qint64 process, const QByteArray &name)
{
    const QDir threads(u"/proc/%1/task"_s.arg(process));
    for (const QString &thread : threads.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile comm(threads.filePath(thread + u"/comm"_s));
        if (comm.open(QIODevice::ReadOnly) && comm.readAll().trimmed() == name)
            return static_cast<pid_t>(thread.toInt());
    }
    return 0;
}

/// Lets one thread of a child hang, alone, as a debugger does.
class HangingThread
{
public:
    explicit HangingThread(pid_t thread) : m_thread(thread)
    {
        m_hangs = ::ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) == 0
            && ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) == 0
            && ::waitpid(thread, nullptr, __WALL) == thread;
    }
    ~HangingThread()
    {
        if (m_hangs)
            ::ptrace(PTRACE_DETACH, m_thread, nullptr, nullptr);
    }
    HangingThread(const HangingThread &) = delete;
    HangingThread &operator=(const HangingThread &) = delete;

    [[nodiscard]] bool hangs() const { return m_hangs; }

private:
    pid_t m_thread;
    bool m_hangs = false;
};

} // namespace

/// The service manager's side of `carillon serve`: sd_listen_fds(3) and sd_notify(3), played by the
/// test with real sockets.
class ServiceManagerTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void passedSockets_areServed();
    void passedSockets_keepTheirQueueWhileTheServerRestarts();
    void passedSocket_ofUnknownName_isRefused();
    void passedSocket_thatIsNoListener_isRefused();
    void passedSocket_ofAnotherRole_isRefused();
    void listenerWithSeveralSockets_isServedOnAll();
    void socketsOfOneListener_onDifferentPorts_areRefused();
    void lifeOfAService_isTold();
    void watchdog_isFed();
    void watchdog_starvesWhileAWorkerHangs();
    void noServiceManager_isNothingMissed();

private:
    void start(const std::vector<const PassedSocket *> &sockets, const QString &names,
               const QStringList &arguments = {});
    [[nodiscard]] bool waitUntilReady();
    [[nodiscard]] static int statusOf(quint16 port);

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<NotifySocket> m_notify;
    std::unique_ptr<QProcess> m_process;
    QProcessEnvironment m_environment;
};

void ServiceManagerTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_notify = std::make_unique<NotifySocket>(m_directory->filePath(u"notify"_s));
    QVERIFY(m_notify->isBound());
    m_environment = QProcessEnvironment::systemEnvironment();
    m_environment.insert(u"NOTIFY_SOCKET"_s, m_directory->filePath(u"notify"_s));
}

void ServiceManagerTest::cleanup()
{
    if (m_process) {
        m_process->kill();
        m_process->waitForFinished();
        m_process.reset();
    }
}

void ServiceManagerTest::start(const std::vector<const PassedSocket *> &sockets,
                               const QString &names, const QStringList &arguments)
{
    QStringList settings { u"--state-dir"_s, m_directory->filePath(u"state"_s) };
    for (const QString &listener : { u"connect"_s, u"endpoint"_s, u"router"_s }) {
        if (!names.split(u':').contains(listener))
            settings << u"--%1-port"_s.arg(listener) << u"0"_s;
    }
    m_process = std::make_unique<QProcess>();
    m_process->setProcessChannelMode(QProcess::MergedChannels);
    if (!sockets.empty()) {
        m_environment.insert(u"LISTEN_FDS"_s, QString::number(sockets.size()));
        m_environment.insert(u"LISTEN_FDNAMES"_s, names);
    }
    m_process->setProcessEnvironment(m_environment);
    // Copies that the child inherits; its shell puts them where systemd would.
    std::vector<int> copies;
    QString script = u"export LISTEN_PID=$$ WATCHDOG_PID=$$;"_s;
    for (const PassedSocket *socket : sockets) {
        copies.push_back(::fcntl(socket->descriptor(), F_DUPFD, 100));
        script += u" exec %1<&%2 %2<&-;"_s.arg(FirstPassed + copies.size() - 1).arg(copies.back());
    }
    m_process->start(u"/bin/bash"_s,
                     QStringList { u"-c"_s, script + u" exec \"$0\" serve \"$@\""_s,
                                   qEnvironmentVariable("CARILLON_BIN") }
                         + settings + arguments);
    QVERIFY(m_process->waitForStarted());
    std::ranges::for_each(copies, ::close);
}

bool ServiceManagerTest::waitUntilReady()
{
    return m_notify->hears("READY=1\nSTATUS=serves on ");
}

int ServiceManagerTest::statusOf(quint16 port)
{
    HttpPeer peer(port);
    return peer.get("/status").status;
}

void ServiceManagerTest::passedSockets_areServed()
{
    const PassedSocket connect;
    const PassedSocket endpoint;
    const PassedSocket router;
    start({ &endpoint, &connect, &router }, u"endpoint:connect:router"_s);
    QVERIFY2(waitUntilReady(), m_process->readAll().constData());
    for (const PassedSocket *socket : { &connect, &endpoint, &router })
        QCOMPARE(statusOf(socket->port()), 200);
    m_process->terminate();
    QVERIFY(m_process->waitForFinished());
    const QByteArray output = m_process->readAll();
    QVERIFY2(output.contains("connect 127.0.0.1 " + QByteArray::number(connect.port())),
             output.constData());
}

void ServiceManagerTest::passedSockets_keepTheirQueueWhileTheServerRestarts()
{
    const PassedSocket endpoint;
    start({ &endpoint }, u"endpoint"_s);
    QVERIFY(waitUntilReady());
    m_process->terminate();
    QVERIFY(m_process->waitForFinished());
    // Nobody accepts now, and nobody is turned away.
    HttpPeer patient(endpoint.port());
    QVERIFY(patient.send("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    start({ &endpoint }, u"endpoint"_s);
    QCOMPARE(patient.receive().status, 200);
}

void ServiceManagerTest::passedSocket_ofUnknownName_isRefused()
{
    const PassedSocket socket;
    start({ &socket }, u"carillon.socket"_s);
    QVERIFY(m_process->waitForFinished(PatienceMs));
    QCOMPARE(m_process->exitCode(), 2);
    const QByteArray output = m_process->readAll();
    QVERIFY2(output.contains("\"carillon.socket\"; set FileDescriptorName= to connect"),
             output.constData());
}

void ServiceManagerTest::passedSocket_thatIsNoListener_isRefused()
{
    const PassedSocket socket(SOCK_DGRAM);
    start({ &socket }, u"connect"_s);
    QVERIFY(m_process->waitForFinished(PatienceMs));
    QCOMPARE(m_process->exitCode(), 2);
    const QByteArray output = m_process->readAll();
    QVERIFY2(output.contains("is no listening TCP socket"), output.constData());
}

void ServiceManagerTest::passedSocket_ofAnotherRole_isRefused()
{
    const PassedSocket socket;
    start({ &socket }, u"connect"_s, { u"--role"_s, u"endpoint"_s });
    QVERIFY(m_process->waitForFinished(PatienceMs));
    QCOMPARE(m_process->exitCode(), 2);
    const QByteArray output = m_process->readAll();
    QVERIFY2(output.contains("this role has no such listener"), output.constData());
}

void ServiceManagerTest::listenerWithSeveralSockets_isServedOnAll()
{
    const PassedSocket one;
    const PassedSocket two(SOCK_STREAM, u"127.0.0.2"_s, one.port());
    QVERIFY(two.port() == one.port());
    start({ &one, &two }, u"endpoint:endpoint"_s);
    QVERIFY2(waitUntilReady(), m_process->readAll().constData());
    for (const QString &address : { u"127.0.0.1"_s, u"127.0.0.2"_s }) {
        QTcpSocket client;
        client.connectToHost(QHostAddress(address), one.port());
        QVERIFY(client.waitForConnected(PatienceMs));
        client.write("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n");
        QVERIFY(client.waitForReadyRead(PatienceMs));
        QVERIFY(client.readAll().startsWith("HTTP/1.1 200 "));
    }
}

void ServiceManagerTest::socketsOfOneListener_onDifferentPorts_areRefused()
{
    const PassedSocket one;
    const PassedSocket two;
    start({ &one, &two }, u"router:router"_s);
    QVERIFY(m_process->waitForFinished(PatienceMs));
    QCOMPARE(m_process->exitCode(), 2);
    const QByteArray output = m_process->readAll();
    QVERIFY2(output.contains("sockets named \"router\" with different ports"), output.constData());
}

void ServiceManagerTest::lifeOfAService_isTold()
{
    start({}, {});
    QVERIFY(waitUntilReady());
    ::kill(static_cast<pid_t>(m_process->processId()), SIGHUP);
    QVERIFY(m_notify->hears("RELOADING=1"));
    QVERIFY(m_notify->hears("READY=1"));
    m_process->terminate();
    QVERIFY(m_notify->hears("STOPPING=1"));
    QVERIFY(m_process->waitForFinished());
    QCOMPARE(m_process->exitCode(), 0);
}

void ServiceManagerTest::watchdog_isFed()
{
    m_environment.insert(u"WATCHDOG_USEC"_s, u"200000"_s);
    start({}, {});
    QVERIFY(waitUntilReady());
    for (int i = 0; i < 3; ++i)
        QCOMPARE(m_notify->next(), "WATCHDOG=1");
}

void ServiceManagerTest::watchdog_starvesWhileAWorkerHangs()
{
    m_environment.insert(u"WATCHDOG_USEC"_s, u"200000"_s);
    start({}, {}, { u"--workers"_s, u"2"_s });
    QVERIFY(waitUntilReady());
    const pid_t worker = threadOf(m_process->processId(), "worker-1");
    QVERIFY(worker != 0);
    {
        const HangingThread hanging(worker);
        if (!hanging.hangs())
            QSKIP("this process may not trace its child");
        int heard = 0;
        while (heard < 10 && !m_notify->next(1'000).isEmpty())
            ++heard;
        QVERIFY2(heard < 10, "the watchdog is fed all the same");
    }
    QCOMPARE(m_notify->next(), "WATCHDOG=1");
}

void ServiceManagerTest::noServiceManager_isNothingMissed()
{
    m_environment.remove(u"NOTIFY_SOCKET"_s);
    start({}, {});
    QByteArray output;
    while (!output.contains("carillon listen") && m_process->waitForReadyRead(PatienceMs))
        output += m_process->readAll();
    m_process->terminate();
    QVERIFY(m_process->waitForFinished());
    QCOMPARE(m_process->exitCode(), 0);
}

QTEST_GUILESS_MAIN(ServiceManagerTest)
#include "tst_servicemanager.moc"
