// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/admin/adminclient.h"

#include <QString>
#include <QStringView>

namespace Carillon {

[[nodiscard]] bool isHex(QStringView text);
/// 32 hexadecimal digits, with or without dashes.
[[nodiscard]] bool isUuid(const QString &text);
/// The one client whose UAID begins with these digits.
[[nodiscard]] Result<QString, AdminFailure> findClient(AdminClient &client, const QString &prefix);

} // namespace Carillon
