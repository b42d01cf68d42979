// SPDX-License-Identifier: MPL-2.0
#include "server/net/protocolfaults.h"

#include "core/base/log.h"

#include <utility>

namespace Carillon {

namespace {

constexpr std::chrono::minutes LogPause { 1 };

Metric metricOf(ProtocolFaults::Fault fault)
{
    return fault == ProtocolFaults::Fault::TlsOnPlain ? Metric::ConnectionsRefusedTls
                                                      : Metric::ConnectionsRefusedPlain;
}

const char *sentenceOf(ProtocolFaults::Fault fault)
{
    return fault == ProtocolFaults::Fault::TlsOnPlain
        ? "began a TLS handshake, and this listener speaks plain HTTP. Use http: and ws: URLs, or "
          "set "
          "tls.certificate."
        : "sent plain HTTP, and this listener speaks TLS. Use https: and wss: URLs.";
}

} // namespace

void ProtocolFaults::add(Fault fault, const QString &listener, const QByteArray &peer, Instant now)
{
    if (m_count)
        m_count(metricOf(fault), 1);
    std::int64_t untold = 0;
    {
        const std::lock_guard lock(m_mutex);
        Told &told = m_told[static_cast<std::size_t>(fault)];
        if (told.last != Instant() && now - told.last < LogPause) {
            ++told.since;
            return;
        }
        told.last = now;
        untold = std::exchange(told.since, 0);
    }
    const QByteArray more = untold > 0
        ? " (" + QByteArray::number(untold) + " more since the last such line)"
        : QByteArray();
    qCWarning(lcNet, "Listener %ls: %s %s%s", qUtf16Printable(listener), peer.constData(),
              sentenceOf(fault), more.constData());
}

} // namespace Carillon
