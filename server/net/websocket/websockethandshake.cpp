// SPDX-License-Identifier: MPL-2.0
#include "server/net/websocket/websockethandshake.h"

#include <QByteArrayList>
#include <QCryptographicHash>

#include <algorithm>

namespace Carillon {

namespace {

/// Unlike tokens of HTTP, subprotocols are compared in the case they are written in.
bool offers(QByteArrayView list, QByteArrayView subprotocol)
{
    const QByteArrayList offered = list.toByteArray().split(',');
    return std::any_of(offered.begin(), offered.end(),
                       [&](const QByteArray &each) { return each.trimmed() == subprotocol; });
}

} // namespace

bool asksForWebSocket(const RequestHead &head)
{
    return std::any_of(head.request.headers.begin(), head.request.headers.end(),
                       [](const HttpFields::Field &field) {
                           return field.name == "upgrade" && hasToken(field.value, "websocket");
                       });
}

Result<void> judgeHandshake(const RequestHead &head)
{
    const HttpRequest &request = head.request;
    const bool upgrades = std::any_of(
        request.headers.begin(), request.headers.end(), [](const HttpFields::Field &field) {
            return field.name == "connection" && hasToken(field.value, "upgrade");
        });
    if (request.method != "GET" || !head.isHttp11 || !upgrades || head.framing != BodyFraming::None)
        return Unexpected(ErrorCode::BadRequest);
    const QByteArray key = request.header("sec-websocket-key").toByteArray();
    const auto decoded =
        QByteArray::fromBase64Encoding(key, QByteArray::AbortOnBase64DecodingErrors);
    if (countHeaders(request.headers, "sec-websocket-key") != 1 || key.size() != 24 || !decoded
        || (*decoded).size() != 16) {
        return Unexpected(ErrorCode::BadRequest);
    }
    const int versions = countHeaders(request.headers, "sec-websocket-version");
    if (versions == 1 && request.header("sec-websocket-version") != "13")
        return Unexpected(ErrorCode::UpgradeRequired);
    if (versions != 1)
        return Unexpected(ErrorCode::BadRequest);
    return {};
}

QByteArray acceptHandshake(const RequestHead &head, QByteArrayView subprotocol)
{
    const HttpRequest &request = head.request;
    // RFC 6455 §1.3 gives every WebSocket server this text to add.
    const QByteArray key = request.header("sec-websocket-key").toByteArray()
        + QByteArrayLiteral("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    QByteArray answer = "HTTP/1.1 101 Switching Protocols\r\n"
                        "Upgrade: websocket\r\n"
                        "Connection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: ";
    answer.append(QCryptographicHash::hash(key, QCryptographicHash::Sha1).toBase64());
    answer.append("\r\n");
    const bool isOffered = !subprotocol.isEmpty()
        && std::any_of(
            request.headers.begin(), request.headers.end(), [&](const HttpFields::Field &field) {
                return field.name == "sec-websocket-protocol" && offers(field.value, subprotocol);
            });
    if (isOffered)
        answer.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
    return answer.append("\r\n");
}

HttpResponse withWebSocketVersion(HttpResponse response)
{
    const auto add = [&response](const char *name, const char *value) {
        const bool there = std::any_of(
            response.headers.begin(), response.headers.end(), [&](const HttpHeader &field) {
                return field.name.compare(name, Qt::CaseInsensitive) == 0;
            });
        if (!there)
            response.headers.push_back({ name, value });
    };
    add("Upgrade", "websocket");
    add("Sec-WebSocket-Version", "13");
    return response;
}

} // namespace Carillon
