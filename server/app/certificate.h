// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/tls/tlscontext.h"
#include "server/settings/settings.h"

#include <QStringList>

namespace Carillon {

/// Reads what tls.certificate and tls.key name; there is one. The error is complaint()'s.
[[nodiscard]] Result<TlsContext, QString> loadCertificate(const Settings::Tls &tls);

/// What an operator should know of a certificate that can be used all the same: that it expired, or
/// will soon, or does not name the host in endpoint.url.
[[nodiscard]] QStringList certificateWarnings(const TlsContext &certificate,
                                              const Settings &settings, WallTime now);

/// A time as operators read it: "2026-11-24 00:48 UTC".
[[nodiscard]] QString dateText(WallTime time);

} // namespace Carillon
