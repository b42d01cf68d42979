// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

namespace Carillon {

/// Bytes of a string in JSON (RFC 8259 §7), its quotes included.
[[nodiscard]] qsizetype jsonStringSize(QByteArrayView text);

/// Appends a string in JSON, its quotes included. Bytes that are not UTF-8 become U+FFFD, so that
/// the result may go into a text frame whatever the text was.
void appendJsonString(QByteArray &json, QByteArrayView text);

} // namespace Carillon
