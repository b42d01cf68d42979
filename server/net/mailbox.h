// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/base/uniquefunction.h"

#include <QObject>

#include <vector>

class QSocketNotifier;

namespace Carillon {

/// Tasks for one thread: a mutex and a vector with an eventfd, which ThreadSanitizer can judge.
/// Owns: the eventfd. Thread: post from any; the tasks run on the thread this object lives in.
class Mailbox final : public QObject
{
    Q_OBJECT
public:
    explicit Mailbox(QObject *parent = nullptr);
    ~Mailbox() override;

    /// Queues a task; for answers that are bounded by what was asked. Never waits.
    void post(Task task);
    /// As post(), but false when more than `Bound` tasks wait: for new work, which can be refused.
    [[nodiscard]] bool tryPost(Task task);
    /// No task runs any more, also of those that wait. Thread: the one this object lives in.
    void close() { m_closed = true; }

    static constexpr std::size_t Bound = 65'536;

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
