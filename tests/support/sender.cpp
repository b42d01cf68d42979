// SPDX-License-Identifier: MPL-2.0
#include "tests/support/sender.h"

#include "tests/support/pushclient.h"
#include "tests/support/vapidkey.h"

namespace Carillon::Testing {

HttpReply Sender::push(const QByteArray &path, const PushParts &parts)
{
    HttpHeaders headers = parts.more;
    const auto add = [&headers](const char *name, const QByteArray &value) {
        if (!value.isNull())
            headers.emplace_back(name, value);
    };
    add("TTL", parts.ttl);
    add("Content-Encoding", parts.encoding);
    add("Topic", parts.topic);
    add("Urgency", parts.urgency);
    add("Authorization", parts.authorization);
    m_server.remember(parts.authorization);
    m_server.remember(parts.body);
    m_server.remember(base64Url(parts.body));
    for (const QByteArray &word : QByteArray(parts.authorization).replace('=', ' ').split(' '))
        m_server.remember(word.endsWith(',') ? word.chopped(1) : word);
    const HttpReply reply = m_http.request("POST", path, headers, parts.body);
    const QByteArray location = reply.header("Location");
    m_server.remember(location.mid(location.lastIndexOf('/') + 1));
    return reply;
}

HttpReply Sender::pushText(const QByteArray &path, const QByteArray &body)
{
    PushParts parts;
    parts.body = body;
    return push(path, parts);
}

HttpReply Sender::cancel(const QByteArray &location)
{
    return m_http.request("DELETE",
                          location.mid(location.indexOf('/', location.indexOf("//") + 2)));
}

QByteArray bodyOf(const QJsonObject &notification)
{
    return QByteArray::fromBase64(text(notification, "data"), QByteArray::Base64UrlEncoding);
}

} // namespace Carillon::Testing
