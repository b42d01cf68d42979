// SPDX-License-Identifier: MPL-2.0
#include "server/net/worker.h"

#include <QSocketNotifier>

#include <openssl/crypto.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>

#include <sys/eventfd.h>
#include <unistd.h>

namespace Carillon {

Mailbox::Mailbox(QObject *parent)
    : QObject(parent), m_fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      m_notifier(new QSocketNotifier(m_fd, QSocketNotifier::Read, this))
{
    if (m_fd < 0)
        qFatal("eventfd: %s", strerror(errno));
    connect(m_notifier, &QSocketNotifier::activated, this, &Mailbox::run);
}

Mailbox::~Mailbox()
{
    delete m_notifier;
    ::close(m_fd);
}

void Mailbox::post(Task task)
{
    bool first = false;
    {
        const std::lock_guard lock(m_mutex);
        first = m_tasks.empty();
        m_tasks.push_back(std::move(task));
    }
    if (first)
        wake();
}

bool Mailbox::tryPost(Task task)
{
    bool first = false;
    {
        const std::lock_guard lock(m_mutex);
        if (m_tasks.size() >= Bound)
            return false;
        first = m_tasks.empty();
        m_tasks.push_back(std::move(task));
    }
    if (first)
        wake();
    return true;
}

void Mailbox::wake()
{
    const std::uint64_t one = 1;
    // A full counter already wakes, so a short write is no loss.
    [[maybe_unused]] const ssize_t written = ::write(m_fd, &one, sizeof one);
}

void Mailbox::run()
{
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t read = ::read(m_fd, &count, sizeof count);
    std::vector<Task> tasks;
    {
        const std::lock_guard lock(m_mutex);
        tasks.swap(m_tasks);
    }
    for (Task &task : tasks) {
        if (m_closed)
            return;
        task();
    }
}

Worker::Worker(int index) : m_index(index)
{
    m_thread.setObjectName(QStringLiteral("worker-%1").arg(index));
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
    std::mutex mutex;
    std::condition_variable condition;
    bool done = false;
    post([&] {
        task();
        const std::lock_guard lock(mutex);
        done = true;
        condition.notify_one();
    });
    std::unique_lock lock(mutex);
    condition.wait(lock, [&] { return done; });
}

} // namespace Carillon
