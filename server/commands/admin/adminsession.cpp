// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/adminsession.h"

#include "server/commands/terminal/text.h"

#include <QJsonDocument>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr int LeastValueWidth = 20;

/// Folds text into lines of at most `width` columns, between words where possible.
QStringList folded(const QString &text, int width)
{
    QStringList lines;
    QString line;
    for (QString word : text.split(u' ')) {
        if (!line.isEmpty() && displayWidth(line) + 1 + displayWidth(word) > width)
            lines << std::exchange(line, {});
        while (displayWidth(word) > width) {
            QString head = elided(word, width);
            head.chop(1); // the ellipsis
            if (head.isEmpty())
                break;
            lines << head;
            word = word.sliced(head.size());
        }
        line += line.isEmpty() ? word : u' ' + word;
    }
    return lines << line;
}

} // namespace

Command adminCommand(Command command, AdminRun run)
{
    command.group = CommandGroup::Running;
    command.options.push_back({ u"--json"_s, {}, u"Prints the JSON of the admin API."_s });
    command.options.push_back(
        { u"--wide"_s, {}, u"Shortens nothing, and prints times in full."_s });
    for (Option &option : adminAddressOptions())
        command.options.push_back(std::move(option));
    command.run = [run = std::move(run)](const Invocation &invocation) {
        const Arguments &arguments = invocation.arguments;
        auto address = findAdmin(arguments, processEnvironment());
        if (!address)
            return report(address.error());
        AdminSession session { .client = AdminClient(*std::move(address)),
                               .terminal = Terminal::ofStandardOutput(),
                               .isJson = arguments.has(u"--json"_s),
                               .isWide = arguments.has(u"--wide"_s) };
        return run(session, arguments);
    };
    return command;
}

ExitCode report(const AdminFailure &failure)
{
    printError(printable(failure.sentence));
    return failure.exitCode;
}

ExitCode reportUsage(const QString &sentence)
{
    return report({ .exitCode = ExitCode::Usage, .sentence = sentence });
}

QString jsonText(const QJsonObject &document, bool inOneLine)
{
    const QByteArray bytes = QJsonDocument(document).toJson(inOneLine ? QJsonDocument::Compact
                                                                      : QJsonDocument::Indented);
    const QString text = QString::fromUtf8(bytes.trimmed());
    QString safe;
    safe.reserve(text.size());
    // Outside of strings there is only ASCII.
    for (const char32_t c : text.toUcs4()) {
        QString units;
        units += QChar::fromUcs4(c);
        if (c == '\n' || (c >= ' ' && c < 0x7f) || printable(units) == units) {
            safe += units;
            continue;
        }
        for (const QChar unit : units)
            safe += u"\\u%1"_s.arg(unit.unicode(), 4, 16, QChar(u'0'));
    }
    return safe;
}

void printJson(const QJsonObject &document)
{
    printLine(jsonText(document));
}

void printTable(const AdminSession &session, const Table &table, const QString &remark)
{
    const Table::Layout layout = table.layout(session.width(), session.terminal.palette);
    printLine(layout.lines.join(u'\n'));
    if (!session.terminal.isTerminal)
        return;
    QStringList remarks;
    if (!remark.isEmpty())
        remarks << remark;
    if (!layout.leftOut.isEmpty())
        remarks << u"not shown: %1 (--wide)"_s.arg(layout.leftOut.join(u", "_s).toLower());
    if (!remarks.isEmpty())
        printLine(session.terminal.palette.paint(remarks.join(u"; "_s), Tone::Quiet));
}

void printFacts(const AdminSession &session, std::span<const Fact> facts)
{
    int nameWidth = 0;
    for (const Fact &fact : facts)
        nameWidth = std::max(nameWidth, displayWidth(printable(fact.name)));
    const int room =
        session.width() == 0 ? 0 : std::max(LeastValueWidth, session.width() - nameWidth - 2);
    const Palette &palette = session.terminal.palette;
    for (const Fact &fact : facts) {
        if (fact.name.isEmpty()) {
            printLine({});
            continue;
        }
        const QString value = printable(fact.value.text);
        const QStringList lines = room == 0 ? QStringList(value) : folded(value, room);
        QString text = palette.paint(padded(printable(fact.name), nameWidth), Tone::Quiet) + "  "_L1
            + palette.paint(lines.first(), fact.value.tone);
        for (const QString &more : lines.sliced(1))
            text += u'\n' + QString(nameWidth + 2, u' ') + palette.paint(more, fact.value.tone);
        printLine(text);
    }
}

std::vector<Fact> factsOf(std::span<const Field> fields, const QJsonObject &document,
                          const View &view)
{
    std::vector<Fact> facts;
    for (const Field &field : fields) {
        const QJsonValue value = memberOf(document, field.member);
        if (!value.isNull() && !value.isUndefined())
            facts.push_back({ field.title, cellOf(value, field.kind, view) });
    }
    return facts;
}

} // namespace Carillon
