// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/tls/tlscontext.h"

#include <QByteArray>
#include <QByteArrayList>

namespace Carillon {

/// A certificate authority for servers on this machine: whoever trusts it trusts it for localhost
/// and the addresses of loopback (name constraints, RFC 5280 §4.2.1.10), and for nothing else.
/// Valid for ten years.
[[nodiscard]] Certificate makeDevAuthority(EVP_PKEY *key, WallTime now);

/// The certificate of a server, made by that authority: for localhost and these addresses of
/// loopback. Valid for 90 days, or until the authority ends.
[[nodiscard]] Certificate makeDevCertificate(EVP_PKEY *key, const QByteArrayList &addresses,
                                             X509 *authority, EVP_PKEY *authorityKey, WallTime now);

[[nodiscard]] QByteArray toPem(X509 *certificate);
/// The first certificate in the text; null: there is none.
[[nodiscard]] Certificate certificateFromPem(const QByteArray &pem);

} // namespace Carillon
