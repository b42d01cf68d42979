// SPDX-License-Identifier: MPL-2.0
#include "server/app/logging.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QLoggingCategory>

#include <atomic>
#include <cerrno>
#include <mutex>

#include <sys/stat.h>
#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

struct Level
{
    QtMsgType type;
    LogLevel level;
    QLatin1StringView name;
    /// syslog's (sd-daemon(3)).
    int priority;
    /// ANSI.
    int colour;
};

constexpr Level Levels[] = { { QtDebugMsg, LogLevel::Debug, "debug"_L1, 7, 90 },
                             { QtInfoMsg, LogLevel::Info, "info"_L1, 6, 32 },
                             { QtWarningMsg, LogLevel::Warning, "warning"_L1, 4, 33 },
                             { QtCriticalMsg, LogLevel::Error, "error"_L1, 3, 31 },
                             { QtFatalMsg, LogLevel::Error, "fatal"_L1, 2, 31 } };

const Level &levelOf(QtMsgType type)
{
    for (const Level &level : Levels) {
        if (level.type == type)
            return level;
    }
    return Levels[0];
}

QString visible(const QString &message)
{
    QString text;
    text.reserve(message.size());
    for (const QChar c : message) {
        if (c == u'\n')
            text += "\n    "_L1;
        else if (c.unicode() < 0x20 || (c.unicode() >= 0x7f && c.unicode() < 0xa0))
            text += u"\\x%1"_s.arg(static_cast<uint>(c.unicode()), 2, 16, QChar(u'0'));
        else
            text += c;
    }
    return text;
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

LogStyle styleFor(LogFormat format)
{
    if (format == LogFormat::Json)
        return LogStyle::Json;
    if (isJournal())
        return LogStyle::Journal;
    const bool colour = ::isatty(STDERR_FILENO) == 1 && qEnvironmentVariableIsEmpty("NO_COLOR");
    return colour ? LogStyle::Coloured : LogStyle::Plain;
}

// Qt's message handler is a plain function, so what it needs lives here.
std::mutex outputMutex;
std::atomic<LogStyle> currentStyle { LogStyle::Plain };

void handleMessage(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const int savedErrno = errno;
    const QByteArray line = formatLogLine(
        currentStyle, QDateTime::currentDateTimeUtc(), type,
        QString::fromLatin1(context.category ? context.category : "default"), message);
    {
        const std::lock_guard lock(outputMutex);
        qsizetype written = 0;
        while (written < line.size()) {
            const ssize_t count = ::write(STDERR_FILENO, line.constData() + written,
                                          static_cast<size_t>(line.size() - written));
            if (count < 0 && errno != EINTR)
                break; // nowhere left to say so
            if (count > 0)
                written += count;
        }
    }
    errno = savedErrno;
}

} // namespace

QByteArray formatLogLine(LogStyle style, const QDateTime &time, QtMsgType type,
                         const QString &category, const QString &message)
{
    const Level &level = levelOf(type);
    const QString stamp = time.toString(Qt::ISODateWithMs);
    const QString text = category + ": "_L1 + visible(message);
    switch (style) {
    case LogStyle::Json: {
        const QJsonObject entry { { u"time"_s, stamp },
                                  { u"level"_s, QString(level.name) },
                                  { u"category"_s, category },
                                  { u"message"_s, message } };
        return QJsonDocument(entry).toJson(QJsonDocument::Compact) + '\n';
    }
    case LogStyle::Journal:
        return u"<%1>%2\n"_s.arg(level.priority).arg(text).toUtf8();
    case LogStyle::Coloured:
        return u"\x1b[90m%1\x1b[0m \x1b[%2m%3\x1b[0m %4\n"_s.arg(stamp)
            .arg(level.colour)
            .arg(QString(level.name), -7)
            .arg(text)
            .toUtf8();
    case LogStyle::Plain:
        return u"%1 %2 %3\n"_s.arg(stamp).arg(QString(level.name), -7).arg(text).toUtf8();
    }
    Q_UNREACHABLE();
}

QString filterRules(const LogOptions &log)
{
    QStringList rules;
    const auto add = [&](const QString &category, LogLevel least) {
        for (const Level &level : Levels) {
            if (level.type == QtFatalMsg)
                continue;
            const QLatin1StringView name = level.type == QtCriticalMsg ? "critical"_L1 : level.name;
            rules << category + u'.' + name + (level.level >= least ? "=true"_L1 : "=false"_L1);
        }
    };
    // Qt's own categories at debug would drown ours.
    add(u"*"_s, std::max(log.level, LogLevel::Warning));
    add(u"carillon.*"_s, log.level);
    for (const LogRule &rule : log.rules)
        add(rule.category, rule.level);
    return rules.join(u'\n');
}

void startLogging(const LogOptions &log)
{
    currentStyle = styleFor(log.format);
    qInstallMessageHandler(handleMessage);
    QLoggingCategory::setFilterRules(filterRules(log));
}

} // namespace Carillon
