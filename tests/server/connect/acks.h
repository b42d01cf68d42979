// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace Carillon {

/// What a client says that has got this notification.
[[nodiscard]] inline QByteArray ackOf(const QByteArray &notification)
{
    const QJsonObject object = QJsonDocument::fromJson(notification).object();
    const QJsonObject update { { QStringLiteral("channelID"), object[QLatin1String("channelID")] },
                               { QStringLiteral("version"), object[QLatin1String("version")] } };
    return QJsonDocument(QJsonObject { { QStringLiteral("messageType"), QStringLiteral("ack") },
                                       { QStringLiteral("updates"), QJsonArray { update } } })
        .toJson(QJsonDocument::Compact);
}

} // namespace Carillon
