// SPDX-License-Identifier: MPL-2.0
#include "server/app/logging.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QLoggingCategory>
#include <QTemporaryFile>
#include <QTest>

#include <thread>
#include <vector>

#include <unistd.h>

using namespace Carillon;
using namespace Qt::StringLiterals;

namespace {

const QDateTime SomeTime = QDateTime::fromMSecsSinceEpoch(1'700'000'000'123, Qt::UTC);

/// Everything written to stderr while it lives.
class CapturedStderr
{
public:
    CapturedStderr() : m_saved(::dup(STDERR_FILENO))
    {
        if (!m_file.open() || ::dup2(m_file.handle(), STDERR_FILENO) < 0)
            qFatal("stderr cannot be captured");
    }
    ~CapturedStderr()
    {
        ::dup2(m_saved, STDERR_FILENO);
        ::close(m_saved);
    }
    [[nodiscard]] QByteArray text()
    {
        m_file.seek(0);
        return m_file.readAll();
    }

private:
    int m_saved;
    QTemporaryFile m_file;
};

} // namespace

class TestLogging : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void cleanup()
    {
        qInstallMessageHandler(nullptr);
        QLoggingCategory::setFilterRules({});
    }

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
        QTest::newRow("json")
            << LogStyle::Json
            << "{\"category\":\"carillon.net\",\"level\":\"warning\",\"message\":\"a "
               "%1 b\",\"time\":\"2023-11-14T22:13:20.123Z\"}\n"_ba;
    }
    void eachStyle_isOneLine()
    {
        QFETCH(LogStyle, style);
        QFETCH(QByteArray, line);
        QCOMPARE(formatLogLine(style, SomeTime, QtWarningMsg, u"carillon.net"_s, u"a %1 b"_s),
                 line);
    }

    void message_cannotPassForTwo()
    {
        const QString message =
            u"first\n2023-11-14T22:13:20.123Z info carillon.app: forged\x1b[2J"_s;
        const QByteArray plain =
            formatLogLine(LogStyle::Plain, SomeTime, QtInfoMsg, u"carillon.net"_s, message);
        QVERIFY(plain.contains("first\n    2023-"));
        QVERIFY(plain.contains("forged\\x1b[2J"));
        const QByteArray json =
            formatLogLine(LogStyle::Json, SomeTime, QtInfoMsg, u"carillon.net"_s, message);
        QCOMPARE(json.count('\n'), 1);
        QCOMPARE(QJsonDocument::fromJson(json).object().value("message"_L1).toString(), message);
    }

    void levels_letThroughWhatIsConfigured_data()
    {
        QTest::addColumn<LogLevel>("level");
        QTest::addColumn<QList<bool>>("enabled"); // debug, info, warning, critical
        QTest::newRow("debug") << LogLevel::Debug << QList { true, true, true, true };
        QTest::newRow("info") << LogLevel::Info << QList { false, true, true, true };
        QTest::newRow("warning") << LogLevel::Warning << QList { false, false, true, true };
        QTest::newRow("error") << LogLevel::Error << QList { false, false, false, true };
    }
    void levels_letThroughWhatIsConfigured()
    {
        QFETCH(LogLevel, level);
        QFETCH(QList<bool>, enabled);
        QLoggingCategory::setFilterRules(filterRules({ .level = level, .rules = {} }));
        const QLoggingCategory category("carillon.test", QtInfoMsg);
        QCOMPARE(category.isDebugEnabled(), enabled[0]);
        QCOMPARE(category.isInfoEnabled(), enabled[1]);
        QCOMPARE(category.isWarningEnabled(), enabled[2]);
        QCOMPARE(category.isCriticalEnabled(), enabled[3]);
    }

    void rules_changeSingleCategories()
    {
        QLoggingCategory::setFilterRules(
            filterRules({ .level = LogLevel::Warning,
                          .rules = { { u"carillon.loud"_s, LogLevel::Debug },
                                     { u"carillon.quiet"_s, LogLevel::Error } } }));
        QVERIFY(QLoggingCategory("carillon.loud", QtInfoMsg).isDebugEnabled());
        QVERIFY(!QLoggingCategory("carillon.quiet", QtInfoMsg).isWarningEnabled());
        QVERIFY(QLoggingCategory("carillon.other", QtInfoMsg).isWarningEnabled());
        QVERIFY(!QLoggingCategory("carillon.other", QtInfoMsg).isInfoEnabled());
    }

    void qtsOwnCategories_stayQuietAtDebug()
    {
        QLoggingCategory::setFilterRules(filterRules({ .level = LogLevel::Debug, .rules = {} }));
        QVERIFY(!QLoggingCategory("qt.network", QtDebugMsg).isDebugEnabled());
        QVERIFY(QLoggingCategory("qt.network", QtDebugMsg).isWarningEnabled());
    }

    void threads_neverInterleaveLines()
    {
        constexpr int ThreadCount = 4;
        constexpr int LineCount = 500;
        CapturedStderr captured;
        startLogging({ .format = LogFormat::Json, .rules = {} });
        std::vector<std::thread> threads;
        for (int t = 0; t < ThreadCount; ++t) {
            threads.emplace_back([t] {
                const QLoggingCategory category("carillon.test", QtInfoMsg);
                const QString padding(200, QLatin1Char('x'));
                for (int i = 0; i < LineCount; ++i)
                    qCInfo(category).noquote() << t << i << padding;
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        qInstallMessageHandler(nullptr);
        const QList<QByteArray> lines = captured.text().trimmed().split('\n');
        QCOMPARE(lines.size(), ThreadCount * LineCount);
        for (const QByteArray &line : lines)
            QVERIFY(QJsonDocument::fromJson(line).isObject());
    }
};

QTEST_APPLESS_MAIN(TestLogging)
#include "tst_logging.moc"
