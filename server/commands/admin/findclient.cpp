// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/findclient.h"

#include <QJsonArray>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype UuidDigits = 32;

} // namespace

bool isHex(QStringView text)
{
    return !text.isEmpty() && std::ranges::all_of(text, [](QChar c) {
        return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F');
    });
}

bool isUuid(const QString &text)
{
    QString digits = text;
    digits.remove(u'-');
    return digits.size() == UuidDigits && isHex(digits);
}

Result<QString, AdminFailure> findClient(AdminClient &client, const QString &prefix)
{
    if (isUuid(prefix))
        return prefix.toLower().remove(u'-');
    if (!isHex(QString(prefix).remove(u'-'))) {
        return Unexpected(AdminFailure {
            .exitCode = ExitCode::Usage,
            .sentence = u"\"%1\" is not a UAID: 32 hexadecimal digits, or the first of them"_s.arg(
                prefix) });
    }
    QUrlQuery query;
    query.addQueryItem(u"text"_s, prefix);
    query.addQueryItem(u"limit"_s, u"10"_s);
    CARILLON_TRY(const AdminReply reply, client.get("/clients", query));
    const QJsonArray items = reply.json.value("items"_L1).toArray();
    QStringList uaids;
    for (const QJsonValue item : items)
        uaids << item.toObject().value("uaid"_L1).toString();
    if (uaids.size() == 1)
        return uaids.first();
    if (uaids.isEmpty())
        return Unexpected(
            AdminFailure { .sentence = u"no client has a UAID that begins with %1"_s.arg(prefix) });
    return Unexpected(AdminFailure {
        .exitCode = ExitCode::Usage,
        .sentence = u"several clients have a UAID that begins with %1: %2%3"_s.arg(
            prefix, uaids.join(u", "_s),
            reply.json.value("next"_L1).toString().isEmpty() ? QString() : u", …"_s) });
}

} // namespace Carillon
