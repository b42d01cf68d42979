// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/uniquefunction.h"
#include "server/net/mailbox.h"

#include <QThread>

#include <atomic>
#include <memory>

namespace Carillon {

/// A thread with an event loop and a mailbox.
/// Owns: the thread. Thread: construct, start and stop on the main thread; post from any.
class Worker final
{
public:
    explicit Worker(int index);
    /// Not one of the workers that serve connections of clients and senders.
    explicit Worker(const QString &threadName);
    /// Precondition: stopped.
    ~Worker();
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    /// -1: it has none.
    [[nodiscard]] int index() const { return m_index; }
    void post(Task task) { m_mailbox->post(std::move(task)); }
    /// Runs a task on the worker: at once if called there, else through its mailbox. Storage
    /// answers this way, because it goes on working after the workers and their transports have
    /// ended.
    void perform(Task task)
    {
        if (isCurrent())
            task();
        else
            post(std::move(task));
    }
    /// Runs a task on the worker and waits for it. Only from the main thread, at start and stop.
    void runAndWait(Task task);
    /// Runs a last task, which may destroy objects that live on the worker, and ends the thread.
    /// Tasks posted after it never run, so they cannot use destroyed objects.
    void stop(Task last);
    [[nodiscard]] bool isCurrent() const { return QThread::currentThread() == &m_thread; }

private:
    Worker(int index, const QString &threadName);

    int m_index;
    QThread m_thread;
    std::atomic<bool> m_ended = false;
    std::unique_ptr<Mailbox> m_mailbox;
};

} // namespace Carillon
