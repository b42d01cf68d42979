// SPDX-License-Identifier: MPL-2.0
#include "server/settings/settingkinds.h"

#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace Carillon::SettingKinds {

using namespace Qt::StringLiterals;

namespace {

/// A value in an error message; long ones are cut, so that a message stays a line.
QString shown(const QString &text)
{
    constexpr qsizetype Longest = 60;
    return quoted(text.size() > Longest ? text.left(Longest) + u"…"_s : text);
}

struct Unit
{
    QLatin1StringView name;
    std::int64_t factor;
};

constexpr Unit TimeUnits[] = { { "ms"_L1, 1 },
                               { "s"_L1, 1'000 },
                               { "m"_L1, 60'000 },
                               { "h"_L1, 3'600'000 },
                               { "d"_L1, 86'400'000 } };
constexpr Unit SizeUnits[] = { { "KiB"_L1, 1 << 10 },
                               { "MiB"_L1, 1 << 20 },
                               { "GiB"_L1, 1 << 30 } };

QString spanText(std::chrono::milliseconds span)
{
    QString text = u"0"_s;
    for (const Unit &unit : TimeUnits) {
        if (span.count() > 0 && span.count() % unit.factor == 0)
            text = QString::number(span.count() / unit.factor) + unit.name;
    }
    return text;
}

QString unitName(std::chrono::milliseconds span)
{
    if (span == std::chrono::milliseconds(1))
        return u"milliseconds"_s;
    if (span == std::chrono::hours(24))
        return u"days"_s;
    return u"seconds"_s;
}

} // namespace

Unexpected<SettingFault> fault(QString what, QString remedy)
{
    return Unexpected(SettingFault { std::move(what), std::move(remedy) });
}

QString quoted(const QString &text)
{
    QString toml = u"\""_s;
    for (const QChar c : text) {
        if (c == u'\\' || c == u'"')
            toml += u"\\%1"_s.arg(c);
        else if (c == u'\n')
            toml += "\\n"_L1;
        else if (c == u'\r')
            toml += "\\r"_L1;
        else if (c == u'\t')
            toml += "\\t"_L1;
        else if (c < u' ' || c == u'\x7f')
            toml += u"\\u%1"_s.arg(c.unicode(), 4, 16, QChar(u'0'));
        else
            toml += c;
    }
    return toml + u'"';
}

Result<QString, SettingFault> single(const RawValue &raw)
{
    if (raw.isList || raw.items.size() != 1)
        return fault(u"a list is not allowed here"_s, u"give one value"_s);
    return raw.items.first().trimmed();
}

QStringList listItems(const RawValue &raw)
{
    QStringList items;
    if (raw.isList) {
        items = raw.items;
    } else {
        QString text = raw.items.value(0).trimmed();
        if (text.startsWith(u'[') && text.endsWith(u']'))
            text = text.mid(1, text.size() - 2).trimmed();
        if (text.isEmpty())
            return {};
        static const QRegularExpression separator(u"[,\n]"_s);
        items = text.split(separator);
    }
    for (QString &item : items) {
        item = item.trimmed();
        for (const QChar quote : { u'"', u'\'' }) {
            if (item.size() >= 2 && item.startsWith(quote) && item.endsWith(quote))
                item = item.mid(1, item.size() - 2).trimmed();
        }
    }
    return items;
}

Result<std::int64_t, SettingFault> Number::readNumber(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    bool ok = false;
    const qlonglong value = text->toLongLong(&ok);
    if (!ok)
        return fault(shown(*text) + u" is not a whole number"_s, u"give a "_s + takes());
    if (value < minimum || value > maximum)
        return fault(shown(*text) + u" is out of range"_s, u"give a "_s + takes());
    return value;
}

QString Number::takes() const
{
    if (maximum == std::numeric_limits<int>::max())
        return u"number, %1 or more"_s.arg(minimum);
    return u"number from %1 to %2"_s.arg(minimum).arg(maximum);
}

Result<quint16, SettingFault> Port::read(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    bool ok = false;
    const quint16 port = text->toUShort(&ok);
    if (!ok)
        return fault(shown(*text) + u" is not a port"_s,
                     u"give a number from 1 to 65535, or 0 for any free port"_s);
    return port;
}

QString Port::takes() const
{
    return u"port, 0: any free one"_s;
}

Result<std::int64_t, SettingFault> Bytes::read(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    static const QRegularExpression pattern(u"^(\\d{1,18}) ?([A-Za-z]*)$"_s);
    const QRegularExpressionMatch match = pattern.match(*text);
    std::int64_t factor = match.captured(2).isEmpty() ? 1 : 0;
    for (const Unit &unit : SizeUnits) {
        if (match.captured(2).compare(unit.name, Qt::CaseInsensitive) == 0)
            factor = unit.factor;
    }
    if (!match.hasMatch() || factor == 0)
        return fault(shown(*text) + u" is not a size"_s,
                     u"give a number of bytes, or one with KiB, MiB or GiB"_s);
    const std::int64_t count = match.captured(1).toLongLong();
    if (count > maximum / factor || count * factor < minimum)
        return fault(shown(*text) + u" is out of range"_s,
                     u"give %1 to %2"_s.arg(write(minimum), write(maximum)));
    return count * factor;
}

QString Bytes::write(std::int64_t value) const
{
    for (auto unit = std::rbegin(SizeUnits); unit != std::rend(SizeUnits); ++unit) {
        if (value >= unit->factor && value % unit->factor == 0)
            return u"\"%1 %2\""_s.arg(value / unit->factor).arg(unit->name);
    }
    return QString::number(value);
}

QString Bytes::takes() const
{
    return u"bytes, or with KiB, MiB, GiB"_s;
}

Result<std::chrono::milliseconds, SettingFault> Span::readSpan(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    static const QRegularExpression pattern(u"^(\\d{1,12}(?:\\.\\d{1,9})?) ?([a-z]*)$"_s);
    const QRegularExpressionMatch match = pattern.match(*text);
    double factor = match.captured(2).isEmpty() ? static_cast<double>(unit.count()) : 0;
    for (const Unit &known : TimeUnits) {
        if (match.captured(2) == known.name)
            factor = static_cast<double>(known.factor);
    }
    if (!match.hasMatch() || factor == 0)
        return fault(shown(*text) + u" is not a duration"_s,
                     u"give a number of %1, or one with ms, s, m, h or d"_s.arg(unitName(unit)));
    const double wanted = match.captured(1).toDouble() * factor;
    const std::chrono::milliseconds span(std::llround(
        std::min(wanted, static_cast<double>(std::chrono::milliseconds::max().count()) / 2)));
    if (span < minimum || span > maximum)
        return fault(shown(*text) + (wanted == 0 ? u" is zero"_s : u" is out of range"_s),
                     u"give %1 to %2"_s.arg(spanText(minimum), spanText(maximum)));
    return span;
}

QString Span::writeSpan(std::chrono::milliseconds value) const
{
    if (value % unit == std::chrono::milliseconds::zero())
        return QString::number(value / unit);
    return quoted(spanText(value));
}

QString Span::takes() const
{
    return unitName(unit) + (minimum.count() > 0 ? u", not 0"_s : QString());
}

Result<bool, SettingFault> Boolean::read(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    for (const QLatin1StringView yes : { "true"_L1, "1"_L1, "yes"_L1, "on"_L1 }) {
        if (text->compare(yes, Qt::CaseInsensitive) == 0)
            return true;
    }
    for (const QLatin1StringView no : { "false"_L1, "0"_L1, "no"_L1, "off"_L1 }) {
        if (text->compare(no, Qt::CaseInsensitive) == 0)
            return false;
    }
    return fault(shown(*text) + u" is neither true nor false"_s, u"give true or false"_s);
}

QString Boolean::write(bool value) const
{
    return value ? u"true"_s : u"false"_s;
}

QString Boolean::takes() const
{
    return u"true \\| false"_s;
}

Result<qsizetype, SettingFault> readChoice(const RawValue &raw, const QStringList &names)
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    if (const qsizetype index = names.indexOf(*text); index >= 0)
        return index;
    const QString near = nearestName(*text, names);
    return fault(shown(*text) + u" is not a valid value"_s,
                 (near.isEmpty() ? QString() : u"did you mean \"%1\"? "_s.arg(near))
                     + u"valid values are "_s + names.join(u", "_s));
}

bool covers(const QHostAddress &wide, const QHostAddress &narrow)
{
    const bool isIPv4 = narrow.protocol() == QAbstractSocket::IPv4Protocol;
    return wide == narrow || wide == QHostAddress(QHostAddress::AnyIPv6)
        || (isIPv4 && wide == QHostAddress(QHostAddress::AnyIPv4));
}

Result<Addresses, SettingFault> ListenAddresses::read(const RawValue &raw) const
{
    Addresses addresses;
    const auto add = [&addresses](const QHostAddress &address) {
        if (std::ranges::none_of(addresses,
                                 [&](const auto &other) { return covers(other, address); })) {
            std::erase_if(addresses, [&](const auto &other) { return covers(address, other); });
            addresses.push_back(address);
        }
    };
    for (const QString &item : listItems(raw)) {
        if (item == "localhost"_L1) {
            add(QHostAddress(QHostAddress::LocalHost));
            add(QHostAddress(QHostAddress::LocalHostIPv6));
            continue;
        }
        QString bare = item;
        if (bare.startsWith(u'[') && bare.endsWith(u']'))
            bare = bare.mid(1, bare.size() - 2);
        // QHostAddress also takes "1" and "127.1"; whoever writes those meant something else.
        const QHostAddress address(bare);
        const bool whole = bare.contains(u':') || bare.count(u'.') == 3;
        if (address.isNull() || !whole)
            return fault(shown(item) + u" is not an address to listen on"_s,
                         u"give an IP address (0.0.0.0 or :: for all) or localhost"_s);
        add(address);
    }
    if (addresses.empty())
        return fault(u"there is no address to listen on"_s,
                     u"give an IP address (0.0.0.0 or :: for all) or localhost"_s);
    return addresses;
}

QString ListenAddresses::write(const Addresses &value) const
{
    QStringList items;
    for (const QHostAddress &address : value)
        items << quoted(address.toString());
    return items.size() == 1 ? items.first() : u'[' + items.join(u", "_s) + u']';
}

QString ListenAddresses::takes() const
{
    return u"IP address, localhost, or a list of them"_s;
}

} // namespace Carillon::SettingKinds
