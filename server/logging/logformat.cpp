// SPDX-License-Identifier: MPL-2.0
#include "server/logging/logformat.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>

#include <array>

#include <sys/stat.h>
#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

struct LevelStyle
{
    /// syslog's (sd-daemon(3)).
    int priority;
    /// ANSI.
    int colour;
};

const LevelStyle &styleOf(LogLevel level)
{
    static constexpr std::array<LevelStyle, 4> Styles {
        { { 7, 90 }, { 6, 32 }, { 4, 33 }, { 3, 31 } }
    };
    return Styles[static_cast<std::size_t>(level)];
}

/// newline: what begins a further line.
QByteArray visible(QByteArrayView message, QByteArrayView newline)
{
    QString text;
    for (const QChar c : QString::fromUtf8(message)) {
        if (c == u'\n')
            text += QLatin1StringView(newline);
        else if (c.unicode() < 0x20 || (c.unicode() >= 0x7f && c.unicode() < 0xa0))
            text += u"\\x%1"_s.arg(static_cast<uint>(c.unicode()), 2, 16, QChar(u'0'));
        else
            text += c;
    }
    return text.toUtf8();
}

QByteArray timeText(LogRecord::Time time)
{
    const auto sinceEpoch =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
    return QDateTime::fromMSecsSinceEpoch(sinceEpoch.count(), Qt::UTC)
        .toString(Qt::ISODateWithMs)
        .toLatin1();
}

QByteArray priorityText(LogLevel level)
{
    return '<' + QByteArray::number(styleOf(level).priority) + '>';
}

QByteArray json(const LogRecord &record, const LogSource &source, QByteArrayView type)
{
    QJsonObject fields = QJsonDocument::fromJson(record.fields).object();
    fields.insert(u"msg"_s, QString::fromUtf8(record.message));
    fields.insert(u"category"_s, QString::fromUtf8(record.category));
    fields.insert(u"level"_s, QString::fromLatin1(levelName(record.level)));
    const QJsonObject envelope {
        { u"Timestamp"_s, qint64 { record.time.time_since_epoch().count() } },
        { u"Time"_s, QString::fromLatin1(timeText(record.time)) },
        { u"Type"_s, type.isEmpty() ? u"carillon:log"_s : QString::fromLatin1(type) },
        { u"Logger"_s, QString::fromUtf8(source.logger) },
        { u"Hostname"_s, QString::fromUtf8(source.hostname) },
        { u"EnvVersion"_s, u"2.0"_s },
        { u"Pid"_s, source.pid },
        { u"Severity"_s, styleOf(record.level).priority },
        { u"Fields"_s, fields },
    };
    return QJsonDocument(envelope).toJson(QJsonDocument::Compact) + '\n';
}

/// Whether stderr is the journal's socket: systemd names it by device and inode.
bool isJournal()
{
    const QList<QByteArray> named = qgetenv("JOURNAL_STREAM").split(':');
    struct stat status
    {
    };
    return named.size() == 2 && ::fstat(STDERR_FILENO, &status) == 0
        && named[0].toULongLong() == status.st_dev && named[1].toULongLong() == status.st_ino;
}

} // namespace

LogStyle styleFor(LogFormat format)
{
    const bool journal = isJournal();
    if (format == LogFormat::Json)
        return journal ? LogStyle::JournalJson : LogStyle::Json;
    if (journal)
        return LogStyle::Journal;
    const bool colour = ::isatty(STDERR_FILENO) == 1 && qEnvironmentVariableIsEmpty("NO_COLOR");
    return colour ? LogStyle::Coloured : LogStyle::Plain;
}

LogSource LogSource::ofThisProcess()
{
    std::array<char, 256> hostname {};
    if (::gethostname(hostname.data(), hostname.size() - 1) != 0)
        hostname[0] = 0;
    return { QByteArrayLiteral("carillon-" CARILLON_VERSION), QByteArray(hostname.data()),
             qint64 { ::getpid() } };
}

QByteArray formatLogLine(LogStyle style, const LogRecord &record, const LogSource &source,
                         QByteArrayView type)
{
    constexpr QByteArrayView Indented = "\n    ";
    switch (style) {
    case LogStyle::Json:
        return json(record, source, type);
    case LogStyle::JournalJson:
        return priorityText(record.level) + json(record, source, type);
    case LogStyle::Journal: {
        const QByteArray priority =
            priorityText(record.level); // the journal takes it off each line
        return priority + record.category + ": "
            + visible(record.message, QByteArray('\n' + priority + "    ")) + '\n';
    }
    case LogStyle::Coloured:
        return "\x1b[90m" + timeText(record.time) + "\x1b[0m \x1b["
            + QByteArray::number(styleOf(record.level).colour) + 'm'
            + levelName(record.level).toByteArray().leftJustified(7) + "\x1b[0m " + record.category
            + ": " + visible(record.message, Indented) + '\n';
    case LogStyle::Plain:
        return timeText(record.time) + ' ' + levelName(record.level).toByteArray().leftJustified(7)
            + ' ' + record.category + ": " + visible(record.message, Indented) + '\n';
    }
    Q_UNREACHABLE();
}

} // namespace Carillon
