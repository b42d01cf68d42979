// SPDX-License-Identifier: MPL-2.0
#include "server/logging/logrecord.h"

#include <QDateTime>
#include <QJsonDocument>

#include <array>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr std::array<QByteArrayView, 4> LevelNames { "debug", "info", "warning", "error" };

} // namespace

QByteArrayView levelName(LogLevel level)
{
    return LevelNames[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> levelNamed(QByteArrayView name)
{
    for (std::size_t index = 0; index < LevelNames.size(); ++index) {
        if (LevelNames[index] == name)
            return static_cast<LogLevel>(index);
    }
    return std::nullopt;
}

QJsonObject toJson(const LogRecord &record)
{
    const auto sinceEpoch =
        std::chrono::duration_cast<std::chrono::milliseconds>(record.time.time_since_epoch());
    QJsonObject json {
        { u"id"_s, static_cast<qint64>(record.id) },
        { u"time"_s,
          QDateTime::fromMSecsSinceEpoch(sinceEpoch.count(), Qt::UTC).toString(Qt::ISODateWithMs) },
        { u"level"_s, QString::fromLatin1(levelName(record.level)) },
        { u"category"_s, QString::fromUtf8(record.category) },
        { u"message"_s, QString::fromUtf8(record.message) },
    };
    if (!record.fields.isEmpty())
        json.insert(u"fields"_s, QJsonDocument::fromJson(record.fields).object());
    return json;
}

} // namespace Carillon
