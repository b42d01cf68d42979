// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/support/pushclient.h"
#include "tests/support/sender.h"
#include "tests/support/testserver.h"

#include <QObject>

namespace Carillon::Testing {

/// A test of the built program over the wire: starts one server for all functions, and after each
/// row has a well-behaved client and sender prove that the server still works. At the end the
/// server stops cleanly, and its log, at its most talkative, holds nothing that was remembered.
class ProtocolTest : public QObject
{
    Q_OBJECT
public:
    explicit ProtocolTest(SettingValues settings = {});

protected:
    [[nodiscard]] TestServer &server() { return m_server; }
    [[nodiscard]] Sender &sender() { return m_sender; }
    /// All notifications that wait for a connected client or come to it: pushes a last one to this
    /// endpoint of its, which comes behind them, and acknowledges that one. parts: what it takes to
    /// push there.
    [[nodiscard]] QList<QJsonObject> drain(PushClient &client, const QByteArray &path,
                                           PushParts parts = {});

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

private:
    TestServer m_server;
    Sender m_sender;
    QByteArray m_witness; // UAID of the well-behaved client
    QByteArray m_witnessPath;
};

/// Bodies of the client's next notifications, which it acknowledges.
[[nodiscard]] QByteArrayList takeBodies(PushClient &client, int count);

} // namespace Carillon::Testing
