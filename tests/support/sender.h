// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/support/httppeer.h"
#include "tests/support/testserver.h"

#include <QByteArray>
#include <QByteArrayList>

namespace Carillon::Testing {

/// What a push is sent with; the defaults make a good one with a body.
struct PushParts
{
    QByteArray ttl = "60"; ///< null: no header
    QByteArray encoding = "aes128gcm"; ///< null: no header
    QByteArray body = "nobody reads this but its client";
    QByteArray topic {}; ///< null: no header
    QByteArray urgency {}; ///< null: no header
    QByteArray authorization {}; ///< null: no header
    HttpHeaders more = {};
};

/// An application server, over one connection that it keeps.
class Sender
{
public:
    explicit Sender(TestServer &server) : m_server(server), m_http(server.endpointPort()) { }

    /// POSTs to an endpoint, given by its path.
    [[nodiscard]] HttpReply push(const QByteArray &path, const PushParts &parts = {});
    /// The same with a body of its own, random and as long as given; its text is in body().
    [[nodiscard]] HttpReply pushText(const QByteArray &path, const QByteArray &body);
    /// DELETEs what Location of an earlier answer named.
    [[nodiscard]] HttpReply cancel(const QByteArray &location);
    [[nodiscard]] HttpPeer &http() { return m_http; }

private:
    TestServer &m_server;
    HttpPeer m_http;
};

/// What a notification's data decodes to.
[[nodiscard]] QByteArray bodyOf(const QJsonObject &notification);

} // namespace Carillon::Testing
