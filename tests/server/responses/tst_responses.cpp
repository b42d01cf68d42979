// SPDX-License-Identifier: MPL-2.0
#include "core/base/erroradvice.h"
#include "server/net/http/httpmessage.h"
#include "server/responses/cors.h"
#include "server/responses/errorpage.h"
#include "server/responses/errorresponses.h"

#include <QCryptographicHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Carillon;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QByteArray Pages = "https://push.example.com/errors/";

HttpResponse errorResponse(const Refusal &why)
{
    return ErrorResponses(Pages).response(why);
}

/// What the page of an error says of one term of its list; empty: it is not there.
QByteArray factOf(const HttpResponse &page, const QByteArray &term)
{
    const QByteArray begin = "<dt>" + term + "</dt><dd>";
    const qsizetype at = page.body.indexOf(begin);
    if (at < 0)
        return {};
    const qsizetype from = at + begin.size();
    return page.body.mid(from, page.body.indexOf("</dd>", from) - from);
}

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
    void moreInfo_isEscaped();
    void page_saysWhatTheTablesSay_data() { body_hasAutopushsMembers_data(); }
    void page_saysWhatTheTablesSay();
    void page_marksCode_andEscapesText();
    void page_runsNoScripts();
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
    QCOMPARE(body[u"more_info"_s].toString().toLatin1(), Pages + errorName(why).toByteArray());
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

/// No URL that a setting takes holds such characters.
void ResponsesTest::moreInfo_isEscaped()
{
    const ErrorResponses errors(R"(http://a/"\)");
    const HttpResponse response = errors.response(ErrorCode::Internal);
    QCOMPARE(QJsonDocument::fromJson(response.body)[u"more_info"_s].toString(),
             uR"(http://a/"\Internal)"_s);
}

void ResponsesTest::page_saysWhatTheTablesSay()
{
    QFETCH(const int, code);
    const auto error = static_cast<ErrorCode>(code);
    const HttpResponse page = errorPage(error);
    QCOMPARE(page.status, 200);
    QVERIFY(page.body.contains("<h1>" + errorName(error).toByteArray() + "</h1>"));
    const QString message = QString::fromLatin1(errorMessage(error)).toHtmlEscaped();
    QVERIFY2(page.body.contains('>' + message.toUtf8() + ".<"), page.body.constData());
    const int status = httpStatus(error);
    const QByteArray statusText = QByteArray::number(status) + ' '
        + QString::fromLatin1(httpReason(status)).toHtmlEscaped().toUtf8();
    QCOMPARE(factOf(page, "HTTP status"), hasHttpStatus(error) ? statusText : QByteArray());
    const auto number = autopushErrno(error);
    QCOMPARE(factOf(page, "errno"), number ? QByteArray::number(*number) : QByteArray());
    QCOMPARE(factOf(page, "WebSocket close code"),
             hasCloseCode(error) ? QByteArray::number(closeCode(error)) : QByteArray());
    const QByteArray advice = errorAdvice(error).toByteArray();
    const bool isForSenders = !advice.startsWith("Operator: ");
    QCOMPARE(page.body.contains("<h2>What to do</h2>"), isForSenders);
    QCOMPARE(page.body.contains("<h2>For the operator of this server</h2>"),
             advice.contains("Operator: "));
    QVERIFY(!page.body.contains("Operator: "));
}

void ResponsesTest::page_marksCode_andEscapesText()
{
    const QByteArray page = errorPage(ErrorCode::VapidHeaderInvalid).body;
    QVERIFY2(page.contains("<p>Send <code>Authorization: vapid t=&lt;token&gt;, k=&lt;public "
                           "key&gt;</code>.</p>"),
             page.constData());
    QVERIFY(errorPage(ErrorCode::StorageUnavailable)
                .body.contains("<p>The database was moved or is locked"));
}

/// The policy allows the page's own style and nothing else.
void ResponsesTest::page_runsNoScripts()
{
    const HttpResponse page = errorPage(ErrorCode::TtlMissing);
    QCOMPARE(valuesOf(page, "Content-Type"), QByteArrayList { "text/html; charset=utf-8" });
    QCOMPARE(valuesOf(page, "X-Content-Type-Options"), QByteArrayList { "nosniff" });
    const qsizetype begin = page.body.indexOf("<style>") + 7;
    const QByteArray style = page.body.mid(begin, page.body.indexOf("</style>") - begin);
    const QByteArray hash = QCryptographicHash::hash(style, QCryptographicHash::Sha256).toBase64();
    QCOMPARE(valuesOf(page, "Content-Security-Policy"),
             QByteArrayList { "default-src 'none'; style-src 'sha256-" + hash
                              + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" });
    QVERIFY(!page.body.contains("<script"));
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
