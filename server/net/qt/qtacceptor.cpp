// SPDX-License-Identifier: MPL-2.0
#include "server/net/qt/qtacceptor.h"

#include <QMetaMethod>
#include <QSocketNotifier>

#include <cerrno>

#include <sys/socket.h>

namespace Carillon {

namespace {

/// Connections taken in one turn of the loop, so that those that are open get their turn too.
constexpr int AcceptsAtOnce = 64;

} // namespace

QtAcceptor::QtAcceptor(Accepted accepted, Starved starved)
    : m_accepted(std::move(accepted)), m_starved(std::move(starved))
{
}

bool QtAcceptor::start(int descriptor)
{
    if (!setSocketDescriptor(descriptor))
        return false;
    pauseAccepting();
    m_notifier = new QSocketNotifier(descriptor, QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, &QtAcceptor::acceptSome);
    return true;
}

void QtAcceptor::resume()
{
    if (m_notifier)
        m_notifier->setEnabled(true);
}

void QtAcceptor::stop()
{
    delete std::exchange(m_notifier, nullptr);
    close();
}

void QtAcceptor::acceptSome()
{
    for (int i = 0; i < AcceptsAtOnce && m_notifier; ++i) {
        const int descriptor = ::accept4(static_cast<int>(socketDescriptor()), nullptr, nullptr,
                                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            m_accepted(descriptor);
            continue;
        }
        const int error = errno;
        if (error == EAGAIN)
            return;
        if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
            // Those who wait stay in the backlog meanwhile.
            m_notifier->setEnabled(false);
            m_starved(error);
            return;
        }
        // Whatever else is of that one connection, which ended before it was accepted.
    }
}

void QtAcceptor::offer(QTcpSocket &socket)
{
    // The signal is private to QTcpServer, and its addPendingConnection() queues for sockets that
    // outlive the call, which this one does not.
    static const QMetaMethod signal =
        QMetaMethod::fromSignal(&QTcpServer::pendingConnectionAvailable);
    m_offered = &socket;
    signal.invoke(this, Qt::DirectConnection);
    m_offered = nullptr;
}

} // namespace Carillon
