// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"

#include <QByteArray>
#include <QList>

#include <vector>

namespace Carillon {

/// The keys of history.hash_uaids, one for each of the server's secrets.
[[nodiscard]] std::vector<QByteArray> uaidHashKeys(const QList<QByteArray> &secrets);
/// 128 bits of an HMAC-SHA256: what stands for a UAID. Nobody without the key can make one of a
/// UAID, and a UAID cannot be made of it.
[[nodiscard]] Uaid hashed(const Uaid &uaid, const QByteArray &key);

} // namespace Carillon
