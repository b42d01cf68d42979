// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayList>
#include <QProcess>
#include <QTemporaryDir>

namespace Carillon::Testing {

/// The program carillon-echo (echoserver.cpp), so that its memory and descriptors are its own.
/// CARILLON_ECHO says where it is. It speaks TLS where RawSocket does.
/// Owns: the process, which it kills at the end. Thread: the test's.
class EchoProcess
{
public:
    /// What is open in it.
    struct Open
    {
        int requests = -1;
        int sessions = -1;
        bool operator==(const Open &) const = default;
    };

    /// Arguments as the program takes them; returns when it listens. isRunning() tells whether.
    explicit EchoProcess(const QByteArrayList &arguments);
    ~EchoProcess();
    EchoProcess(const EchoProcess &) = delete;
    EchoProcess &operator=(const EchoProcess &) = delete;

    [[nodiscard]] bool isRunning() const { return m_port != 0; }
    [[nodiscard]] quint16 port() const { return m_port; }
    /// Asks it to end, and waits; its exit code, -1 if it crashed.
    [[nodiscard]] int end();

    /// What it has in RAM, in bytes.
    [[nodiscard]] qsizetype residentBytes() const;
    /// How many it has open.
    [[nodiscard]] int descriptors() const;
    /// It may not open more than so many from now on; 0: as many as it may have.
    [[nodiscard]] bool limitDescriptors(int count) const;
    [[nodiscard]] Open open() const;
    /// All who wait for GET /later get so many bytes; false if that was not answered.
    [[nodiscard]] bool release(qsizetype bytes = 5) const;

private:
    QTemporaryDir m_directory;
    QProcess m_process;
    quint16 m_port = 0;
};

} // namespace Carillon::Testing
