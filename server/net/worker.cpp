// SPDX-License-Identifier: MPL-2.0
#include "server/net/worker.h"

#include "core/base/mutex.h"

#include <openssl/crypto.h>

namespace Carillon {

Worker::Worker(int index) : Worker(index, QStringLiteral("worker-%1").arg(index)) { }

Worker::Worker(const QString &threadName) : Worker(-1, threadName) { }

Worker::Worker(int index, const QString &threadName) : m_index(index)
{
    m_thread.setObjectName(threadName);
    m_mailbox = std::make_unique<Mailbox>();
    m_mailbox->moveToThread(&m_thread);
    QObject::connect(
        &m_thread, &QThread::finished, &m_thread,
        [this] {
            // OpenSSL frees its state of a thread when that thread exits, which Qt's wait() does
            // not wait for: the process could end first and leave it.
            OPENSSL_thread_stop();
            m_ended.store(true, std::memory_order_release);
        },
        Qt::DirectConnection);
    m_thread.start();
}

Worker::~Worker()
{
    Q_ASSERT(m_thread.isFinished());
}

void Worker::stop(Task last)
{
    post([this, last = std::move(last)]() mutable {
        last();
        m_mailbox->close();
        m_thread.quit();
    });
    m_thread.wait();
    // What the thread did is done; said in a way that ThreadSanitizer sees, as Qt's wait() is not.
    [[maybe_unused]] const bool ended = m_ended.load(std::memory_order_acquire);
    Q_ASSERT(ended);
}

void Worker::runAndWait(Task task)
{
    Mutex mutex;
    Condition condition;
    bool done = false;
    post([&] {
        task();
        const MutexLock lock(mutex);
        done = true;
        condition.notifyOne();
    });
    MutexLock lock(mutex);
    while (!done)
        condition.wait(lock);
}

} // namespace Carillon
