// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/base/uniquefunction.h"

#include <QObject>

#include <vector>

class QSocketNotifier;

namespace Carillon {

/// A queue of tasks for one thread: a mutex, a vector and an eventfd, which ThreadSanitizer
/// understands (it does not understand Qt's event queue).
/// Owns: the eventfd. Thread: post from any; tasks run on the thread this object lives in.
class Mailbox final : public QObject
{
    Q_OBJECT
public:
    explicit Mailbox(QObject *parent = nullptr);
    ~Mailbox() override;

    /// Queues a task. Never blocks. There is no limit, because the number of tasks is bounded by
    /// that of connections and their requests.
    void post(Task task);
    /// Runs no further task, queued ones included. Thread: the one this object lives in.
    void close() { m_closed = true; }

private:
    void run();
    void wake();

    Mutex m_mutex;
    std::vector<Task> m_tasks CARILLON_GUARDED_BY(m_mutex);
    bool m_closed = false;
    int m_fd = -1;
    QSocketNotifier *m_notifier = nullptr; // child
};

} // namespace Carillon
