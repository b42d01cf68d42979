// SPDX-License-Identifier: MPL-2.0
#include "tests/support/echoprocess.h"

#include "tests/support/rawsocket.h"
#include "tests/support/testcertificate.h"

#include <QDir>
#include <QFile>

#include <sys/resource.h>

namespace Carillon::Testing {

namespace {

constexpr int Patience = 20'000;

QByteArray get(QByteArrayView target)
{
    return "GET " + target.toByteArray() + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
}

} // namespace

EchoProcess::EchoProcess(const QByteArrayList &arguments)
{
    QStringList texts;
    for (const QByteArray &argument : arguments)
        texts.append(QString::fromUtf8(argument));
    if (RawSocket::spoken() == RawSocket::Wire::Tls) {
        const QString file = m_directory.filePath(QStringLiteral("server.pem"));
        const TestAuthority::Pair pair = TestAuthority().issue();
        writeFile(file, pair.certificate + pair.key);
        texts.append(QStringLiteral("tls=") + file);
    }
    m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_process.start(qEnvironmentVariable("CARILLON_ECHO"), texts);
    while (!m_process.canReadLine() && m_process.waitForReadyRead(Patience)) { }
    const QByteArray line = m_process.readLine();
    m_port = line.sliced(line.lastIndexOf(' ') + 1).trimmed().toUShort();
}

EchoProcess::~EchoProcess()
{
    m_process.kill();
    m_process.waitForFinished(Patience);
}

int EchoProcess::end()
{
    m_process.terminate();
    const bool ended = m_process.waitForFinished(Patience);
    return ended && m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
}

qsizetype EchoProcess::residentBytes() const
{
    QFile status(QStringLiteral("/proc/%1/status").arg(m_process.processId()));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : status.readAll().split('\n')) {
        if (line.startsWith("VmRSS:"))
            return line.sliced(6).trimmed().split(' ')[0].toLongLong() * 1024;
    }
    return 0;
}

int EchoProcess::descriptors() const
{
    const QDir directory(QStringLiteral("/proc/%1/fd").arg(m_process.processId()));
    return static_cast<int>(
        directory.entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot).size());
}

bool EchoProcess::limitDescriptors(int count) const
{
    const auto process = static_cast<pid_t>(m_process.processId());
    rlimit limit {};
    if (::prlimit(process, RLIMIT_NOFILE, nullptr, &limit) != 0)
        return false;
    limit.rlim_cur = count > 0 ? static_cast<rlim_t>(count) : limit.rlim_max;
    return ::prlimit(process, RLIMIT_NOFILE, &limit, nullptr) == 0;
}

EchoProcess::Open EchoProcess::open() const
{
    RawSocket client(m_port);
    const auto answer = client.exchange(get("/open"));
    const QByteArrayList words = answer.value_or(RawResponse {}).body.split(' ');
    return words.size() == 2 ? Open { words[0].toInt(), words[1].toInt() } : Open {};
}

bool EchoProcess::release(qsizetype bytes) const
{
    RawSocket client(m_port);
    const auto answer = client.exchange(get("/release?" + QByteArray::number(bytes)));
    return answer && answer->status == 204;
}

} // namespace Carillon::Testing
