// SPDX-License-Identifier: MPL-2.0
#include "server/net/qt/peersocket.h"

#include <sys/socket.h>

namespace Carillon {

PeerSocket::PeerSocket(Timers &timers, std::chrono::milliseconds closeTimeout, QObject *parent)
    : QTcpSocket(parent), m_timers(timers), m_closeTimeout(closeTimeout)
{
}

void PeerSocket::close()
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
    connect(this, &QIODevice::readyRead, this, &PeerSocket::swallow);
    connect(this, &QIODevice::bytesWritten, this, &PeerSocket::finishOutput);
    m_timers.start(m_timer, m_closeTimeout);
    setReadBufferSize(64LL * 1024);
    swallow();
    finishOutput();
}

void PeerSocket::cut()
{
    m_cutting = true;
    m_timer.cancel();
    abort();
}

void PeerSocket::finishOutput()
{
    if (bytesToWrite() == 0 && socketDescriptor() >= 0)
        ::shutdown(static_cast<int>(socketDescriptor()), SHUT_WR);
}

void PeerSocket::swallow()
{
    skip(bytesAvailable());
}

} // namespace Carillon
