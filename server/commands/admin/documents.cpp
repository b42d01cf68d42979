// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/documents.h"

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

bool isTable(const QJsonValue &value)
{
    const QJsonArray array = value.toArray();
    return !array.isEmpty() && array.first().isObject();
}

void addFacts(std::vector<Fact> &facts, const QString &prefix, const QJsonObject &document,
              const QStringList &first, const View &view)
{
    QStringList names = document.keys();
    const auto rank = [&first](const QString &name) {
        const qsizetype at = first.indexOf(name);
        return at < 0 ? first.size() : at;
    };
    std::ranges::stable_sort(names, {}, rank);
    for (const QString &name : names) {
        const QJsonValue value = document.value(name);
        const QString words = prefix.isEmpty() ? wordsOf(name) : prefix + u' ' + wordsOf(name);
        if (value.isNull() || isTable(value))
            continue;
        if (value.isObject())
            addFacts(facts, words, value.toObject(), first, view);
        else
            facts.push_back({ words, cellOf(value, kindOf(name, value), view) });
    }
}

} // namespace

QString wordsOf(const QString &memberName)
{
    QString words;
    for (const QChar c : memberName) {
        if (c.isUpper() && !words.isEmpty())
            words += u' ';
        words += c == u'_' ? QChar(u' ') : c.toLower();
    }
    return words;
}

FieldKind kindOf(const QString &memberName, const QJsonValue &value)
{
    const QString name = memberName.toLower();
    if (value.isString())
        return timeOf(value).isValid() && value.toString().contains(u'T') ? FieldKind::Moment
            : name == "state"_L1 || name == "status"_L1                   ? FieldKind::State
                                                                          : FieldKind::Text;
    if (value.isDouble()
        && (name.endsWith("bytes"_L1) || name == "size"_L1 || name == "free_disk"_L1
            || name == "memory"_L1))
        return FieldKind::Bytes;
    if (value.isDouble()
        && (name == "ttl"_L1 || name == "uptime"_L1 || name.endsWith("seconds"_L1)))
        return FieldKind::Span;
    return value.isDouble() ? FieldKind::Number : FieldKind::Text;
}

std::vector<Fact> allFacts(const QJsonObject &document, const QStringList &first, const View &view)
{
    std::vector<Fact> facts;
    addFacts(facts, {}, document, first, view);
    return facts;
}

std::vector<QJsonObject> inOrder(const QJsonArray &items)
{
    std::vector<QJsonObject> entries;
    for (const QJsonValue item : items)
        entries.push_back(item.toObject());
    std::ranges::stable_sort(
        entries, {}, [](const QJsonObject &entry) { return entry.value("id"_L1).toInteger(); });
    return entries;
}

void printEvents(const AdminSession &session, const QString &title, const QJsonArray &events)
{
    if (events.isEmpty())
        return;
    printLine(u'\n' + session.terminal.palette.paint(title, Tone::Heading));
    for (const QJsonObject &event : inOrder(events))
        printLine(eventLine(event, session.lineStyle()));
}

void printPart(const AdminSession &session, const QString &title, const Table &table)
{
    if (table.isEmpty())
        return;
    printLine(u'\n' + session.terminal.palette.paint(title, Tone::Heading));
    printTable(session, table);
}

} // namespace Carillon
