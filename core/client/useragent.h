// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

namespace Carillon {

/// What a User-Agent field says, in few words.
struct UserAgent
{
    /// "Windows", "macOS", "Linux", "Android", "iOS", "Other".
    QByteArrayView os;
    /// "Firefox", "Other".
    QByteArrayView browser;
    /// "115.0"; empty: unknown. A part of the field.
    QByteArrayView version;
};

[[nodiscard]] UserAgent readUserAgent(QByteArrayView field);

} // namespace Carillon
