// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"

#include <QJsonObject>
#include <QJsonValue>
#include <QString>
#include <QStringList>

#include <cstdint>
#include <vector>

namespace Carillon {

/// The type of a value in a request or an answer, as JSON Schema says it. Requests are checked
/// against it, and openapi.json publishes it.
using AdminSchema = QJsonObject;

/// A named value: a parameter, or a member of an object.
struct AdminField
{
    QString name;
    AdminSchema schema;
    QString description = {};
    bool required = false;
};

/// The types that the API uses. Thread: any.
namespace AdminTypes {

/// Text of at most so many characters.
[[nodiscard]] AdminSchema text(int maxLength = 256, int minLength = 0);
/// Text that matches a regular expression as a whole.
[[nodiscard]] AdminSchema pattern(const QString &expression);
[[nodiscard]] AdminSchema integer(std::int64_t minimum = 0,
                                  std::int64_t maximum = std::int64_t { 1 } << 53);
/// A length of time in seconds, at most some centuries, so that it can be added to a time.
[[nodiscard]] AdminSchema seconds();
[[nodiscard]] AdminSchema number();
[[nodiscard]] AdminSchema boolean();
[[nodiscard]] AdminSchema choice(const QStringList &values);
/// A time: RFC 3339, UTC, with milliseconds in answers.
[[nodiscard]] AdminSchema time();
/// 32 hexadecimal digits; in requests also with dashes.
[[nodiscard]] AdminSchema uuid();
[[nodiscard]] AdminSchema list(const AdminSchema &items);
[[nodiscard]] AdminSchema object(const std::vector<AdminField> &members);
/// An object whose members have any name.
[[nodiscard]] AdminSchema map(const AdminSchema &values);
/// The same, or null.
[[nodiscard]] AdminSchema orNull(AdminSchema schema);
/// Anything.
[[nodiscard]] AdminSchema any();

} // namespace AdminTypes

/// Checks a value of a request. The error is what is wrong with it: "is not an integer".
[[nodiscard]] Result<void, QString> checkValue(const AdminSchema &schema, const QJsonValue &value);
/// Reads a parameter of a query or path: a number or a boolean where the schema is one, or else
/// text. The error is as that of checkValue().
[[nodiscard]] Result<QJsonValue, QString> readParameter(const AdminSchema &schema,
                                                        const QString &text);

} // namespace Carillon
