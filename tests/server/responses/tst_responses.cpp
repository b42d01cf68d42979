// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/httpmessage.h"
#include "server/responses/cors.h"
#include "server/responses/errorresponse.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Carillon;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// The values of all fields of this name.
QByteArrayList valuesOf(const HttpResponse &response, const char *name)
{
    QByteArrayList values;
    for (const HttpHeader &header : response.headers) {
        if (header.name.compare(name, Qt::CaseInsensitive) == 0)
            values.append(header.value);
    }
    return values;
}

/// What CORS adds to an answer to a request with this method and these fields.
HttpResponse decorated(const QByteArray &method, const std::vector<HttpHeader> &fields = {})
{
    HttpRequest request;
    request.method = method;
    for (const HttpHeader &field : fields)
        request.headers.add(field.name, field.value);
    HttpResponse response;
    allowAnyOrigin(request, response);
    return response;
}

} // namespace

/// protocol.md §3.3 and §3.5.
class ResponsesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void body_hasAutopushsMembers_data();
    void body_hasAutopushsMembers();
    void headers_followTheStatus();
    void retryAfter_isTheRefusals();
    void cors_ofAnAnswer_exposesWhatSendersRead();
    void cors_ofAPreflight_allowsWhatWasAsked();
    void cors_ofAPreflightWithoutFields_namesNone();
};

void ResponsesTest::body_hasAutopushsMembers_data()
{
    QTest::addColumn<int>("code");
    for (int code = 0; code < ErrorCodeCount; ++code)
        QTest::newRow(errorName(ErrorCode(code)).toByteArray().constData()) << code;
}

void ResponsesTest::body_hasAutopushsMembers()
{
    QFETCH(const int, code);
    const auto why = static_cast<ErrorCode>(code);
    const HttpResponse response = errorResponse(why);
    QCOMPARE(response.status, httpStatus(why));
    QCOMPARE(valuesOf(response, "Content-Type"), QByteArrayList { "application/json" });
    const QJsonObject body = QJsonDocument::fromJson(response.body).object();
    const QStringList members { u"code"_s, u"errno"_s, u"error"_s, u"message"_s, u"more_info"_s };
    QCOMPARE(body.keys(), members);
    QCOMPARE(body[u"code"_s].toInt(), httpStatus(why));
    const auto number = autopushErrno(why);
    QCOMPARE(body[u"errno"_s], number ? QJsonValue(*number) : QJsonValue());
    QCOMPARE(body[u"error"_s].toString().toLatin1(), httpReason(httpStatus(why)));
    QCOMPARE(body[u"message"_s].toString().toLatin1(), errorMessage(why));
    QVERIFY(body[u"more_info"_s].toString().endsWith(QLatin1StringView(errorName(why))));
}

void ResponsesTest::headers_followTheStatus()
{
    for (int code = 0; code < ErrorCodeCount; ++code) {
        const HttpResponse response = errorResponse(ErrorCode(code));
        const bool isGone = response.status == 410;
        const bool mayBeRepeated = response.status == 429 || response.status == 503;
        QCOMPARE(valuesOf(response, "Cache-Control"),
                 isGone ? QByteArrayList { "max-age=86400" } : QByteArrayList());
        QCOMPARE(valuesOf(response, "Retry-After"),
                 mayBeRepeated ? QByteArrayList { "30" } : QByteArrayList());
    }
}

void ResponsesTest::retryAfter_isTheRefusals()
{
    QCOMPARE(valuesOf(errorResponse({ ErrorCode::RateLimited, 7s }), "Retry-After"),
             QByteArrayList { "7" });
}

void ResponsesTest::cors_ofAnAnswer_exposesWhatSendersRead()
{
    const HttpResponse response =
        decorated("POST", { { "Access-Control-Request-Headers", "ttl" } });
    QCOMPARE(valuesOf(response, "Access-Control-Allow-Origin"), QByteArrayList { "*" });
    QCOMPARE(valuesOf(response, "Access-Control-Expose-Headers"),
             QByteArrayList { "Location, TTL" });
    QCOMPARE(response.headers.size(), 2U);
}

void ResponsesTest::cors_ofAPreflight_allowsWhatWasAsked()
{
    const HttpResponse response = decorated("OPTIONS",
                                            { { "Access-Control-Request-Headers", "ttl, topic" },
                                              { "Access-Control-Request-Headers", "urgency" } });
    QCOMPARE(valuesOf(response, "Access-Control-Allow-Methods"),
             QByteArrayList { "GET, POST, PUT, DELETE" });
    QCOMPARE(valuesOf(response, "Access-Control-Max-Age"), QByteArrayList { "3600" });
    QCOMPARE(valuesOf(response, "Access-Control-Allow-Headers"),
             QByteArrayList { "ttl, topic, urgency" });
}

void ResponsesTest::cors_ofAPreflightWithoutFields_namesNone()
{
    QCOMPARE(valuesOf(decorated("OPTIONS"), "Access-Control-Allow-Headers"), QByteArrayList());
}

QTEST_GUILESS_MAIN(ResponsesTest)
#include "tst_responses.moc"
