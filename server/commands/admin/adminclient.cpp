// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/adminclient.h"

#include "server/net/http/httpwriter.h"
#include "server/net/http/responsereader.h"

#include <QJsonDocument>
#include <QLocale>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// A page of 1,000 rows is some 500 KB.
constexpr std::int64_t LargestDocument = std::int64_t { 64 } * 1024 * 1024;

QDateTime timeOf(QByteArrayView date)
{
    const QString form = u"ddd, dd MMM yyyy hh:mm:ss 'GMT'"_s;
    QDateTime time = QLocale::c().toDateTime(QString::fromLatin1(date), form);
    time.setTimeSpec(Qt::UTC);
    return time.isValid() ? time : QDateTime::currentDateTimeUtc();
}

QByteArray targetOf(const QByteArray &path, const QUrlQuery &query)
{
    QByteArray target = "/api/v1" + path;
    if (!query.isEmpty())
        target += '?' + query.toString(QUrl::FullyEncoded).toUtf8();
    return target;
}

/// Whether these may be the first bytes of a response.
bool beginsHttp(QByteArrayView bytes)
{
    constexpr QByteArrayView Begin = "HTTP/1.";
    const qsizetype size = std::min(bytes.size(), Begin.size());
    return bytes.first(size) == Begin.first(size);
}

AdminReply replyOf(HttpClientResponse response)
{
    AdminReply reply;
    reply.status = response.status;
    reply.body = std::move(response.body);
    reply.json = QJsonDocument::fromJson(reply.body).object();
    reply.serverTime = timeOf(response.headers.value("date"));
    return reply;
}

} // namespace

QByteArray adminAuthority(const AdminAddress &address)
{
    if (!address.socket.isEmpty())
        return "localhost";
    return address.url.authority(QUrl::FullyEncoded).toUtf8();
}

std::vector<HttpHeader> adminHeaders(const AdminAddress &address)
{
    std::vector<HttpHeader> headers { { "User-Agent", "carillon/" CARILLON_VERSION },
                                      { "Accept", "application/json, application/problem+json" } };
    if (!address.token.isEmpty())
        headers.push_back({ "Authorization", "Bearer " + address.token });
    return headers;
}

AdminFailure notCarillon(const AdminAddress &address)
{
    return { .sentence = u"what answers at %1 is not the admin API of a Carillon server"_s.arg(
                 address.name()) };
}

AdminFailure failureOf(const AdminAddress &address, int status, const QByteArray &body)
{
    const QJsonObject problem = QJsonDocument::fromJson(body).object();
    QString detail = problem.value("detail"_L1).toString();
    if (detail.isEmpty())
        detail = problem.value("title"_L1).toString();
    AdminFailure failure { .status = status };
    if (status == 401) {
        failure.sentence = address.token.isEmpty()
            ? u"the server at %1 requires a token"_s.arg(address.name())
            : u"the server at %1 does not accept the token"_s.arg(address.name());
    } else if (problem.isEmpty() && status == 404) {
        failure.sentence = u"the server at %1 does not know this request; it is older than this "
                           "program, carillon " CARILLON_VERSION ""_s.arg(address.name());
    } else if (detail.isEmpty()) {
        failure.sentence =
            u"the server at %1 answered with status %2"_s.arg(address.name()).arg(status);
    } else {
        failure.sentence = detail;
    }
    if (status == 400 || status == 422)
        failure.exitCode = ExitCode::Usage;
    // A sentence of ours goes on after it.
    while (failure.sentence.endsWith(u'.'))
        failure.sentence.chop(1);
    return failure;
}

QByteArray AdminClient::pathPart(const QString &text)
{
    return QUrl::toPercentEncoding(text);
}

Result<AdminReply, AdminFailure> AdminClient::call(const QByteArray &method, const QByteArray &path,
                                                   const QUrlQuery &query, const QJsonObject &body)
{
    std::vector<HttpHeader> headers = adminHeaders(m_address);
    QByteArray content;
    if (!body.isEmpty()) {
        headers.push_back({ "Content-Type", "application/json" });
        content = QJsonDocument(body).toJson(QJsonDocument::Compact);
    }
    const QByteArray request = serializeRequest(method, adminAuthority(m_address),
                                                targetOf(path, query), headers, content);
    const bool wasKept = m_connection.has_value();
    auto reply = exchange(request);
    // A server may end a kept connection at any time. Then it has not begun the request.
    if (reply && !*reply && wasKept)
        reply = exchange(request);
    if (!reply)
        return Unexpected(reply.error());
    if (!*reply) {
        return Unexpected(AdminFailure {
            .exitCode = ExitCode::NoServer,
            .sentence = u"the server at %1 ended the connection without an answer"_s.arg(
                m_address.name()) });
    }
    AdminReply answer = **std::move(reply);
    if (answer.status < 200 || answer.status > 299)
        return Unexpected(failureOf(m_address, answer.status, answer.body));
    return answer;
}

/// Absent: the connection ended before the first byte of a response.
Result<std::optional<AdminReply>, AdminFailure> AdminClient::exchange(const QByteArray &request)
{
    if (!m_connection) {
        CARILLON_TRY(AdminConnection opened,
                     AdminConnection::open(m_address, QDeadlineTimer(m_patience.connection)));
        m_connection.emplace(std::move(opened));
    }
    // Kept only if the response says so.
    AdminConnection connection = std::move(*m_connection);
    m_connection.reset();
    const QDeadlineTimer deadline(m_patience.answer);
    CARILLON_TRY_VOID(connection.write(request, deadline));
    ResponseReader reader(LargestDocument);
    while (!reader.isComplete()) {
        CARILLON_TRY(const QByteArray bytes, connection.read(deadline));
        if (bytes.isEmpty()) {
            if (reader.isUntouched())
                return std::optional<AdminReply>();
            if (!reader.end())
                return Unexpected(AdminFailure {
                    .exitCode = ExitCode::NoServer,
                    .sentence = u"the server at %1 broke off its answer"_s.arg(m_address.name()) });
            return std::optional(replyOf(reader.takeResponse()));
        }
        QByteArrayView rest(bytes);
        if ((reader.isUntouched() && !beginsHttp(rest)) || !reader.read(rest))
            return Unexpected(notCarillon(m_address));
    }
    if (reader.keepsAlive())
        m_connection.emplace(std::move(connection));
    return std::optional(replyOf(reader.takeResponse()));
}

} // namespace Carillon
