// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/uniquefunction.h"

#include <QTimer>

namespace Carillon {

/// Tells the service manager how this process is (sd_notify(3)); without one, does nothing. Its
/// watchdog (WatchdogSec=) hears of us only as long as the probe is answered, so a worker that
/// hangs gets the process restarted.
/// Owns: a timer. Thread: main.
class ServiceNotifier final
{
public:
    /// Calls its argument, in the main thread, once all of the server has shown that it lives.
    using Probe = UniqueFunction<void(Task alive)>;

    explicit ServiceNotifier(Probe probe);

    /// Serves; status: a line for `systemctl status`. Starts the watchdog.
    void ready(const QByteArray &status);
    void reloading();
    void reloaded();
    void stopping();

private:
    void probe();

    Probe m_probe;
    QTimer m_watchdog;
    bool m_isProbing = false;
};

} // namespace Carillon
