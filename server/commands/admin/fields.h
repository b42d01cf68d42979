// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/terminal/table.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonObject>
#include <QString>

#include <cstdint>
#include <span>

// How members of the API's documents are shown.
namespace Carillon {

enum class FieldKind : std::uint8_t {
    Text,
    Id,
    Number,
    Bytes,
    Rate, ///< per second
    Percent,
    Latency, ///< milliseconds
    Span, ///< seconds
    Moment, ///< seen from the server's clock
    State, ///< a word whose colour says whether that is good
    YesNo,
    Presence, ///< whether a client is connected
    Counts, ///< an object of numbers by name
};

struct Field
{
    QString title;
    /// Of the member, with dots into objects: "connection.since".
    QString member;
    FieldKind kind = FieldKind::Text;
    /// As Column::rank.
    int rank = 0;
};

/// How an answer is looked at.
struct View
{
    /// The server's clock.
    QDateTime now;
    /// Times in full.
    bool isWide = false;
};

/// A member of a document, or of an object in it.
[[nodiscard]] QJsonValue memberOf(const QJsonObject &document, const QString &path);
/// A value as its kind is shown; "–" if there is none. Not made printable yet.
[[nodiscard]] Cell cellOf(const QJsonValue &value, FieldKind kind, const View &view);
/// A row for each item, a column for each field. Fields that no item has are left out, unless
/// their rank is 0.
[[nodiscard]] Table tableOf(std::span<const Field> fields, const QJsonArray &items,
                            const View &view);
/// A time of the API (RFC 3339); not valid if it is none.
[[nodiscard]] QDateTime timeOf(const QJsonValue &value);

} // namespace Carillon
