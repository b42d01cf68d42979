// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/threadsafety.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace Carillon {

/// std::mutex with annotations for the thread-safety analysis (core/base/threadsafety.h); locked by
/// a MutexLock.
class CARILLON_CAPABILITY("mutex") Mutex
{
public:
    Mutex() = default;
    Mutex(const Mutex &) = delete;
    Mutex &operator=(const Mutex &) = delete;

    /// Tells the analysis what it cannot see in a lambda: that the caller has locked it.
    void assertHeld() const CARILLON_ASSERT_CAPABILITY(this) { }

private:
    friend class MutexLock;
    std::mutex m_mutex;
};

/// Holds a Mutex as long as it lives, as std::unique_lock does.
class CARILLON_SCOPED_CAPABILITY MutexLock
{
public:
    explicit MutexLock(Mutex &mutex) CARILLON_ACQUIRE(mutex) : m_lock(mutex.m_mutex) { }
    ~MutexLock() CARILLON_RELEASE() = default;
    MutexLock(const MutexLock &) = delete;
    MutexLock &operator=(const MutexLock &) = delete;

    /// Gives the mutex up for a while; lock() takes it again.
    void unlock() CARILLON_RELEASE() { m_lock.unlock(); }
    void lock() CARILLON_ACQUIRE() { m_lock.lock(); }

private:
    friend class Condition;
    std::unique_lock<std::mutex> m_lock;
};

/// std::condition_variable for a MutexLock. A wait may end without a notification, so it stands in
/// a loop that looks at what is waited for.
class Condition
{
public:
    void notifyOne() { m_condition.notify_one(); }
    void notifyAll() { m_condition.notify_all(); }

    void wait(MutexLock &lock) { m_condition.wait(lock.m_lock); }
    template<typename Clock, typename Duration>
    std::cv_status waitUntil(MutexLock &lock, std::chrono::time_point<Clock, Duration> when)
    {
        return m_condition.wait_until(lock.m_lock, when);
    }

private:
    std::condition_variable m_condition;
};

} // namespace Carillon
