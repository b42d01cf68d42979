// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/uniquefunction.h"

#include <QTimer>

namespace Carillon {

/// Reports the state of this process to the service manager (sd_notify(3)); without one, does
/// nothing. The watchdog (WatchdogSec=) is notified only while the probe is answered, so the
/// manager restarts a process with a worker that hangs. Owns: a timer. Thread: main.
class ServiceNotifier final
{
public:
    /// Calls its argument, in the main thread, once all workers have responded.
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
