// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "server/net/tls/tlscontext.h"
#include "server/net/tls/tlsstream.h"

#include <atomic>
#include <cstdint>
#include <memory>

namespace Carillon {

/// Handshakes since the start. One that the peer never began does not count.
struct TlsHandshakes
{
    std::int64_t full = 0;
    std::int64_t resumed = 0;
    std::int64_t failed = 0;
};

/// The TLS configuration of all listeners of a process. New connections use the current context,
/// which can be replaced at any time; open ones keep theirs.
/// Owns: the current context. Thread: any. Outlives its streams.
class TlsServer
{
public:
    explicit TlsServer(TlsContext context) : m_context(std::move(context))
    {
        m_context.countFailures(m_failed);
    }

    void use(TlsContext context)
    {
        const MutexLock lock(m_mutex);
        m_completed += m_context.completedHandshakes();
        m_resumed += m_context.resumedHandshakes();
        m_context = std::move(context);
        m_context.countFailures(m_failed);
    }
    [[nodiscard]] TlsHandshakes handshakes() const
    {
        const MutexLock lock(m_mutex);
        const std::int64_t resumed = m_resumed + m_context.resumedHandshakes();
        const std::int64_t completed = m_completed + m_context.completedHandshakes();
        return { .full = completed - resumed, .resumed = resumed, .failed = m_failed };
    }
    /// A TLS stream for a client that begins its handshake on this descriptor.
    [[nodiscard]] std::unique_ptr<TlsStream> accept(int descriptor) const
    {
        const MutexLock lock(m_mutex);
        return std::make_unique<TlsStream>(m_context, descriptor);
    }

private:
    mutable Mutex m_mutex;
    std::atomic<std::int64_t> m_failed = 0;
    TlsContext m_context CARILLON_GUARDED_BY(m_mutex);
    // With earlier contexts.
    std::int64_t m_completed CARILLON_GUARDED_BY(m_mutex) = 0;
    std::int64_t m_resumed CARILLON_GUARDED_BY(m_mutex) = 0;
};

} // namespace Carillon
