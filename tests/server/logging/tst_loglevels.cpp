// SPDX-License-Identifier: MPL-2.0
#include "server/logging/loglevels.h"

#include "core/base/log.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace Carillon;
using namespace Qt::StringLiterals;

namespace {

LogLevels::Category find(const LogLevels &levels, const QByteArray &name)
{
    const std::vector<LogLevels::Category> all = levels.all();
    const auto found = std::ranges::find(all, name, &LogLevels::Category::name);
    return found == all.end() ? LogLevels::Category {} : *found;
}

LogOptions atLevel(LogLevel level)
{
    LogOptions options;
    options.level = level;
    return options;
}

} // namespace

class TestLogLevels : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void cleanup() { QLoggingCategory::setFilterRules({}); }

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
        QLoggingCategory::setFilterRules(filterRules(atLevel(level)));
        const QLoggingCategory category("carillon.test", QtInfoMsg);
        QCOMPARE(category.isDebugEnabled(), enabled[0]);
        QCOMPARE(category.isInfoEnabled(), enabled[1]);
        QCOMPARE(category.isWarningEnabled(), enabled[2]);
        QCOMPARE(category.isCriticalEnabled(), enabled[3]);
    }

    void rules_changeSingleCategories()
    {
        LogOptions options = atLevel(LogLevel::Warning);
        options.rules = { { u"carillon.loud"_s, LogLevel::Debug },
                          { u"carillon.quiet"_s, LogLevel::Error } };
        QLoggingCategory::setFilterRules(filterRules(options));
        QVERIFY(QLoggingCategory("carillon.loud", QtInfoMsg).isDebugEnabled());
        QVERIFY(!QLoggingCategory("carillon.quiet", QtInfoMsg).isWarningEnabled());
        QVERIFY(QLoggingCategory("carillon.other", QtInfoMsg).isWarningEnabled());
        QVERIFY(!QLoggingCategory("carillon.other", QtInfoMsg).isInfoEnabled());
    }

    void qtsOwnCategories_stayQuietAtDebug()
    {
        QLoggingCategory::setFilterRules(filterRules(atLevel(LogLevel::Debug)));
        QVERIFY(!QLoggingCategory("qt.network", QtDebugMsg).isDebugEnabled());
        QVERIFY(QLoggingCategory("qt.network", QtDebugMsg).isWarningEnabled());
    }

    void requests_areLoggedOnlyIfWanted_data()
    {
        QTest::addColumn<LogLevel>("level");
        QTest::addColumn<bool>("requests");
        QTest::addColumn<LogLevel>("result");
        QTest::newRow("off") << LogLevel::Info << false << LogLevel::Warning;
        QTest::newRow("off at debug") << LogLevel::Debug << false << LogLevel::Warning;
        QTest::newRow("on") << LogLevel::Info << true << LogLevel::Info;
        QTest::newRow("on above info") << LogLevel::Error << true << LogLevel::Info;
        QTest::newRow("on at debug") << LogLevel::Debug << true << LogLevel::Debug;
    }
    void requests_areLoggedOnlyIfWanted()
    {
        QFETCH(LogLevel, level);
        QFETCH(bool, requests);
        QFETCH(LogLevel, result);
        LogOptions options = atLevel(level);
        options.requests = requests;
        LogLevels levels;
        levels.apply(options);
        QCOMPARE(find(levels, "carillon.requests").level, result);
    }

    void change_lastsUntilReset()
    {
        LogLevels levels;
        levels.apply(atLevel(LogLevel::Warning));
        QVERIFY(levels.set("carillon.net", LogLevel::Debug));
        QVERIFY(lcNet().isDebugEnabled());
        QVERIFY(!lcApp().isInfoEnabled());
        QCOMPARE(find(levels, "carillon.net").level, LogLevel::Debug);
        QVERIFY(find(levels, "carillon.net").isChanged);
        QVERIFY(!find(levels, "carillon.app").isChanged);
        levels.reset();
        QVERIFY(!lcNet().isInfoEnabled());
        QVERIFY(!find(levels, "carillon.net").isChanged);
    }

    void change_endsWhenSettingsAreReadAgain()
    {
        LogLevels levels;
        levels.apply(atLevel(LogLevel::Info));
        QVERIFY(levels.set("carillon.net", LogLevel::Debug));
        levels.apply(atLevel(LogLevel::Info));
        QVERIFY(!lcNet().isDebugEnabled());
    }

    void laterChange_wins()
    {
        LogLevels levels;
        levels.apply(atLevel(LogLevel::Info));
        QVERIFY(levels.set("carillon.net", LogLevel::Debug));
        QVERIFY(levels.set("carillon.*", LogLevel::Error));
        QVERIFY(!lcNet().isWarningEnabled());
        QVERIFY(levels.set("carillon.net", LogLevel::Info));
        QVERIFY(lcNet().isInfoEnabled());
        QVERIFY(!lcApp().isWarningEnabled());
    }

    void unknownCategory_isRefused()
    {
        LogLevels levels;
        levels.apply(atLevel(LogLevel::Info));
        for (const char *name :
             { "carillon.no", "", "*", "carillon", "qt.network", "carillon.net=true\n*.debug" })
            QVERIFY2(!levels.set(name, LogLevel::Debug), name);
    }

    void all_areListed()
    {
        LogLevels levels;
        levels.apply(atLevel(LogLevel::Info));
        QStringList names;
        for (const LogLevels::Category &category : levels.all())
            names << QString::fromLatin1(category.name);
        QCOMPARE(names, logCategories());
        QVERIFY(names.contains(u"carillon.sessions"_s));
    }

    void page_listsTheCategories()
    {
        QFile page(QStringLiteral(CARILLON_LOGS_PAGE));
        QVERIFY(page.open(QIODevice::ReadOnly));
        static const QRegularExpression row(u"^\\| `(carillon\\.[a-z]+)` \\| .+ \\|$"_s,
                                            QRegularExpression::MultilineOption);
        QStringList listed;
        for (auto match = row.globalMatch(QString::fromUtf8(page.readAll())); match.hasNext();)
            listed << match.next().captured(1);
        QStringList known = logCategories();
        listed.sort();
        known.sort();
        QCOMPARE(listed, known);
    }

    void threads_mayAskAndChange()
    {
        LogLevels levels;
        levels.apply(atLevel(LogLevel::Info));
        std::atomic<bool> isDone = false;
        std::thread reader([&] {
            while (!isDone)
                static_cast<void>(lcNet().isDebugEnabled());
        });
        for (int i = 0; i < 100; ++i)
            QVERIFY(levels.set("carillon.net", i % 2 ? LogLevel::Debug : LogLevel::Info));
        isDone = true;
        reader.join();
        QVERIFY(lcNet().isDebugEnabled());
    }
};

QTEST_APPLESS_MAIN(TestLogLevels)
#include "tst_loglevels.moc"
