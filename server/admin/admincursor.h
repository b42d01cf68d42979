// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/admin/adminrequest.h"

#include <QByteArray>
#include <QString>

namespace Carillon {

/// Where a list goes on: the last row's key, with the order and the filters that it belongs to.
///
///     cursor = base64url( {"k": [key…], "s": sort, "r": reverse, "f": {filters}} ), no padding
///
/// It is no secret, and whoever makes one up gets nothing but another page, so it is only checked.
struct AdminCursor
{
    QString sort;
    bool reverse = false;
    QJsonArray key;
    QJsonObject filters;

    [[nodiscard]] QString toText() const;
    /// Absent: it is none.
    [[nodiscard]] static std::optional<AdminCursor> fromText(const QString &text);
};

} // namespace Carillon
