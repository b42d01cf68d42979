// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "core/crypto/vapidkey.h"

#include <QString>
#include <QUrl>

namespace Carillon {

/// A VAPID key as people hand it over: a PEM file, a file that `carillon vapid` wrote, or the
/// private key itself in base64url. The error is a sentence that does not repeat the text.
[[nodiscard]] Result<VapidKey, QString> readVapidKey(const QString &fileOrKey);

/// Scheme, host and port of an endpoint: what the claim aud must be.
[[nodiscard]] QByteArray audienceOf(const QUrl &endpoint);

/// An Authorization header for this endpoint, valid for 12 hours. subject: empty for none.
[[nodiscard]] QByteArray vapidAuthorization(const VapidKey &key, const QUrl &endpoint,
                                            const QString &subject);

} // namespace Carillon
