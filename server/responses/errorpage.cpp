// SPDX-License-Identifier: MPL-2.0
#include "server/responses/errorpage.h"

#include "core/base/erroradvice.h"

#include <QCryptographicHash>
#include <QString>
#include <QStringList>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

const QString Style = uR"(
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; overflow-wrap: anywhere; }
h2 { margin: 2rem 0 .5rem; font-size: 1.15rem; }
.message { margin-top: .25rem; font-size: 1.15rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; }
dt { opacity: .7; }
dd { margin: 0; }
code { padding: .1em .3em; border-radius: 4px; overflow-wrap: anywhere;
  background: color-mix(in srgb, currentColor 10%, transparent); }
)"_s;

const QString OperatorMark = u"Operator: "_s;

/// Text with code in backticks, as HTML.
QString htmlOf(const QString &text)
{
    QString html;
    const QStringList parts = text.toHtmlEscaped().split(u'`');
    for (qsizetype i = 0; i < parts.size(); ++i)
        html += i % 2 == 0 ? parts[i] : u"<code>"_s + parts[i] + u"</code>"_s;
    return html;
}

QString fact(const QString &term, const QString &value)
{
    return u"<dt>"_s + term + u"</dt><dd>"_s + htmlOf(value) + u"</dd>\n"_s;
}

QString section(const QString &heading, const QString &text)
{
    if (text.isEmpty())
        return {};
    return u"<h2>"_s + heading + u"</h2>\n<p>"_s + htmlOf(text) + u"</p>\n"_s;
}

QString factsOf(ErrorCode code)
{
    QString facts;
    if (hasHttpStatus(code)) {
        const int status = httpStatus(code);
        facts += fact(u"HTTP status"_s,
                      QString::number(status) + u' ' + QString::fromLatin1(httpReason(status)));
    }
    if (const std::optional<int> number = autopushErrno(code))
        facts += fact(u"errno"_s, QString::number(*number));
    if (hasCloseCode(code))
        facts += fact(u"WebSocket close code"_s, QString::number(closeCode(code)));
    return u"<dl>\n"_s + facts + u"</dl>\n"_s;
}

QString pageOf(ErrorCode code)
{
    const QString name = QString::fromLatin1(errorName(code));
    const QString advice = QString::fromUtf8(errorAdvice(code));
    const qsizetype mark = advice.indexOf(OperatorMark);
    const QString forSender = advice.left(mark).trimmed();
    QString forOperator = mark < 0 ? QString() : advice.sliced(mark + OperatorMark.size());
    if (!forOperator.isEmpty())
        forOperator[0] = forOperator[0].toUpper();
    return u"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"_s
        + name + u" - Carillon</title>\n<style>"_s + Style
        + u"</style>\n</head>\n<body>\n<main>\n<h1>"_s + name + u"</h1>\n<p class=\"message\">"_s
        + htmlOf(QString::fromLatin1(errorMessage(code))) + u".</p>\n"_s + factsOf(code)
        + section(u"What to do"_s, forSender)
        + section(u"For the operator of this server"_s, forOperator)
        + u"</main>\n</body>\n</html>\n"_s;
}

} // namespace

HttpResponse errorPage(ErrorCode code)
{
    const QByteArray styleHash =
        QCryptographicHash::hash(Style.toUtf8(), QCryptographicHash::Sha256).toBase64();
    return {
        .status = 200,
        .headers = { { "Content-Type"_ba, "text/html; charset=utf-8"_ba },
                     { "Content-Security-Policy"_ba,
                       "default-src 'none'; style-src 'sha256-" + styleHash
                           + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" },
                     { "X-Content-Type-Options"_ba, "nosniff"_ba },
                     { "Cache-Control"_ba, "max-age=3600"_ba } },
        .body = pageOf(code).toUtf8()
    };
}

} // namespace Carillon
