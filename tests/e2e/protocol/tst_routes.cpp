// SPDX-License-Identifier: MPL-2.0
#include "server/app/routes.h"
#include "tests/support/httppeer.h"
#include "tests/support/testserver.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

constexpr ListenerName AllListeners[] = { ListenerName::Connect, ListenerName::Endpoint,
                                          ListenerName::Router };

QByteArray nameOf(ListenerName listener)
{
    switch (listener) {
    case ListenerName::Connect:
        return "connect";
    case ListenerName::Endpoint:
        return "endpoint";
    case ListenerName::Router:
        return "router";
    case ListenerName::Admin: // it has a table of its own (server/admin/adminapi.h)
        break;
    }
    Q_UNREACHABLE();
}

quint16 portOf(const TestServer &server, ListenerName listener)
{
    switch (listener) {
    case ListenerName::Connect:
        return server.connectPort();
    case ListenerName::Endpoint:
        return server.endpointPort();
    case ListenerName::Router:
        return server.routerPort();
    case ListenerName::Admin:
        break;
    }
    Q_UNREACHABLE();
}

/// A path that the pattern matches, and no handler finds anything at.
QByteArray pathOf(const HttpRoute &route)
{
    static const QRegularExpression parameter(u"\\{[^}]*\\}"_s);
    return QString::fromLatin1(route.pattern).replace(parameter, u"x"_s).toLatin1();
}

/// Whether a listener has a route for a path, by the table.
bool isInTable(QByteArrayView pattern, ListenerName listener, bool isDev)
{
    return std::ranges::any_of(allRoutes(), [&](const HttpRoute &route) {
        return pattern == route.pattern && route.listeners.contains(listener)
            && (isDev || route.when == HttpRoute::When::Always);
    });
}

/// A row as docs/protocol.md has it: "GET / on endpoint, with `--dev`".
QByteArray lineOf(const HttpRoute &route)
{
    QByteArrayList listeners;
    for (const ListenerName each : AllListeners) {
        if (route.listeners.contains(each))
            listeners.append(nameOf(each));
    }
    const bool isOfAll = listeners.size() == std::ssize(AllListeners);
    return QByteArray(route.method) + ' ' + route.pattern + " on "
        + (isOfAll ? QByteArray("each") : listeners.join(", "))
        + (route.when == HttpRoute::When::WithDev ? ", with `--dev`" : "");
}

} // namespace

/// The table of routes is what the program does and what docs/protocol.md says, and what more_info
/// names is there.
class RoutesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void everyRoute_isServedWhereTheTableSays_data();
    void everyRoute_isServedWhereTheTableSays();
    void page_listsTheSameRoutes();
    void everyError_hasItsPage_data();
    void everyError_hasItsPage();
    void unknownError_hasNoPage();
    void moreInfo_canBeFetched_data();
    void moreInfo_canBeFetched();
    void moreInfo_isUnderTheUrlThatIsSet();

private:
    TestServer m_server;
    TestServer m_devServer;
};

void RoutesTest::initTestCase()
{
    QVERIFY2(m_server.start(), m_server.log().constData());
    m_devServer.addArgument(u"--dev"_s);
    QVERIFY2(m_devServer.start(), m_devServer.log().constData());
}

void RoutesTest::everyRoute_isServedWhereTheTableSays_data()
{
    QTest::addColumn<int>("route");
    QTest::addColumn<int>("listener");
    QTest::addColumn<bool>("isDev");
    for (int route = 0; route < std::ssize(allRoutes()); ++route) {
        for (const ListenerName listener : AllListeners) {
            for (const bool isDev : { false, true }) {
                const HttpRoute &row = allRoutes()[static_cast<std::size_t>(route)];
                QTest::addRow("%s %s on %s%s", row.method, row.pattern,
                              nameOf(listener).constData(), isDev ? " with --dev" : "")
                    << route << static_cast<int>(listener) << isDev;
            }
        }
    }
}

void RoutesTest::everyRoute_isServedWhereTheTableSays()
{
    QFETCH(const int, route);
    QFETCH(const int, listener);
    QFETCH(const bool, isDev);
    const HttpRoute &row = allRoutes()[static_cast<std::size_t>(route)];
    const auto where = static_cast<ListenerName>(listener);
    HttpPeer peer(portOf(isDev ? m_devServer : m_server, where));
    const HttpReply reply = peer.request(row.method, pathOf(row));
    const HttpReply other = peer.request("PATCH", pathOf(row));
    if (isInTable(row.pattern, where, isDev)) {
        // A handler that finds nothing says so in the body, as the unknown path does not.
        QVERIFY2(reply.status != 405 && (reply.status != 404 || !reply.body.isEmpty()),
                 reply.body.constData());
        QCOMPARE(other.status, 405);
        QVERIFY2(other.header("Allow").split(',').contains(row.method),
                 other.header("Allow").constData());
    } else {
        QCOMPARE(reply.status, 404);
        QCOMPARE(reply.body, QByteArray());
        QCOMPARE(other.status, 404);
    }
}

void RoutesTest::page_listsTheSameRoutes()
{
    QFile file(QStringLiteral(CARILLON_PROTOCOL_PAGE));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray page = file.readAll();
    const qsizetype begin = page.indexOf("\n### 1.1 Routes\n");
    const qsizetype end = page.indexOf("\n## ", begin);
    QVERIFY(begin >= 0 && end > begin);
    static const QRegularExpression row(u"^\\| `(\\w+ [^`]+)` \\| ([^|]+) \\|"_s,
                                        QRegularExpression::MultilineOption);
    QByteArrayList listed;
    for (auto rows = row.globalMatch(QString::fromUtf8(page.mid(begin, end - begin)));
         rows.hasNext();) {
        const QRegularExpressionMatch match = rows.next();
        listed.append((match.captured(1) + u" on "_s + match.captured(2)).toUtf8());
    }
    QByteArrayList expected;
    for (const HttpRoute &route : allRoutes())
        expected.append(lineOf(route));
    QCOMPARE(listed, expected);
}

void RoutesTest::everyError_hasItsPage_data()
{
    QTest::addColumn<int>("code");
    for (int code = 0; code < ErrorCodeCount; ++code)
        QTest::newRow(errorName(ErrorCode(code)).toByteArray().constData()) << code;
}

void RoutesTest::everyError_hasItsPage()
{
    QFETCH(const int, code);
    const QByteArray name = errorName(ErrorCode(code)).toByteArray();
    for (const ListenerName listener : AllListeners) {
        const HttpReply page = HttpPeer(portOf(m_server, listener)).get("/errors/" + name);
        QCOMPARE(page.status, 200);
        QCOMPARE(page.header("Content-Type"), "text/html; charset=utf-8");
        QVERIFY(page.header("Content-Security-Policy").startsWith("default-src 'none'; "));
        QVERIFY2(page.body.contains("<h1>" + name + "</h1>"), page.body.constData());
    }
}

void RoutesTest::unknownError_hasNoPage()
{
    for (const char *name : { "Unknown", "nosuchuser", "%3Cscript%3E", "NoSuchUser%00" }) {
        const HttpReply page = HttpPeer(m_server.endpointPort()).get(QByteArray("/errors/") + name);
        QCOMPARE(page.status, 404);
        QCOMPARE(page.errorName(), "NotFound");
        QVERIFY(!page.body.contains(name) && !page.body.contains('<'));
    }
    QCOMPARE(HttpPeer(m_server.endpointPort()).get("/errors/NoSuchUser/x").body, QByteArray());
}

void RoutesTest::moreInfo_canBeFetched_data()
{
    QTest::addColumn<int>("listener");
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("error");
    const auto row = [](ListenerName listener, const char *method, const char *path,
                        const char *error) {
        QTest::newRow(error) << static_cast<int>(listener) << QByteArray(method) << QByteArray(path)
                             << QByteArray(error);
    };
    row(ListenerName::Endpoint, "POST", "/wpush/v1/x", "InvalidToken");
    row(ListenerName::Endpoint, "DELETE", "/m/x", "InvalidMessageId");
    row(ListenerName::Connect, "GET", "/", "UpgradeRequired");
    row(ListenerName::Connect, "GET", "/v1/err", "TestError");
    row(ListenerName::Router, "PUT", "/push/x", "BadRequest");
}

void RoutesTest::moreInfo_canBeFetched()
{
    QFETCH(const int, listener);
    QFETCH(const QByteArray, method);
    QFETCH(const QByteArray, path);
    QFETCH(const QByteArray, error);
    const quint16 port = portOf(m_server, static_cast<ListenerName>(listener));
    const HttpReply reply = HttpPeer(port).request(method, path);
    const QByteArray info = reply.json().value(u"more_info"_s).toString().toLatin1();
    QCOMPARE(info, m_server.origin() + "/errors/" + error);
    const HttpReply page =
        HttpPeer(m_server.endpointPort()).get(info.sliced(m_server.origin().size()));
    QCOMPARE(page.status, 200);
    QVERIFY(page.body.contains("<h1>" + error + "</h1>"));
    QVERIFY(page.body.contains("<dd>" + QByteArray::number(reply.status) + ' '));
}

void RoutesTest::moreInfo_isUnderTheUrlThatIsSet()
{
    TestServer own({ { "endpoint.error_docs_url", "https://example.com/push#" } });
    QVERIFY2(own.start(), own.log().constData());
    for (const ListenerName listener : AllListeners) {
        const HttpReply reply = HttpPeer(portOf(own, listener)).get("/__error__");
        QCOMPARE(reply.json().value(u"more_info"_s).toString(),
                 u"https://example.com/push#TestError"_s);
    }
}

QTEST_GUILESS_MAIN(RoutesTest)
#include "tst_routes.moc"
