// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/httpwriter.h"

#include "core/base/errorcode.h"
#include "core/base/log.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace Carillon {

namespace {

bool breaksHead(const QByteArray &text)
{
    return text.contains('\r') || text.contains('\n') || text.contains('\0');
}

bool isTransports(const QByteArray &name)
{
    for (const char *own : { "content-length", "connection", "date", "transfer-encoding" }) {
        if (name.compare(own, Qt::CaseInsensitive) == 0)
            return true;
    }
    return false;
}

void appendField(QByteArray &out, QByteArrayView name, QByteArrayView value)
{
    out.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

QByteArray serializeResponse(const HttpResponse &response, const ResponseFraming &framing)
{
    const bool mayHaveBody = response.status != 204 && response.status != 304;
    QByteArray out;
    out.reserve(256 + response.body.size());
    out.append("HTTP/1.1 ").append(QByteArray::number(response.status)).append(' ');
    out.append(httpReason(response.status)).append("\r\n");
    for (const HttpHeader &field : response.headers) {
        if (isTransports(field.name))
            continue;
        if (breaksHead(field.name) || breaksHead(field.value)) {
            qCWarning(lcNet, "A response header that holds a line break was left out.");
            continue;
        }
        appendField(out, field.name, field.value);
    }
    appendField(out, "Date", framing.date);
    if (mayHaveBody)
        appendField(out, "Content-Length", QByteArray::number(response.body.size()));
    // An Upgrade field (426) is only valid when Connection names it (RFC 9110 §7.8).
    const bool offersUpgrade =
        std::any_of(response.headers.begin(), response.headers.end(), [](const HttpHeader &field) {
            return field.name.compare("upgrade", Qt::CaseInsensitive) == 0;
        });
    if (framing.close)
        appendField(out, "Connection", offersUpgrade ? "close, Upgrade" : "close");
    else if (offersUpgrade)
        appendField(out, "Connection", "Upgrade");
    out.append("\r\n");
    if (mayHaveBody && !framing.withoutBody)
        out.append(response.body);
    return out;
}

QByteArray serializeRequest(QByteArrayView method, QByteArrayView authority, QByteArrayView target,
                            const std::vector<HttpHeader> &headers, QByteArrayView body)
{
    QByteArray out;
    out.reserve(512 + target.size() + body.size());
    out.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    appendField(out, "Host", authority);
    for (const HttpHeader &field : headers)
        appendField(out, field.name, field.value);
    appendField(out, "Content-Length", QByteArray::number(body.size()));
    return out.append("\r\n").append(body);
}

QByteArray httpDate(WallTime time)
{
    static constexpr std::array Days { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static constexpr std::array Months { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    const std::time_t seconds = toSeconds(time);
    std::tm parts {};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 64> text {};
    std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                  Days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                  Months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                  parts.tm_hour, parts.tm_min, parts.tm_sec);
    return text.data();
}

} // namespace Carillon
