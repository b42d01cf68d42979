// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/timer.h"
#include "server/net/timers.h"

#include <QTcpSocket>

namespace Carillon {

/// A QTcpSocket with a lingering close. QTcpSocket::close() with unread input makes the kernel send
/// a reset, which may overtake the last response. This close() writes the rest of the output, sends
/// FIN, drops input until the peer closes too, and aborts after a time-out.
/// Thread: its transport's.
class LingeringSocket final : public QTcpSocket
{
    Q_OBJECT
public:
    LingeringSocket(Timers &timers, std::chrono::milliseconds closeTimeout, QObject *parent);

    /// Ends the connection as described; disconnected() follows. Also what QWebSocket calls.
    void close() override;
    /// Aborts the connection, even if output is unwritten.
    void cut();
    [[nodiscard]] bool isEnding() const { return m_ending; }

private:
    void finishOutput();
    void swallow();

    Timers &m_timers;
    std::chrono::milliseconds m_closeTimeout;
    Timer m_timer = Timer::of<&LingeringSocket::cut>(this);
    bool m_ending = false;
    bool m_cutting = false;
};

} // namespace Carillon
