// SPDX-License-Identifier: MPL-2.0
#include "server/net/protocolfaults.h"

#include "core/base/log.h"

namespace Carillon {

namespace {

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
    if (const auto leftOut = m_log[static_cast<std::size_t>(fault)].pass(now))
        qCWarning(lcNet, "Listener %ls: %s %s%s", qUtf16Printable(listener), peer.constData(),
                  sentenceOf(fault), leftOutText(*leftOut).constData());
}

} // namespace Carillon
