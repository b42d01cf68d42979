// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "server/net/tls/tlscontext.h"
#include "server/net/tls/tlsstream.h"

#include <memory>

namespace Carillon {

/// The TLS configuration of all listeners of a process. New connections use the current context,
/// which can be replaced at any time; open ones keep theirs.
/// Owns: the current context. Thread: any.
class TlsServer
{
public:
    explicit TlsServer(TlsContext context) : m_context(std::move(context)) { }

    void use(TlsContext context)
    {
        const MutexLock lock(m_mutex);
        m_context = std::move(context);
    }
    /// A TLS stream for a client that begins its handshake on this descriptor.
    [[nodiscard]] std::unique_ptr<TlsStream> accept(int descriptor) const
    {
        const MutexLock lock(m_mutex);
        return std::make_unique<TlsStream>(m_context, descriptor);
    }

private:
    mutable Mutex m_mutex;
    TlsContext m_context CARILLON_GUARDED_BY(m_mutex);
};

} // namespace Carillon
