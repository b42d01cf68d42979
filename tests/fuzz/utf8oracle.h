// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

namespace Carillon::Fuzz {

/// simdjson's verdict, after it was compared with Qt's.
[[nodiscard]] bool isUtf8(QByteArrayView bytes);
/// Whether some bytes behind these would make it UTF-8.
[[nodiscard]] bool isStartOfUtf8(QByteArrayView bytes);

} // namespace Carillon::Fuzz
