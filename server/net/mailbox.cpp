// SPDX-License-Identifier: MPL-2.0
#include "server/net/mailbox.h"

#include <QSocketNotifier>

#include <cerrno>
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
        const MutexLock lock(m_mutex);
        first = m_tasks.empty();
        m_tasks.push_back(std::move(task));
    }
    if (first)
        wake();
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
        const MutexLock lock(m_mutex);
        tasks.swap(m_tasks);
    }
    for (Task &task : tasks) {
        if (m_closed)
            return;
        task();
    }
}

} // namespace Carillon
