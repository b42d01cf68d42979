// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/admin/adminsession.h"

#include <QJsonArray>
#include <QJsonObject>

#include <vector>

// Documents of the API whose members are all shown, whatever they are.
namespace Carillon {

/// A member's name in words: "lastSeen" → "last seen".
[[nodiscard]] QString wordsOf(const QString &memberName);
/// What kind of value a member of this name has, by the API's naming: times and bytes are known by
/// it.
[[nodiscard]] FieldKind kindOf(const QString &memberName, const QJsonValue &value);
/// Every member of a document, those of objects in it after the object's name; without arrays of
/// objects, and without members that are null. The members named come first, in their order.
[[nodiscard]] std::vector<Fact> allFacts(const QJsonObject &document, const QStringList &first,
                                         const View &view);

/// Events of the history, oldest first, under a title; nothing if there are none.
void printEvents(const AdminSession &session, const QString &title, const QJsonArray &events);
/// The entries of a list of events or log records, oldest first, as time runs down a terminal.
[[nodiscard]] std::vector<QJsonObject> inOrder(const QJsonArray &items);
/// A part of an answer with a title of its own; nothing if the table is empty.
void printPart(const AdminSession &session, const QString &title, const Table &table);

} // namespace Carillon
