// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/uniquefunction.h"

#include <QTcpServer>

class QSocketNotifier;

namespace Carillon {

/// A QTcpServer, as QHttpServer requires one, that calls accept() itself: QTcpServer 6.4 keeps the
/// first error it meets ("nothing to accept") and so spins when descriptors run out.
///
/// Owns: the listening descriptor. Thread: its transport's.
class QtAcceptor final : public QTcpServer
{
public:
    using Accepted = UniqueFunction<void(int descriptor)>;
    /// Called when accepting pauses, until resume(), for lack of descriptors or memory.
    using Starved = UniqueFunction<void(int error)>;

    QtAcceptor(Accepted accepted, Starved starved);

    /// Takes ownership of a listening descriptor and starts; false if Qt rejects it.
    [[nodiscard]] bool start(int descriptor);
    void resume();
    void stop();

    /// Passes a socket to QHttpServer as if it had been accepted.
    void offer(QTcpSocket &socket);
    [[nodiscard]] bool hasPendingConnections() const override { return m_offered != nullptr; }
    [[nodiscard]] QTcpSocket *nextPendingConnection() override
    {
        return std::exchange(m_offered, nullptr);
    }

private:
    void acceptSome();

    Accepted m_accepted;
    Starved m_starved;
    QSocketNotifier *m_notifier = nullptr; // child
    QTcpSocket *m_offered = nullptr; // while offer() runs
};

} // namespace Carillon
