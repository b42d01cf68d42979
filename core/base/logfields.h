// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>
#include <QJsonObject>
#include <QLoggingCategory>
#include <QString>

namespace Carillon {

/// What a log line says, once more as named values for programs that read the log.
struct LogFields
{
    /// mozlog's Type, such as "request.summary"; empty: the usual one. A literal.
    QByteArrayView type = {};
    QJsonObject values;
};

/// Logs a line at level info with its values. The caller has asked isInfoEnabled(). Thread: any.
void logInfo(const QLoggingCategory &category, const QString &text, const LogFields &fields);

/// The fields of the line that this thread is logging; null: it has none. For message handlers,
/// which get them once. They are valid until the handler returns.
[[nodiscard]] const LogFields *takeFieldsOfThisLine();

} // namespace Carillon
