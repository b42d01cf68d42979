// SPDX-License-Identifier: MPL-2.0
#include "server/logging/processlog.h"

#include "core/base/log.h"
#include "core/base/logfields.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryFile>
#include <QTest>

#include <thread>
#include <vector>

#include <unistd.h>

using namespace Carillon;
using namespace Qt::StringLiterals;

namespace {

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
    [[nodiscard]] QList<QByteArray> lines()
    {
        m_file.seek(0);
        QList<QByteArray> all = m_file.readAll().split('\n');
        all.removeLast();
        return all;
    }

private:
    int m_saved;
    QTemporaryFile m_file;
};

LogOptions jsonAt(LogLevel level)
{
    LogOptions options;
    options.level = level;
    options.format = LogFormat::Json;
    return options;
}

} // namespace

class TestProcessLog : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void cleanup() { QLoggingCategory::setFilterRules({}); }

    void line_isWrittenAndKept()
    {
        CapturedStderr captured;
        ProcessLog log({});
        qCWarning(lcNet).noquote() << "first";
        qCDebug(lcNet).noquote() << "not wanted";
        qWarning("from a library");
        const QList<QByteArray> lines = captured.lines();
        QCOMPARE(lines.size(), 2);
        QVERIFY(lines[0].endsWith(" warning carillon.net: first"));
        QVERIFY(lines[1].endsWith(" warning default: from a library"));
        const auto kept = log.ring().find({ .order = LogQuery::Order::OldestFirst });
        QCOMPARE(kept.size(), 2U);
        QCOMPARE(kept[0].message, "first");
        QCOMPARE(kept[0].category, "carillon.net");
        QCOMPARE(kept[0].level, LogLevel::Warning);
    }

    void fields_belongToTheirLineOnly()
    {
        CapturedStderr captured;
        ProcessLog log(jsonAt(LogLevel::Info));
        const LogFields hidden { "request.summary", { { u"code"_s, 1 } } };
        const LogFields shown { "session.summary", { { u"code"_s, 410 } } };
        logInfo(lcRequests(), u"hidden"_s, hidden);
        qCInfo(lcSessions) << "plain";
        log.apply(jsonAt(LogLevel::Debug));
        logInfo(lcSessions(), u"shown"_s, shown);
        qCInfo(lcSessions) << "plain";
        const QList<QByteArray> lines = captured.lines();
        QCOMPARE(lines.size(), 3);
        const auto line = [&](qsizetype i) { return QJsonDocument::fromJson(lines[i]).object(); };
        QCOMPARE(line(1)["Type"_L1], u"session.summary"_s);
        QCOMPARE(line(1)["Fields"_L1]["code"_L1], 410);
        for (const qsizetype plain : { 0, 2 }) {
            QCOMPARE(line(plain)["Type"_L1], u"carillon:log"_s);
            QVERIFY(line(plain)["Fields"_L1]["code"_L1].isUndefined());
        }
        QCOMPARE(log.ring().find({ .limit = 2 })[1].fields, R"({"code":410})");
    }

    void formatAndLevels_changeWhileItRuns()
    {
        CapturedStderr captured;
        ProcessLog log({});
        qCInfo(lcApp) << "text";
        log.apply(jsonAt(LogLevel::Warning));
        qCInfo(lcApp) << "not wanted";
        qCWarning(lcApp) << "json";
        QVERIFY(log.levels().set("carillon.app", LogLevel::Debug));
        qCDebug(lcApp) << "debug";
        const QList<QByteArray> lines = captured.lines();
        QCOMPARE(lines.size(), 3);
        QVERIFY(lines[0].endsWith("carillon.app: text"));
        QCOMPARE(QJsonDocument::fromJson(lines[1])["Fields"_L1]["msg"_L1], u"json"_s);
        QCOMPARE(QJsonDocument::fromJson(lines[2])["Fields"_L1]["msg"_L1], u"debug"_s);
    }

    void flood_isCut_unlessItsCategoryIsAtDebug()
    {
        constexpr int LineCount = 5'000;
        CapturedStderr captured;
        ProcessLog log({});
        for (int i = 0; i < LineCount; ++i)
            qCWarning(lcNet) << "from a hostile peer";
        const qsizetype cut = captured.lines().size();
        QVERIFY(cut >= LineBudgets::Lines.burst);
        QVERIFY(cut < LineCount / 2);
        QVERIFY(log.levels().set("carillon.net", LogLevel::Debug));
        for (int i = 0; i < LineCount; ++i)
            qCWarning(lcNet) << "for a developer";
        QCOMPARE(captured.lines().size(), cut + LineCount);
    }

    void errno_isKept()
    {
        CapturedStderr captured;
        const ProcessLog log({});
        errno = ENOSPC;
        qCWarning(lcNet) << "x";
        QCOMPARE(errno, ENOSPC);
    }

    void threads_neverInterleaveLines()
    {
        constexpr int ThreadCount = 4;
        constexpr int LineCount = 500;
        CapturedStderr captured;
        ProcessLog log(jsonAt(LogLevel::Debug));
        std::vector<std::thread> threads;
        for (int t = 0; t < ThreadCount; ++t) {
            threads.emplace_back([t] {
                const QString padding(200, QLatin1Char('x'));
                for (int i = 0; i < LineCount; ++i)
                    qCInfo(lcNet).noquote() << t << i << padding;
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        const QList<QByteArray> lines = captured.lines();
        QCOMPARE(lines.size(), ThreadCount * LineCount);
        for (const QByteArray &line : lines)
            QVERIFY(QJsonDocument::fromJson(line).isObject());
        QCOMPARE(log.ring().newestId(), std::uint64_t { ThreadCount } * LineCount);
    }
};

QTEST_APPLESS_MAIN(TestProcessLog)
#include "tst_processlog.moc"
