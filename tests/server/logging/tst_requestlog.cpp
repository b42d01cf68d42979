// SPDX-License-Identifier: MPL-2.0
#include "server/logging/requestlog.h"

#include "core/base/log.h"
#include "server/logging/loglevels.h"
#include "server/net/http/routetable.h"
#include "tests/support/loglines.h"

#include <QRegularExpression>
#include <QTest>

#include <optional>

using namespace Carillon;
using namespace Qt::StringLiterals;

namespace {

class Sink final : public ResponseSink
{
public:
    void respond(ConnectionId, std::uint32_t, HttpResponse) override { ++count; }
    int count = 0;
};

} // namespace

class TestRequestLog : public QObject
{
    Q_OBJECT

    RequestLog m_log;
    LogLevels m_levels;
    RouteTable m_routes;
    Sink m_sink;
    std::optional<HttpResponder> m_kept;

    void ask(const QByteArray &method, const QByteArray &path, const QByteArray &authorization = {})
    {
        HttpRequest request;
        request.method = method;
        request.path = path;
        request.body = "12345";
        if (!authorization.isEmpty())
            request.headers.add("authorization", authorization);
        m_routes.handle(std::move(request), HttpResponder(m_sink, {}, 0));
    }

    void logRequests(bool wanted)
    {
        LogOptions options;
        options.requests = wanted;
        m_levels.apply(options);
    }

private Q_SLOTS:
    void init()
    {
        m_routes = RouteTable();
        m_routes.setObserver(m_log);
        m_routes.add("POST", "/wpush/{version}/{token}", 5'000,
                     [](const HttpRequest &, const PathParameters &, HttpResponder responder) {
                         responder.send({ .status = 201, .headers = {}, .body = {} });
                     });
        m_routes.add(
            "DELETE", "/m/{id}", 0,
            [](const HttpRequest &, const PathParameters &, HttpResponder responder) {
                responder.send(
                    { .status = 410, .headers = {}, .body = {}, .error = ErrorCode::UserDeleted });
            });
        m_routes.add("GET", "/later", 0,
                     [this](const HttpRequest &, const PathParameters &, HttpResponder responder) {
                         m_kept = responder;
                     });
        logRequests(true);
    }
    void cleanup() { QLoggingCategory::setFilterRules({}); }

    void line_namesTheRouteAndNotTheToken()
    {
        const LogLines log;
        ask("POST", "/wpush/v2/secret-token");
        QCOMPARE(LogLines::lines().size(), 1);
        const QRegularExpression form(
            uR"(^POST /wpush/\{version\}/\{token\} 201 in \d+\.\d ms, 5 bytes$)"_s);
        QVERIFY2(form.match(LogLines::lines()[0]).hasMatch(), qPrintable(LogLines::lines()[0]));
    }

    void error_isNamed()
    {
        const LogLines log;
        ask("DELETE", "/m/secret-id");
        QCOMPARE(LogLines::lines().size(), 1);
        const QString line = LogLines::lines()[0];
        QVERIFY2(line.startsWith("DELETE /m/{id} 410 in "_L1), qPrintable(line));
        QVERIFY2(line.endsWith(", 5 bytes, "_L1
                               + QString::fromLatin1(errorName(ErrorCode::UserDeleted))
                               + ", errno 105"_L1),
                 qPrintable(line));
    }

    void unknownPath_isNotShown()
    {
        const LogLines log;
        ask("POST", "/wpsuh/v2/secret-token");
        ask("POST", "/m/secret-id");
        ask(QByteArray(5'000, 'X'), "/x");
        const QStringList lines = LogLines::lines();
        QCOMPARE(lines.size(), 3);
        QVERIFY2(lines[0].startsWith("POST - 404 in "_L1), qPrintable(lines[0]));
        QVERIFY2(lines[1].startsWith("POST - 405 in "_L1), qPrintable(lines[1]));
        QVERIFY2(lines[2].size() < 100, qPrintable(lines[2]));
        QVERIFY(!lines.join(u'\n').contains("secret"_L1));
    }

    void sender_isAShortHash()
    {
        const LogLines log;
        // The key of RFC 8292, section 2.4.
        ask("POST", "/wpush/v2/secret-token",
            "vapid t=secret.to.ken, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-"
            "dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs");
        const QString line = LogLines::lines().value(0);
        const QRegularExpression form(u", sender [0-9a-f]{16}$"_s);
        QVERIFY2(form.match(line).hasMatch(), qPrintable(line));
        QVERIFY(!line.contains("secret"_L1));
    }

    void requestRefusedByTheTransport_isLogged()
    {
        const LogLines log;
        HttpRequest head;
        head.method = "POST";
        head.path = "/wpush/v1/secret-token";
        static_cast<void>(m_routes.refuse(head, ErrorCode::BodyTooLarge));
        const QString line = LogLines::lines().value(0);
        QVERIFY2(line.startsWith("POST /wpush/{version}/{token} 413 in "_L1), qPrintable(line));
    }

    void laterAnswer_isLoggedOnce()
    {
        const LogLines log;
        ask("GET", "/later");
        QCOMPARE(LogLines::lines().size(), 0);
        m_kept->send({ .status = 200, .headers = {}, .body = {} });
        m_kept->send({ .status = 503, .headers = {}, .body = {} });
        m_kept.reset();
        QCOMPARE(LogLines::lines().size(), 1);
        QVERIFY(LogLines::lines()[0].startsWith("GET /later 200 "_L1));
    }

    void nothingIsLogged_unlessWanted()
    {
        logRequests(false);
        const LogLines log;
        ask("POST", "/wpush/v2/secret-token");
        QCOMPARE(LogLines::lines(), QStringList());
        QVERIFY(!m_log.isWatching());
        QVERIFY(m_levels.set("carillon.requests", LogLevel::Info));
        ask("POST", "/wpush/v2/secret-token");
        QCOMPARE(LogLines::lines().size(), 1);
    }
};

QTEST_APPLESS_MAIN(TestRequestLog)
#include "tst_requestlog.moc"
