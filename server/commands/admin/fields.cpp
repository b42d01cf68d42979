// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/fields.h"

#include "server/commands/terminal/figures.h"

#include <QJsonDocument>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

const QString None = u"–"_s;

QString plainText(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::String:
        return value.toString();
    case QJsonValue::Double:
        return numberText(value.toDouble());
    case QJsonValue::Bool:
        return value.toBool() ? u"yes"_s : u"no"_s;
    case QJsonValue::Array: {
        QStringList texts;
        for (const QJsonValue each : value.toArray())
            texts << plainText(each);
        return texts.join(u", "_s);
    }
    case QJsonValue::Object: {
        QStringList texts;
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            texts << it.key() + u' ' + plainText(it.value());
        return texts.join(u", "_s);
    }
    case QJsonValue::Null:
    case QJsonValue::Undefined:
        break;
    }
    return {};
}

Tone toneOf(QStringView state)
{
    static const QStringList good { u"ok"_s,        u"online"_s,       u"connected"_s,
                                    u"delivered"_s, u"acked"_s,        u"live"_s,
                                    u"active"_s,    u"acknowledged"_s, u"serving"_s };
    static const QStringList doubtful { u"waiting"_s, u"warning"_s, u"draining"_s,  u"stored"_s,
                                        u"limited"_s, u"expired"_s, u"ambiguous"_s, u"degraded"_s };
    static const QStringList bad { u"problem"_s, u"error"_s,   u"critical"_s,
                                   u"fatal"_s,   u"blocked"_s, u"refused"_s,
                                   u"revoked"_s, u"failed"_s,  u"unknown"_s };
    if (good.contains(state))
        return Tone::Good;
    if (doubtful.contains(state))
        return Tone::Warning;
    return bad.contains(state) ? Tone::Bad : Tone::Plain;
}

ColumnKind columnKindOf(FieldKind kind)
{
    switch (kind) {
    case FieldKind::Id:
        return ColumnKind::Id;
    case FieldKind::Number:
    case FieldKind::Bytes:
    case FieldKind::Rate:
    case FieldKind::Percent:
    case FieldKind::Latency:
    case FieldKind::Span:
        return ColumnKind::Number;
    case FieldKind::Text:
    case FieldKind::Moment:
    case FieldKind::State:
    case FieldKind::YesNo:
    case FieldKind::Presence:
    case FieldKind::Counts:
        break;
    }
    return ColumnKind::Text;
}

} // namespace

QJsonValue memberOf(const QJsonObject &document, const QString &path)
{
    QJsonValue value(document);
    for (const QString &name : path.split(u'.'))
        value = value.toObject().value(name);
    return value;
}

QDateTime timeOf(const QJsonValue &value)
{
    return QDateTime::fromString(value.toString(), Qt::ISODateWithMs).toUTC();
}

Cell cellOf(const QJsonValue &value, FieldKind kind, const View &view)
{
    if (kind == FieldKind::Presence)
        return value.toBool() ? Cell { u"connected"_s, Tone::Good } : Cell { u"offline"_s };
    if (kind == FieldKind::Counts && value.isObject() && value.toObject().isEmpty())
        return { None, Tone::Quiet };
    if (value.isNull() || value.isUndefined() || (value.isString() && value.toString().isEmpty()))
        return { None, Tone::Quiet };
    if (kind == FieldKind::Moment) {
        const QDateTime time = timeOf(value);
        if (!time.isValid())
            return { plainText(value) };
        return { view.isWide ? absoluteText(time) : relativeText(time, view.now) };
    }
    if (kind == FieldKind::State)
        return { plainText(value), toneOf(value.toString()) };
    if (!value.isDouble())
        return { plainText(value) };
    const double number = value.toDouble();
    switch (kind) {
    case FieldKind::Bytes:
        return { bytesText(number) };
    case FieldKind::Rate:
        return { numberText(number) + " /s"_L1 };
    case FieldKind::Percent:
        return { numberText(number) + " %"_L1 };
    case FieldKind::Latency:
        return { latencyText(number) };
    case FieldKind::Span:
        return { spanText(std::chrono::seconds(std::llround(number))) };
    default:
        return { numberText(number) };
    }
}

Table tableOf(std::span<const Field> fields, const QJsonArray &items, const View &view)
{
    std::vector<Field> used;
    std::vector<Column> columns;
    for (const Field &field : fields) {
        const bool isThere =
            field.rank == 0 || std::any_of(items.begin(), items.end(), [&](const QJsonValue &item) {
                const QJsonValue value = memberOf(item.toObject(), field.member);
                return !value.isNull() && !value.isUndefined();
            });
        if (!isThere)
            continue;
        used.push_back(field);
        columns.push_back({ field.title, columnKindOf(field.kind), field.rank });
    }
    Table table(std::move(columns));
    for (const QJsonValue item : items) {
        std::vector<Cell> row;
        row.reserve(used.size());
        for (const Field &field : used)
            row.push_back(cellOf(memberOf(item.toObject(), field.member), field.kind, view));
        table.add(std::move(row));
    }
    return table;
}

} // namespace Carillon
