// SPDX-License-Identifier: MPL-2.0
#include "core/reliability/reliabilityreport.h"
#include "server/commands/commands.h"
#include "server/storage/sqlite/sqlitetimelines.h"

#include <QDateTime>
#include <QJsonDocument>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Reads the timelines of a day from the database. It changes nothing, and the server that uses the
/// database goes on meanwhile. The error is a sentence.
Result<ReliabilityReport, QString> reportFrom(const QString &path, QDate date)
{
    const auto failed = [&path](const QString &why) {
        return Unexpected(u"the database %1 cannot be read: %2"_s.arg(path, why));
    };
    const auto connection = SqliteConnection::openToInspect(path);
    if (!connection)
        return failed(connection.error());
    SqliteTimelines timelines(**connection);
    ReportBuilder builder;
    TimelineQuery query { .from = beginOf(date), .to = beginOf(date.addDays(1)) };
    do {
        const auto page = timelines.find(query);
        if (!page)
            return failed((*connection)->errorText());
        for (const Timeline &timeline : page->timelines)
            builder.add(timeline);
        query.after = page->next;
    } while (query.after);
    return builder.report(date);
}

ExitCode printReport(const Invocation &invocation)
{
    const QString format = invocation.arguments.value(u"--format"_s).value_or(u"md"_s);
    if (format != "md"_L1 && format != "json"_L1) {
        printError(u"--format takes md or json, not "_s + format);
        return ExitCode::Usage;
    }
    QDate date = QDateTime::currentDateTimeUtc().date();
    if (const auto given = invocation.arguments.value(u"--date"_s)) {
        date = QDate::fromString(*given, Qt::ISODate);
        if (!date.isValid()) {
            printError(u"--date takes a date such as 2026-03-14, not "_s + *given);
            return ExitCode::Usage;
        }
    }
    const auto loaded = loadSettings(invocation.settings);
    if (!loaded) {
        for (const QString &problem : loaded.error())
            printError(problem);
        return ExitCode::Usage;
    }
    const StorageDsn &dsn = loaded->settings.storage.dsn;
    if (dsn.backend != StorageBackend::Sqlite) {
        printError(u"storage.dsn is memory: what the server records is not in a file"_s);
        return ExitCode::Failure;
    }
    const auto made = reportFrom(dsn.path, date);
    if (!made) {
        printError(made.error());
        return ExitCode::Failure;
    }
    const QByteArray text =
        format == "json"_L1 ? QJsonDocument(toJson(*made)).toJson() : toMarkdown(*made);
    printLine(QString::fromUtf8(text.trimmed()));
    return ExitCode::Success;
}

} // namespace

Command reportCommand()
{
    return {
        .name = u"report"_s,
        .synopsis = u"[--date DATE] [--format md|json] [settings]"_s,
        .summary = u"prints what became of the tracked messages of a day"_s,
        .description =
            u"Prints a report on the tracked messages that were received on a day (UTC): how many\n"
            "were delivered, expired or failed, and how long they took from milestone to\n"
            "milestone. It reads the database of the server, which may be running, and takes\n"
            "the same settings as `carillon serve`. [reliability] says which messages are\n"
            "tracked."_s,
        .options = { { u"--date"_s, u"DATE"_s, u"Day of the report. Default: today."_s },
                     { u"--format"_s, u"FORMAT"_s, u"md (the default) or json."_s } },
        .example = u"carillon report --date 2026-03-14 --format json"_s,
        .takesSettings = true,
        .run = printReport,
    };
}

} // namespace Carillon
