// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QLoggingCategory>
#include <QStringList>

// Every log category of the program: "carillon.<room>". Info is what an operator should read.
// Logs never hold tokens, keys, payloads or bound values; UAIDs only shortened (core/base/ids.h).
namespace Carillon {

Q_DECLARE_LOGGING_CATEGORY(lcApp)
Q_DECLARE_LOGGING_CATEGORY(lcNet)
Q_DECLARE_LOGGING_CATEGORY(lcEndpoint)
Q_DECLARE_LOGGING_CATEGORY(lcConnect)
Q_DECLARE_LOGGING_CATEGORY(lcRouting)
Q_DECLARE_LOGGING_CATEGORY(lcStorage)

/// The names of all of them.
[[nodiscard]] QStringList logCategories();

} // namespace Carillon
