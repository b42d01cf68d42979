// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QList>

namespace Carillon {

/// Proves that a request between nodes comes from a member of the cluster (design.md §6).
///
///   X-Carillon-Signature = "t=" seconds ",s=" base64url(HMAC-SHA256(secret, signed))
///   signed               = method LF path LF seconds LF SHA-256(body)
///
/// Requests are idempotent, so a repeat within the allowed age does no harm.
/// Thread: any; a value.
class NodeSignature
{
public:
    static constexpr QByteArrayView HeaderName = "x-carillon-signature";
    static constexpr std::chrono::seconds MaxAge { 300 };

    /// configured: the cluster secret, or empty: secrets are derived by HKDF-SHA256 from each
    /// crypto key, so that processes with the same keys find each other. The first signs.
    NodeSignature(const QByteArray &configured, const QList<QByteArray> &cryptoKeys);

    /// secret: which of secrets() signs.
    [[nodiscard]] QByteArray sign(QByteArrayView method, QByteArrayView path, QByteArrayView body,
                                  WallTime now, qsizetype secret = 0) const;
    [[nodiscard]] qsizetype secrets() const { return m_secrets.size(); }
    [[nodiscard]] bool verify(QByteArrayView header, QByteArrayView method, QByteArrayView path,
                              QByteArrayView body, WallTime now) const;

private:
    [[nodiscard]] static QByteArray mac(const QByteArray &secret, QByteArrayView method,
                                        QByteArrayView path, QByteArrayView seconds,
                                        QByteArrayView body);

    QList<QByteArray> m_secrets;
};

} // namespace Carillon
