// SPDX-License-Identifier: MPL-2.0
#include "server/admin/admincursor.h"

#include <QJsonDocument>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr auto CursorEncoding = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;

} // namespace

QString AdminCursor::toText() const
{
    const QJsonObject object {
        { u"k"_s, key }, { u"s"_s, sort }, { u"r"_s, reverse }, { u"f"_s, filters }
    };
    return QString::fromLatin1(
        QJsonDocument(object).toJson(QJsonDocument::Compact).toBase64(CursorEncoding));
}

std::optional<AdminCursor> AdminCursor::fromText(const QString &text)
{
    const auto bytes = QByteArray::fromBase64Encoding(
        text.toLatin1(), CursorEncoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!bytes)
        return std::nullopt;
    const QJsonObject object = QJsonDocument::fromJson(*bytes).object();
    const bool isCursor = object.size() == 4 && object.value(u"k"_s).isArray()
        && object.value(u"s"_s).isString() && object.value(u"r"_s).isBool()
        && object.value(u"f"_s).isObject();
    if (!isCursor)
        return std::nullopt;
    return AdminCursor { .sort = object.value(u"s"_s).toString(),
                         .reverse = object.value(u"r"_s).toBool(),
                         .key = object.value(u"k"_s).toArray(),
                         .filters = object.value(u"f"_s).toObject() };
}

} // namespace Carillon
