// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/uniquefunction.h"

#include <QObject>

#include <memory>

class QSocketNotifier;

namespace Carillon {

/// Unix signals as calls in the event loop: SIGTERM and SIGINT ask to stop, a second one of them
/// ends the process at once; SIGHUP asks to reload. The others that would end a process without
/// being its fault (SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2) are ignored, and stay so, as SIGHUP does,
/// when this object is gone.
/// Owns: a pipe. Thread: main; at most one object at a time.
class Signals final : public QObject
{
    Q_OBJECT
public:
    Signals(Task stop, Task reload);
    ~Signals() override;

private:
    void read();

    Task m_stop;
    Task m_reload;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace Carillon
