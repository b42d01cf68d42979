// SPDX-License-Identifier: MPL-2.0
#include "server/admin/adminschema.h"

#include <QDateTime>
#include <QJsonArray>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace AdminTypes {
namespace {

/// JSON numbers are doubles here: above it, one stands for several integers.
constexpr std::int64_t LastExact = (std::int64_t { 1 } << 53) - 1;

AdminSchema ofType(const QString &type)
{
    return { { u"type"_s, type } };
}

} // namespace

AdminSchema text(int maxLength, int minLength)
{
    AdminSchema schema = ofType(u"string"_s);
    schema.insert(u"maxLength"_s, maxLength);
    if (minLength > 0)
        schema.insert(u"minLength"_s, minLength);
    return schema;
}

AdminSchema pattern(const QString &expression)
{
    AdminSchema schema = ofType(u"string"_s);
    schema.insert(u"pattern"_s, QString(u'^' + expression + u'$'));
    return schema;
}

AdminSchema integer(std::int64_t minimum, std::int64_t maximum)
{
    AdminSchema schema = ofType(u"integer"_s);
    schema.insert(u"minimum"_s, qint64 { minimum });
    schema.insert(u"maximum"_s, qint64 { std::min(maximum, LastExact) });
    return schema;
}

AdminSchema seconds()
{
    return integer(0, 10'000'000'000);
}

AdminSchema number()
{
    return ofType(u"number"_s);
}

AdminSchema boolean()
{
    return ofType(u"boolean"_s);
}

AdminSchema choice(const QStringList &values)
{
    AdminSchema schema = ofType(u"string"_s);
    schema.insert(u"enum"_s, QJsonArray::fromStringList(values));
    return schema;
}

AdminSchema time()
{
    AdminSchema schema = ofType(u"string"_s);
    schema.insert(u"format"_s, u"date-time"_s);
    return schema;
}

AdminSchema uuid()
{
    return pattern(u"[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?"
                   "[0-9A-Fa-f]{12}"_s);
}

AdminSchema list(const AdminSchema &items)
{
    AdminSchema schema = ofType(u"array"_s);
    schema.insert(u"items"_s, items);
    return schema;
}

AdminSchema object(const std::vector<AdminField> &members)
{
    AdminSchema schema = ofType(u"object"_s);
    QJsonObject properties;
    QJsonArray required;
    for (const AdminField &member : members) {
        AdminSchema property = member.schema;
        if (!member.description.isEmpty())
            property.insert(u"description"_s, member.description);
        properties.insert(member.name, property);
        if (member.required)
            required.append(member.name);
    }
    schema.insert(u"properties"_s, properties);
    if (!required.isEmpty())
        schema.insert(u"required"_s, required);
    schema.insert(u"additionalProperties"_s, false);
    return schema;
}

AdminSchema map(const AdminSchema &values)
{
    AdminSchema schema = ofType(u"object"_s);
    schema.insert(u"additionalProperties"_s, values);
    return schema;
}

AdminSchema orNull(AdminSchema schema)
{
    if (schema.contains(u"enum"_s)) {
        QJsonArray values = schema.value(u"enum"_s).toArray();
        values.append(QJsonValue::Null);
        schema.insert(u"enum"_s, values);
    }
    schema.insert(u"type"_s, QJsonArray { schema.value(u"type"_s), u"null"_s });
    return schema;
}

AdminSchema any()
{
    return {};
}

} // namespace AdminTypes

namespace {

/// A schema of requests has one type.
QString typeOf(const AdminSchema &schema)
{
    return schema.value(u"type"_s).toString();
}

/// RFC 3339; Qt alone would take much more.
bool isTime(const QString &text)
{
    static const QRegularExpression form(
        u"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$"_s);
    return form.match(text).hasMatch() && QDateTime::fromString(text, Qt::ISODateWithMs).isValid();
}

Result<void, QString> checkText(const AdminSchema &schema, const QString &text)
{
    const auto fault = [](const QString &what) { return Unexpected(what); };
    // JSON Schema counts code points.
    const auto characters =
        std::ranges::count_if(text, [](QChar each) { return !each.isLowSurrogate(); });
    if (const QJsonValue maximum = schema.value(u"maxLength"_s);
        maximum.isDouble() && characters > maximum.toInt())
        return fault(u"is longer than %1 characters"_s.arg(maximum.toInt()));
    if (characters < schema.value(u"minLength"_s).toInt())
        return fault(text.isEmpty() ? u"is empty"_s : u"is too short"_s);
    if (const QJsonValue choices = schema.value(u"enum"_s); choices.isArray()) {
        if (choices.toArray().contains(text))
            return {};
        QStringList names;
        for (const QJsonValue choice : choices.toArray())
            names << choice.toString();
        return fault(u"is none of "_s + names.join(u", "_s));
    }
    if (const QString pattern = schema.value(u"pattern"_s).toString(); !pattern.isEmpty()) {
        const QString whole = QRegularExpression::anchoredPattern(pattern.sliced(1).chopped(1));
        if (!QRegularExpression(whole).match(text).hasMatch())
            return fault(u"does not match "_s + pattern);
    }
    if (schema.value(u"format"_s) == u"date-time"_s && !isTime(text))
        return fault(u"is not a time like 2026-01-31T12:00:00Z"_s);
    return {};
}

Result<void, QString> checkNumber(const AdminSchema &schema, const QJsonValue &value)
{
    const double number = value.toDouble();
    if (typeOf(schema) == u"integer"_s && number != std::floor(number))
        return Unexpected(u"is not an integer"_s);
    if (const QJsonValue choices = schema.value(u"enum"_s);
        choices.isArray() && !choices.toArray().contains(value))
        return Unexpected(u"is not one of the values allowed"_s);
    const auto minimum = schema.value(u"minimum"_s);
    const auto maximum = schema.value(u"maximum"_s);
    const bool isOutside = (minimum.isDouble() && number < minimum.toDouble())
        || (maximum.isDouble() && number > maximum.toDouble());
    if (isOutside)
        return Unexpected(
            u"is not in the range %1 to %2"_s.arg(minimum.toInteger()).arg(maximum.toInteger()));
    return {};
}

Result<void, QString> checkArray(const AdminSchema &schema, const QJsonArray &array)
{
    for (const QJsonValue item : array)
        CARILLON_TRY_VOID(checkValue(schema.value(u"items"_s).toObject(), item));
    return {};
}

} // namespace

Result<void, QString> checkValue(const AdminSchema &schema, const QJsonValue &value)
{
    if (schema.value(u"type"_s).isArray()) {
        if (value.isNull())
            return {};
        AdminSchema other = schema;
        other.insert(u"type"_s, schema.value(u"type"_s).toArray().first());
        return checkValue(other, value);
    }
    const QString type = typeOf(schema);
    if (type == u"string"_s) {
        if (!value.isString())
            return Unexpected(u"is not text"_s);
        return checkText(schema, value.toString());
    }
    if (type == u"integer"_s || type == u"number"_s) {
        if (!value.isDouble())
            return Unexpected(type == u"integer"_s ? u"is not an integer"_s : u"is not a number"_s);
        return checkNumber(schema, value);
    }
    if (type == u"boolean"_s && !value.isBool())
        return Unexpected(u"is not true or false"_s);
    if (type == u"array"_s) {
        if (!value.isArray())
            return Unexpected(u"is not an array"_s);
        return checkArray(schema, value.toArray());
    }
    if (type == u"object"_s && !value.isObject())
        return Unexpected(u"is not an object"_s);
    return {};
}

Result<QJsonValue, QString> readParameter(const AdminSchema &schema, const QString &text)
{
    const QString type = typeOf(schema);
    QJsonValue value = text;
    if (type == u"integer"_s) {
        bool isNumber = false;
        value = text.toLongLong(&isNumber);
        if (!isNumber)
            return Unexpected(u"is not an integer"_s);
    } else if (type == u"boolean"_s) {
        if (text != u"true"_s && text != u"false"_s)
            return Unexpected(u"is not true or false"_s);
        value = text == u"true"_s;
    }
    CARILLON_TRY_VOID(checkValue(schema, value));
    return value;
}

} // namespace Carillon
