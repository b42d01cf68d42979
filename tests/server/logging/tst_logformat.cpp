// SPDX-License-Identifier: MPL-2.0
#include "server/logging/logformat.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryFile>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace Carillon;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const LogRecord::Time SomeTime { 1'700'000'000'123'456'789ns };
const LogSource Here { "carillon-1.2", "push.example", 17 };

LogRecord saying(QByteArray message, LogLevel level = LogLevel::Warning)
{
    return { .time = SomeTime,
             .level = level,
             .category = "carillon.net",
             .message = std::move(message),
             .fields = {} };
}

QJsonObject parsed(const QByteArray &line)
{
    QJsonParseError error;
    const QJsonObject object = QJsonDocument::fromJson(line, &error).object();
    return error.error == QJsonParseError::NoError ? object : QJsonObject();
}

} // namespace

class TestLogFormat : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void eachStyle_isOneLine_data()
    {
        QTest::addColumn<LogStyle>("style");
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("plain") << LogStyle::Plain
                               << "2023-11-14T22:13:20.123Z warning carillon.net: a %1 b\n"_ba;
        QTest::newRow("terminal")
            << LogStyle::Coloured
            << "\x1b[90m2023-11-14T22:13:20.123Z\x1b[0m \x1b[33mwarning\x1b[0m "
               "carillon.net: a %1 b\n"_ba;
        QTest::newRow("journal") << LogStyle::Journal << "<4>carillon.net: a %1 b\n"_ba;
        const QByteArray json =
            R"({"EnvVersion":"2.0","Fields":{"category":"carillon.net","level":"warning",)"
            R"("msg":"a %1 b"},"Hostname":"push.example","Logger":"carillon-1.2","Pid":17,)"
            R"("Severity":4,"Time":"2023-11-14T22:13:20.123Z","Timestamp":1700000000123456789,)"
            R"("Type":"carillon:log"})"
            "\n";
        QTest::newRow("json") << LogStyle::Json << json;
        QTest::newRow("json in the journal") << LogStyle::JournalJson << "<4>" + json;
    }
    void eachStyle_isOneLine()
    {
        QFETCH(LogStyle, style);
        QFETCH(QByteArray, line);
        QCOMPARE(formatLogLine(style, saying("a %1 b"), Here), line);
    }

    void levels_haveSyslogsSeverities()
    {
        const std::pair<LogLevel, int> pairs[] = { { LogLevel::Debug, 7 },
                                                   { LogLevel::Info, 6 },
                                                   { LogLevel::Warning, 4 },
                                                   { LogLevel::Error, 3 } };
        for (const auto &[level, severity] : pairs) {
            const LogRecord record = saying("x", level);
            QCOMPARE(parsed(formatLogLine(LogStyle::Json, record, Here))["Severity"_L1], severity);
            QVERIFY(formatLogLine(LogStyle::Journal, record, Here)
                        .startsWith('<' + QByteArray::number(severity) + '>'));
        }
    }

    void fields_areInJsonLines()
    {
        LogRecord record = saying("POST 410");
        record.fields = R"({"code":410,"errno":106})";
        const QJsonObject line =
            parsed(formatLogLine(LogStyle::Json, record, Here, "request.summary"));
        QCOMPARE(line["Type"_L1], u"request.summary"_s);
        const QJsonObject fields = line["Fields"_L1].toObject();
        QCOMPARE(fields["code"_L1], 410);
        QCOMPARE(fields["errno"_L1], 106);
        QCOMPARE(fields["msg"_L1], u"POST 410"_s);
        QVERIFY(!formatLogLine(LogStyle::Plain, record, Here).contains('{'));
    }

    void message_cannotPassForTwo()
    {
        const QByteArray message = "first\n2023-11-14T22:13:20.123Z info carillon.app: "
                                   "forged\x1b[2J\r\x7f\xc2\x9b";
        const LogRecord record = saying(message);
        const QByteArray plain = formatLogLine(LogStyle::Plain, record, Here);
        QVERIFY(plain.contains("first\n    2023-"));
        QVERIFY(plain.endsWith("forged\\x1b[2J\\x0d\\x7f\\x9b\n"));
        const QByteArray journal = formatLogLine(LogStyle::Journal, record, Here);
        QVERIFY(journal.startsWith("<4>carillon.net: first\n<4>    2023-"));
        const QByteArray json = formatLogLine(LogStyle::Json, record, Here);
        QCOMPARE(json.count('\n'), 1);
        QCOMPARE(parsed(json)["Fields"_L1]["msg"_L1].toString(), QString::fromUtf8(message));
    }

    void json_isValidForEveryByte()
    {
        for (int first = 0; first < 256; ++first) {
            QByteArray message = "a";
            message.append(static_cast<char>(first)).append("\"\\b");
            const QByteArray line = formatLogLine(LogStyle::Json, saying(message), Here);
            QVERIFY2(parsed(line).contains("Fields"_L1), message.toHex().constData());
            QCOMPARE(line.count('\n'), 1);
            QVERIFY2(line.isValidUtf8(), message.toHex().constData());
        }
        LogRecord record = saying("x");
        record.category = "\xff\"\n";
        record.fields = "no JSON";
        QVERIFY(parsed(formatLogLine(LogStyle::Json, record, Here)).contains("Fields"_L1));
    }

    void journal_isRecognizedByItsSocket()
    {
        QTemporaryFile file;
        QVERIFY(file.open());
        const int saved = ::dup(STDERR_FILENO);
        QVERIFY(::dup2(file.handle(), STDERR_FILENO) >= 0);
        struct stat status
        {
        };
        QCOMPARE(::fstat(STDERR_FILENO, &status), 0);
        const QByteArray device = QByteArray::number(qulonglong { status.st_dev });
        const QByteArray inode = QByteArray::number(qulonglong { status.st_ino });
        qputenv("JOURNAL_STREAM", device + ':' + inode);
        const LogStyle text = styleFor(LogFormat::Text);
        const LogStyle json = styleFor(LogFormat::Json);
        qputenv("JOURNAL_STREAM", device + ":1");
        const LogStyle other = styleFor(LogFormat::Text);
        qunsetenv("JOURNAL_STREAM");
        const LogStyle none = styleFor(LogFormat::Json);
        ::dup2(saved, STDERR_FILENO);
        ::close(saved);
        QCOMPARE(text, LogStyle::Journal);
        QCOMPARE(json, LogStyle::JournalJson);
        QCOMPARE(other, LogStyle::Plain);
        QCOMPARE(none, LogStyle::Json);
    }

    void source_isThisProcess()
    {
        const LogSource source = LogSource::ofThisProcess();
        QCOMPARE(source.pid, qint64 { ::getpid() });
        QVERIFY(source.logger.startsWith("carillon-"));
        QVERIFY(!source.hostname.isEmpty());
    }
};

QTEST_APPLESS_MAIN(TestLogFormat)
#include "tst_logformat.moc"
