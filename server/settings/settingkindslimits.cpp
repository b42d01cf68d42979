// SPDX-License-Identifier: MPL-2.0
#include "server/settings/settingkinds.h"

#include <QRegularExpression>

namespace Carillon::SettingKinds {

using namespace Qt::StringLiterals;

namespace {

constexpr std::int64_t MostTokens = 1'000'000'000;
/// A bucket that needs longer to fill is no limit anybody meant.
constexpr std::chrono::hours LongestFilling { 24 * 365 };

struct Period
{
    QChar name;
    std::chrono::seconds per;
};

const Period Periods[] = { { u's', std::chrono::seconds(1) },
                           { u'm', std::chrono::minutes(1) },
                           { u'h', std::chrono::hours(1) } };

} // namespace

Result<Networks::Value, SettingFault> Networks::read(const RawValue &raw) const
{
    Value networks;
    for (const QString &item : listItems(raw)) {
        const auto network = IpNetwork::parse(item.toUtf8());
        if (!network)
            return Unexpected(SettingFault {
                quoted(item) + u" is not an address or a network"_s,
                u"give an address or a network such as 127.0.0.1, 10.0.0.0/8 or fd00::/8, with "
                "no bits set after the prefix"_s });
        networks.push_back(*network);
    }
    return networks;
}

QString Networks::write(const Value &value) const
{
    QStringList items;
    for (const IpNetwork &network : value)
        items << quoted(QString::fromLatin1(network.toText()));
    return u'[' + items.join(u", "_s) + u']';
}

QString Networks::takes() const
{
    return u"list of addresses and networks"_s;
}

Result<Rate, SettingFault> Frequency::read(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    if (*text == "off"_L1)
        return Rate {};
    static const QRegularExpression pattern(
        u"^(\\d{1,10}) ?/ ?([smh])(?: +burst +(\\d{1,10}))?$"_s);
    const QRegularExpressionMatch match = pattern.match(*text);
    Rate rate;
    rate.count = match.captured(1).toLongLong();
    rate.burst = match.hasCaptured(3) ? match.captured(3).toLongLong() : rate.count;
    for (const Period &period : Periods) {
        if (match.captured(2) == period.name)
            rate.per = period.per;
    }
    const bool isSane = match.hasMatch() && rate.count > 0 && rate.burst > 0
        && std::max(rate.count, rate.burst) <= MostTokens
        && rate.burst <= LongestFilling / rate.interval();
    if (!isSane)
        return Unexpected(SettingFault {
            quoted(text->left(60)) + u" is not a rate"_s,
            u"give a rate such as \"100/s\", \"20/m burst 100\" or \"1000/h\", or \"off\""_s });
    return rate;
}

QString Frequency::write(const Rate &value) const
{
    if (!value.isLimited())
        return quoted(u"off"_s);
    QString text = QString::number(value.count) + u'/';
    for (const Period &period : Periods) {
        if (period.per == value.per)
            text += period.name;
    }
    if (value.burst != value.count)
        text += u" burst "_s + QString::number(value.burst);
    return quoted(text);
}

QString Frequency::takes() const
{
    return u"\"100/s\", \"20/m burst 100\", \"1000/h\" or \"off\""_s;
}

} // namespace Carillon::SettingKinds
