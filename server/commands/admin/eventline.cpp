// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/eventline.h"

#include "server/commands/admin/documents.h"
#include "server/commands/admin/findclient.h"
#include "server/commands/terminal/text.h"

#include <algorithm>
#include <array>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype LeastId = 16;
constexpr int KindWidth = 22;
constexpr int LevelWidth = 8;
constexpr int CategoryWidth = 20;

/// The local time of day, or in full and in UTC. In a line, the day matters less than the moment.
QString timeText(const QJsonValue &value, bool isWide)
{
    const QDateTime time = timeOf(value);
    if (!time.isValid())
        return printable(value.toString());
    if (isWide)
        return time.toString(Qt::ISODateWithMs);
    return time.toLocalTime().toString(u"MM-dd hh:mm:ss.zzz"_s);
}

Tone toneOfKind(QStringView kind)
{
    static constexpr std::array bad { "refused"_L1, "reset"_L1, "purged"_L1 };
    static constexpr std::array doubtful { "nacked"_L1, "expired"_L1, "dropped"_L1, "reclaimed"_L1,
                                           "disconnected"_L1 };
    static constexpr std::array good { "acknowledged"_L1, "connected"_L1 };
    const auto ends = [kind](QLatin1StringView word) { return kind.endsWith(word); };
    if (std::ranges::any_of(bad, ends))
        return Tone::Bad;
    if (std::ranges::any_of(doubtful, ends))
        return Tone::Warning;
    return std::ranges::any_of(good, ends) ? Tone::Good : Tone::Plain;
}

Tone toneOfLevel(QStringView level)
{
    if (level == "warning"_L1)
        return Tone::Warning;
    if (level == "error"_L1 || level == "critical"_L1 || level == "fatal"_L1)
        return Tone::Bad;
    return level == "debug"_L1 ? Tone::Quiet : Tone::Plain;
}

/// Cuts what is not painted yet, so that no escape code is cut.
QString fitted(const QString &text, int used, const LineStyle &style)
{
    return style.width == 0 ? text : elided(text, std::max(1, style.width - used));
}

} // namespace

QString eventLine(const QJsonObject &event, const LineStyle &style)
{
    const QString time = timeText(event.value("time"_L1), style.isWide);
    const QString kind = printable(event.value("kind"_L1).toString());
    const auto id = [&](QLatin1StringView name) {
        const QString text = printable(event.value(name).toString());
        return style.isWide ? text : shortId(text);
    };
    QStringList rest;
    if (const QString uaid = id("uaid"_L1); !uaid.isEmpty())
        rest << uaid;
    if (const QString chid = id("chid"_L1); !chid.isEmpty())
        rest << "channel "_L1 + chid;
    // What says most comes first, because lines are cut at the right.
    static const QStringList first { u"detail"_s, u"error"_s, u"status"_s, u"code"_s, u"reason"_s };
    static const QStringList before { u"id"_s, u"time"_s, u"kind"_s, u"uaid"_s, u"chid"_s };
    // Numbers that name something: nobody counts with them.
    static const QStringList numberNames { u"message"_s, u"by"_s, u"status"_s, u"errno"_s };
    QStringList names = first;
    for (const QString &name : event.keys()) {
        if (!before.contains(name) && !first.contains(name))
            names << name;
    }
    for (const QString &name : names) {
        const QJsonValue value = event.value(name);
        if (value.isNull() || value.isUndefined() || value == false)
            continue;
        const View inFull { .now = {}, .isWide = true };
        const QString text = numberNames.contains(name)
            ? QString::number(value.toInteger())
            : printable(cellOf(value, kindOf(name, value), inFull).text);
        if (name == "detail"_L1) {
            rest << text;
            continue;
        }
        const bool isId = !style.isWide && isHex(text) && text.size() > LeastId;
        rest << printable(wordsOf(name)) + u' ' + (isId ? shortId(text) : text);
    }
    const int used = displayWidth(time) + 2 + std::max(KindWidth, displayWidth(kind)) + 2;
    return style.palette.paint(time, Tone::Quiet) + "  "_L1
        + style.palette.paint(padded(kind, KindWidth), toneOfKind(kind)) + "  "_L1
        + fitted(rest.join("  "_L1), used, style);
}

QString logLine(const QJsonObject &record, const LineStyle &style)
{
    const QString time = timeText(record.value("time"_L1), style.isWide);
    const QString level = printable(record.value("level"_L1).toString());
    const QString category = printable(record.value("category"_L1).toString());
    QStringList rest { printable(record.value("message"_L1).toString()) };
    const QJsonObject fields = record.value("fields"_L1).toObject();
    for (auto it = fields.begin(); it != fields.end(); ++it) {
        const View inFull { .now = {}, .isWide = true };
        rest << printable(it.key()) + u'='
                + printable(cellOf(it.value(), FieldKind::Text, inFull).text);
    }
    return style.palette.paint(time, Tone::Quiet) + "  "_L1
        + style.palette.paint(padded(level, LevelWidth), toneOfLevel(level)) + "  "_L1
        + padded(category, CategoryWidth) + "  "_L1 + rest.join("  "_L1);
}

} // namespace Carillon
