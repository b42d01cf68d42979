// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/routetable.h"

#include <QTest>

#include <optional>

using namespace Carillon;

namespace {

/// Keeps the last answer.
class Answers final : public ResponseSink
{
public:
    void respond(ConnectionId, std::uint32_t, HttpResponse response) override
    {
        last = std::move(response);
    }
    [[nodiscard]] QByteArray header(const QByteArray &name) const
    {
        for (const HttpHeader &field : last->headers) {
            if (field.name.compare(name, Qt::CaseInsensitive) == 0)
                return field.value;
        }
        return {};
    }
    std::optional<HttpResponse> last;
};

HttpRequest requestFor(QByteArray method, QByteArray path)
{
    HttpRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    return request;
}

} // namespace

class RouteTableTest final : public QObject
{
    Q_OBJECT

    RouteTable m_routes;
    Answers m_answers;
    QByteArray m_called;

    void ask(const QByteArray &method, const QByteArray &path)
    {
        m_called.clear();
        m_answers.last.reset();
        m_routes.handle(requestFor(method, path), HttpResponder(m_answers, {}, 0));
        QVERIFY(m_answers.last.has_value());
    }

    RouteTable::Handler answering(const QByteArray &name, const QByteArrayList &parameters = {})
    {
        return [this, name, parameters](const HttpRequest &, const PathParameters &found,
                                        HttpResponder responder) {
            m_called = name;
            for (const QByteArray &parameter : parameters)
                m_called.append(' ').append(found[parameter]);
            responder.send({ 200, {}, "body" });
        };
    }

private Q_SLOTS:
    void init()
    {
        m_routes = RouteTable();
        m_routes.add("GET", "/", 0, answering("root"));
        m_routes.add("POST", "/wpush/{version}/{token}", 5'000,
                     answering("push", { "version", "token" }));
        m_routes.add("POST", "/wpush/{token}", 4'000, answering("push", { "token" }));
        m_routes.add("GET", "/v1/err", 0, answering("error"));
        m_routes.add("GET", "/v1/{type}", 0, answering("type", { "type" }));
        m_routes.add("DELETE", "/v1/{type}", 0, answering("delete", { "type" }));
        m_routes.add("GET", "/files/{rest*}", 0, answering("files", { "rest" }));
    }

    void path_findsItsRoute_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("called");
        const auto row = [](const char *method, const char *path, const char *called) {
            QTest::newRow(path) << QByteArray(method) << QByteArray(path) << QByteArray(called);
        };
        row("GET", "/", "root");
        row("POST", "/wpush/v2/gAAA-_x==", "push v2 gAAA-_x==");
        row("POST", "/wpush/gAAA", "push gAAA");
        row("GET", "/v1/err", "error");
        row("GET", "/v1/errr", "type errr");
        row("DELETE", "/v1/err", "delete err");
        row("GET", "/v1/a%2Fb%20c", "type a/b c");
        row("GET", "/v1/%zz%", "type %zz%");
        row("GET", "/files/a/b/", "files a/b/");
        row("HEAD", "/v1/fcm", "type fcm");
    }

    void path_findsItsRoute()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, path);
        ask(method, path);
        QTEST(m_called, "called");
        QCOMPARE(m_answers.last->status, 200);
    }

    void unknownPath_is404_withoutABody_data()
    {
        QTest::addColumn<QByteArray>("path");
        for (const char *path :
             { "", "/x", "//", "/wpush", "/wpush/", "/wpush/v1/", "/wpush//x", "/wpush/v1/t/",
               "/wpush/v1/t/x", "/V1/err", "/v1/err/", "/files/", "/files" }) {
            QTest::newRow(path) << QByteArray(path);
        }
    }

    void unknownPath_is404_withoutABody()
    {
        QFETCH(QByteArray, path);
        for (const char *method : { "GET", "POST", "OPTIONS" }) {
            ask(method, path);
            QCOMPARE(m_answers.last->status, 404);
            QVERIFY(m_answers.last->body.isEmpty());
        }
    }

    void optionsOfTheServer_are204_whateverItServes()
    {
        for (const char *path : { "/", "*" }) {
            m_routes = RouteTable();
            ask("OPTIONS", path);
            QCOMPARE(m_answers.last->status, 204);
            m_routes.add("GET", "/", 0, answering("root"));
            ask("OPTIONS", path);
            QCOMPARE(m_answers.last->status, 204);
            QVERIFY(m_called.isEmpty());
        }
    }

    void otherMethod_is405_withAllow_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("allow");
        QTest::newRow("one") << QByteArray("GET") << QByteArray("/wpush/v1/t")
                             << QByteArray("POST");
        QTest::newRow("GET and HEAD")
            << QByteArray("POST") << QByteArray("/") << QByteArray("GET, HEAD");
        QTest::newRow("of several routes")
            << QByteArray("PUT") << QByteArray("/v1/err") << QByteArray("GET, HEAD, DELETE");
        QTest::newRow("HEAD of no GET")
            << QByteArray("HEAD") << QByteArray("/wpush/v1/t") << QByteArray("POST");
        QTest::newRow("OPTIONS") << QByteArray("OPTIONS") << QByteArray("/wpush/v1/t")
                                 << QByteArray("POST");
    }

    void otherMethod_is405_withAllow()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, path);
        ask(method, path);
        QCOMPARE(m_answers.last->status, 405);
        QTEST(m_answers.header("Allow"), "allow");
        QVERIFY(m_called.isEmpty());
    }

    void bodyLimit_isTheRoutes_orEnoughForNone()
    {
        QCOMPARE(m_routes.bodyLimit(requestFor("POST", "/wpush/v1/t")), 5'000);
        QCOMPARE(m_routes.bodyLimit(requestFor("POST", "/wpush/t")), 4'000);
        QCOMPARE(m_routes.bodyLimit(requestFor("GET", "/")), 0);
        QCOMPARE(m_routes.bodyLimit(requestFor("POST", "/nothing")), 16'384);
        QCOMPARE(m_routes.bodyLimit(requestFor("POST", "/")), 16'384);
        m_routes.add("PUT", "/large", 100'000, answering("large"));
        QCOMPARE(m_routes.bodyLimit(requestFor("POST", "/nothing")), 100'000);
    }

    void decoration_isOnEveryAnswer_andAnswersPreflights()
    {
        m_routes.setDecoration([](const HttpRequest &request, HttpResponse &response) {
            response.headers.push_back({ "x-decorated", request.method });
        });
        for (const char *path : { "/v1/err", "/nothing", "/wpush/v1/t" }) {
            ask("GET", path);
            QCOMPARE(m_answers.header("x-decorated"), "GET");
        }
        QCOMPARE(m_answers.last->status, 405);
        QCOMPARE(m_answers.header("Allow"), "POST, OPTIONS");
        ask("OPTIONS", "/wpush/v1/t");
        QCOMPARE(m_answers.last->status, 204);
        QCOMPARE(m_answers.header("x-decorated"), "OPTIONS");
        ask("OPTIONS", "/nothing");
        QCOMPARE(m_answers.last->status, 404);
        const HttpResponse refused =
            m_routes.refuse(requestFor("POST", "/"), ErrorCode::BodyTooLarge);
        QCOMPARE(refused.headers.at(0).name, "x-decorated");
    }

    void refusal_isTheHooks_orTheStatusAlone()
    {
        const HttpResponse plain = m_routes.refuse({}, ErrorCode::BodyTooLarge);
        QCOMPARE(plain.status, 413);
        QVERIFY(plain.body.isEmpty());
        m_routes.setRefusal([](const HttpRequest &, ErrorCode why) {
            return HttpResponse { httpStatus(why), {}, "told" };
        });
        QCOMPARE(m_routes.refuse({}, ErrorCode::BadRequest).body, "told");
    }
};

QTEST_GUILESS_MAIN(RouteTableTest)
#include "tst_routetable.moc"
