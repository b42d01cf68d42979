// SPDX-License-Identifier: MPL-2.0
#pragma once

// What a lock protects, written where it is declared and checked by Clang's thread-safety analysis
// (-Wthread-safety), which knows Mutex and MutexLock (core/base/mutex.h) but not std::mutex:
//
//     Mutex m_mutex;
//     std::deque<Task> m_tasks CARILLON_GUARDED_BY(m_mutex);
//     void runNext() CARILLON_REQUIRES(m_mutex);
//
// Constructors and destructors are not checked. A lambda is checked as a function of its own: a
// wait for a condition is written as a loop around Condition::wait(), and a lambda that runs under
// a lock of its caller begins with Mutex::assertHeld().

#if defined(__clang__)
#define CARILLON_THREAD_ATTRIBUTE(attribute) __attribute__((attribute))
#else
#define CARILLON_THREAD_ATTRIBUTE(attribute)
#endif

/// A field that is read and written only while the mutex is locked.
#define CARILLON_GUARDED_BY(mutex) CARILLON_THREAD_ATTRIBUTE(guarded_by(mutex))
/// A pointer to something that is used only while the mutex is locked.
#define CARILLON_PT_GUARDED_BY(mutex) CARILLON_THREAD_ATTRIBUTE(pt_guarded_by(mutex))
/// A function that is called only while the mutexes are locked.
#define CARILLON_REQUIRES(...) CARILLON_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
/// A function that locks the mutexes, and so is called only while they are not locked.
#define CARILLON_EXCLUDES(...) CARILLON_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))

// For the classes in mutex.h.
#define CARILLON_CAPABILITY(name) CARILLON_THREAD_ATTRIBUTE(capability(name))
#define CARILLON_SCOPED_CAPABILITY CARILLON_THREAD_ATTRIBUTE(scoped_lockable)
#define CARILLON_ACQUIRE(...) CARILLON_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define CARILLON_ASSERT_CAPABILITY(mutex) CARILLON_THREAD_ATTRIBUTE(assert_capability(mutex))
#define CARILLON_RELEASE(...) CARILLON_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
