// SPDX-License-Identifier: MPL-2.0
#include "server/logging/processlog.h"

#include "core/base/log.h"
#include "core/base/logfields.h"

#include <QJsonDocument>

#include <cerrno>
#include <cstring>

#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

// Qt's message handler is a plain function.
std::atomic<ProcessLog *> currentLog { nullptr };

LogLevel levelOfType(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return LogLevel::Debug;
    case QtInfoMsg:
        return LogLevel::Info;
    case QtWarningMsg:
        return LogLevel::Warning;
    case QtCriticalMsg:
    case QtFatalMsg:
        return LogLevel::Error;
    }
    Q_UNREACHABLE();
}

bool isAtDebug(const char *category)
{
    for (const QLoggingCategory *const each : allLogCategories()) {
        if (std::strcmp(each->categoryName(), category) == 0)
            return each->isDebugEnabled();
    }
    return false;
}

void write(const QByteArray &line)
{
    qsizetype written = 0;
    while (written < line.size()) {
        const ssize_t count = ::write(STDERR_FILENO, line.constData() + written,
                                      static_cast<size_t>(line.size() - written));
        if (count < 0 && errno != EINTR)
            return; // nowhere left to say so
        if (count > 0)
            written += count;
    }
}

} // namespace

ProcessLog::ProcessLog(const LogOptions &options)
    : m_source(LogSource::ofThisProcess()), m_style(styleFor(options.format))
{
    m_levels.apply(options);
    currentLog = this;
    qInstallMessageHandler(&ProcessLog::handle);
}

ProcessLog::~ProcessLog()
{
    qInstallMessageHandler(nullptr);
    currentLog = nullptr;
}

void ProcessLog::apply(const LogOptions &options)
{
    m_style = styleFor(options.format);
    m_levels.apply(options);
}

void ProcessLog::handle(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const int savedErrno = errno;
    if (ProcessLog *const log = currentLog)
        log->take(type, context.category ? context.category : "default", message);
    errno = savedErrno;
}

void ProcessLog::take(QtMsgType type, const char *category, const QString &message)
{
    const LogFields *const fields = takeFieldsOfThisLine();
    const LogLevel level = levelOfType(type);
    if (level != LogLevel::Debug && type != QtFatalMsg && !isAtDebug(category)) {
        const LineBudgets::Verdict verdict =
            m_budgets.take(category, std::chrono::steady_clock::now());
        if (!verdict.pass)
            return;
        if (verdict.leftOut > 0)
            log(LogLevel::Warning, category,
                u"%1 lines of this category were left out, because it had more than %2 a minute"_s
                    .arg(verdict.leftOut)
                    .arg(LineBudgets::Lines.count),
                nullptr);
    }
    log(level, category, message, fields);
}

void ProcessLog::log(LogLevel level, const char *category, const QString &message,
                     const LogFields *fields)
{
    LogRecord record {
        .time = std::chrono::system_clock::now(),
        .level = level,
        .category = QByteArray(category),
        .message = message.toUtf8(),
        .fields =
            fields ? QJsonDocument(fields->values).toJson(QJsonDocument::Compact) : QByteArray(),
    };
    const QByteArray line =
        formatLogLine(m_style, record, m_source, fields ? fields->type : QByteArrayView());
    m_ring.add(std::move(record));
    const MutexLock lock(m_output);
    write(line);
}

} // namespace Carillon
