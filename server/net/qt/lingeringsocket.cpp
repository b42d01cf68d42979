// SPDX-License-Identifier: MPL-2.0
#include "server/net/qt/lingeringsocket.h"

#include <sys/socket.h>

namespace Carillon {

LingeringSocket::LingeringSocket(Timers &timers, std::chrono::milliseconds closeTimeout,
                                 QObject *parent)
    : QTcpSocket(parent), m_timers(timers), m_closeTimeout(closeTimeout)
{
}

void LingeringSocket::close()
{
    // abort() comes through here too, after a write error or from cut().
    const bool failed = error() != QAbstractSocket::UnknownSocketError;
    if (m_cutting || failed || state() != QAbstractSocket::ConnectedState) {
        m_timer.cancel();
        QTcpSocket::close();
        return;
    }
    if (m_ending)
        return;
    m_ending = true;
    disconnect(this, &QIODevice::readyRead, nullptr, nullptr);
    connect(this, &QIODevice::readyRead, this, &LingeringSocket::swallow);
    connect(this, &QIODevice::bytesWritten, this, &LingeringSocket::finishOutput);
    m_timers.start(m_timer, m_closeTimeout);
    setReadBufferSize(64LL * 1024);
    swallow();
    finishOutput();
}

void LingeringSocket::cut()
{
    m_cutting = true;
    m_timer.cancel();
    abort();
}

void LingeringSocket::finishOutput()
{
    if (bytesToWrite() == 0 && socketDescriptor() >= 0)
        ::shutdown(static_cast<int>(socketDescriptor()), SHUT_WR);
}

void LingeringSocket::swallow()
{
    skip(bytesAvailable());
}

} // namespace Carillon
