// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QList>
#include <QLoggingCategory>
#include <QStringList>

// Every log category of the program, as docs/logs.md lists them. Info is what an operator should
// read.
// Logs never hold tokens, keys, payloads or bound values; UAIDs only shortened (core/base/ids.h).
namespace Carillon {

Q_DECLARE_LOGGING_CATEGORY(lcApp)
Q_DECLARE_LOGGING_CATEGORY(lcNet)
Q_DECLARE_LOGGING_CATEGORY(lcEndpoint)
Q_DECLARE_LOGGING_CATEGORY(lcConnect)
Q_DECLARE_LOGGING_CATEGORY(lcRouting)
Q_DECLARE_LOGGING_CATEGORY(lcStorage)
/// A line for each HTTP request.
Q_DECLARE_LOGGING_CATEGORY(lcRequests)
/// A line for each finished session of a client.
Q_DECLARE_LOGGING_CATEGORY(lcSessions)
Q_DECLARE_LOGGING_CATEGORY(lcAdmin)

/// All of them.
[[nodiscard]] QList<const QLoggingCategory *> allLogCategories();
/// Their names.
[[nodiscard]] QStringList logCategories();

} // namespace Carillon
