// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/adminclient.h"
#include "server/commands/admin/adminfeed.h"
#include "server/commands/admin/findclient.h"
#include "server/commands/admin/listing.h"
#include "server/net/websocket/websocketframe.h"
#include "tests/support/fakeadmin.h"

#include <QDir>
#include <QFile>
#include <QLocalServer>
#include <QTemporaryDir>
#include <QTest>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

using Environment = QMap<QString, QString>;

Arguments arguments(const QStringList &words)
{
    return Arguments::parse(words, adminAddressOptions()).value_or(Arguments());
}

QByteArray text(QByteArrayView payload)
{
    QByteArray frame;
    appendFrame(frame, Opcode::Text, payload);
    return frame;
}

} // namespace

/// The client of the admin API, against a server of its own on a real Unix socket.
class TestAdminClient : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;

    [[nodiscard]] QString path(const QString &name) const { return m_directory.filePath(name); }
    /// An environment whose places for sockets are all in the test's directory.
    [[nodiscard]] Environment environment() const
    {
        for (const QString &name : { u"run"_s, u"user/carillon"_s, u"state/carillon"_s })
            QDir().mkpath(path(name));
        return { { u"RUNTIME_DIRECTORY"_s, path(u"run"_s) },
                 { u"XDG_RUNTIME_DIR"_s, path(u"user"_s) },
                 { u"XDG_STATE_HOME"_s, path(u"state"_s) } };
    }
    [[nodiscard]] AdminClient client(AdminPatience patience = {}) const
    {
        return AdminClient({ .socket = path(u"s"_s), .url = {}, .token = {} }, patience);
    }

private Q_SLOTS:
    void oneServerOfThisMachine_isFound_data()
    {
        QTest::addColumn<QString>("socket");
        QTest::newRow("service manager") << u"run/admin.sock"_s;
        QTest::newRow("state") << u"state/carillon/admin.sock"_s;
    }
    void oneServerOfThisMachine_isFound()
    {
        QFETCH(const QString, socket);
        const Environment variables = environment();
        const FakeAdmin server(path(socket));
        const auto address = findAdmin(arguments({}), variables);
        QVERIFY(address);
        QCOMPARE(address->socket, path(socket));
    }

    void socketsOfServersThatEnded_areNotCounted()
    {
        const Environment variables = environment();
        {
            const FakeAdmin ended(path(u"run/admin.sock"_s));
        }
        QVERIFY(QFile::exists(path(u"run/admin.sock"_s)));
        const auto none = findAdmin(arguments({}), variables);
        QVERIFY(!none);
        QCOMPARE(none.error().exitCode, ExitCode::NoServer);
        QVERIFY2(none.error().sentence.contains(u"no server runs here"_s),
                 qUtf8Printable(none.error().sentence));
        const FakeAdmin server(path(u"state/carillon/admin.sock"_s));
        QCOMPARE(findAdmin(arguments({}), variables)->socket, path(u"state/carillon/admin.sock"_s));
    }

    void severalServersOfThisMachine_areNamed()
    {
        const Environment variables = environment();
        const FakeAdmin one(path(u"run/admin.sock"_s));
        const FakeAdmin other(path(u"state/carillon/admin.sock"_s));
        const auto address = findAdmin(arguments({}), variables);
        QVERIFY(!address);
        QCOMPARE(address.error().exitCode, ExitCode::Usage);
        QVERIFY(address.error().sentence.contains(path(u"run/admin.sock"_s)));
        QVERIFY(address.error().sentence.contains(path(u"state/carillon/admin.sock"_s)));
        QVERIFY(address.error().sentence.contains(u"--socket"_s));
        QCOMPARE(findAdmin(arguments({ u"--socket"_s, u"/x"_s }), variables)->socket, u"/x"_s);
        QCOMPARE(findAdmin(arguments({ u"--socket"_s, u"x"_s }), variables)->socket,
                 QDir::current().filePath(u"x"_s));
    }

    void remoteServers_needAToken_andTls()
    {
        const auto failure = [this](const QStringList &words, const Environment &variables = {}) {
            const auto address = findAdmin(arguments(words), variables);
            return address ? QString() : address.error().sentence;
        };
        QVERIFY(
            failure({ u"--url"_s, u"https://push.example.com"_s }).contains(u"needs a token"_s));
        QFile token(path(u"token"_s));
        QVERIFY(token.open(QIODevice::WriteOnly));
        token.write("carillon_abc\n");
        token.close();
        const QStringList tokenFile { u"--token-file"_s, token.fileName() };
        QVERIFY(failure(QStringList { u"--url"_s, u"http://push.example.com"_s } + tokenFile)
                    .contains(u"use https://"_s));
        QVERIFY(failure(QStringList { u"--url"_s, u"push.example.com"_s } + tokenFile)
                    .contains(u"is not a URL"_s));
        QVERIFY(
            failure(QStringList { u"--url"_s, u"https://x"_s, u"--socket"_s, u"y"_s } + tokenFile)
                .contains(u"not both"_s));
        QVERIFY(failure({ u"--url"_s, u"https://x"_s, u"--token-file"_s, path(u"none"_s) })
                    .contains(u"cannot be read"_s));
        const auto address =
            findAdmin(arguments({}),
                      { { u"CARILLON_ADMIN_URL"_s, u"https://push.example.com:8083/"_s },
                        { u"CARILLON_ADMIN_TOKEN_FILE"_s, token.fileName() } });
        QVERIFY(address);
        QCOMPARE(address->name(), u"https://push.example.com:8083"_s);
        QCOMPARE(address->token, QByteArray("carillon_abc"));
    }

    void requests_areSentOverOneConnection()
    {
        FakeAdmin server(path(u"s"_s));
        server.answer("GET /api/v1/status", R"({"version":"1"})");
        server.answer("POST /api/v1/tokens", R"({"id":1})");
        AdminClient admin = client();
        QUrlQuery query;
        query.addQueryItem(u"q"_s, u"a%26b%20c"_s);
        const auto reply = admin.get("/status", query);
        QVERIFY(reply);
        QCOMPARE(reply->json.value("version"_L1).toString(), u"1"_s);
        QCOMPARE(reply->serverTime, QDateTime::fromString(u"2026-11-28T15:00:00Z"_s, Qt::ISODate));
        QVERIFY(admin.call("POST", "/tokens", {}, { { u"name"_s, u"x"_s } }));
        QCOMPARE(server.requests(),
                 (QByteArrayList { "GET /api/v1/status?q=a%26b%20c",
                                   R"(POST /api/v1/tokens {"name":"x"})" }));
        QVERIFY(server.lastHead().contains("\r\nHost: localhost\r\n"));
        QCOMPARE(server.connections(), 1);
    }

    void connectionThatEndedMeanwhile_isReplaced()
    {
        FakeAdmin server(path(u"s"_s));
        server.answer("GET /api/v1/a", { .body = "{}", .closes = true });
        server.answer("GET /api/v1/b", "{}");
        AdminClient admin = client();
        QVERIFY(admin.get("/a"));
        QTest::qWait(20);
        QVERIFY(admin.get("/b"));
        QCOMPARE(server.connections(), 2);
    }

    void failures_haveASentenceAndAnExitCode_data()
    {
        QTest::addColumn<FakeAdmin::Answer>("answer");
        QTest::addColumn<QString>("sentence");
        QTest::addColumn<ExitCode>("exitCode");
        const auto problem = [](int status, const QByteArray &detail) {
            return FakeAdmin::Answer { .status = status,
                                       .body = "{\"title\":\"T\",\"detail\":\"" + detail + "\"}",
                                       .type = "application/problem+json" };
        };
        QTest::newRow("bad input") << problem(400, "sort is not a column.")
                                   << u"sort is not a column"_s << ExitCode::Usage;
        QTest::newRow("no token") << problem(401, "Send a token.") << u"requires a token"_s
                                  << ExitCode::Failure;
        QTest::newRow("forbidden") << problem(403, "The role viewer does not act.")
                                   << u"The role viewer does not act"_s << ExitCode::Failure;
        QTest::newRow("unknown") << problem(404, "There is no client 12.")
                                 << u"There is no client 12"_s << ExitCode::Failure;
        QTest::newRow("older server")
            << FakeAdmin::Answer { .status = 404, .body = "not found", .type = "text/plain" }
            << u"it is older than this program"_s << ExitCode::Failure;
        QTest::newRow("without words")
            << FakeAdmin::Answer { .status = 502, .body = "<html>", .type = "text/html" }
            << u"answered with status 502"_s << ExitCode::Failure;
        QTest::newRow("other protocol") << FakeAdmin::Answer { .raw = "220 mail.example ESMTP\r\n" }
                                        << u"is not the admin API"_s << ExitCode::Failure;
        QTest::newRow("broken off")
            << FakeAdmin::Answer { .raw = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{" }
            << u"broke off its answer"_s << ExitCode::NoServer;
        QTest::newRow("silent") << FakeAdmin::Answer { .isSilent = true } << u"does not answer"_s
                                << ExitCode::NoServer;
    }
    void failures_haveASentenceAndAnExitCode()
    {
        QFETCH(const FakeAdmin::Answer, answer);
        QFETCH(const QString, sentence);
        QFETCH(const ExitCode, exitCode);
        FakeAdmin server(path(u"s"_s));
        server.answer("GET /api/v1/x", answer);
        const auto reply = client({ .answer = std::chrono::milliseconds(300) }).get("/x");
        QVERIFY(!reply);
        QVERIFY2(reply.error().sentence.contains(sentence), qUtf8Printable(reply.error().sentence));
        QVERIFY(!reply.error().sentence.endsWith(u'.'));
        QCOMPARE(reply.error().exitCode, exitCode);
    }

    void serverThatIsNotThere_isNamed()
    {
        const auto reply = client().get("/x");
        QVERIFY(!reply);
        QCOMPARE(reply.error().exitCode, ExitCode::NoServer);
        QCOMPARE(reply.error().sentence, u"no server listens at "_s + path(u"s"_s));
    }

    void lists_areReadOverPages_alsoOverEmptyOnes()
    {
        FakeAdmin server(path(u"s"_s));
        server.answer("GET /api/v1/clients?limit=3", R"({"items":[{"a":1},{"a":2}],"next":"n/1"})");
        server.answer("GET /api/v1/clients?cursor=n%2F1&limit=1", R"({"items":[],"next":"n2"})");
        server.answer("GET /api/v1/clients?cursor=n2&limit=1",
                      R"({"items":[{"a":3}],"next":"n3"})");
        AdminClient admin = client();
        const auto list = readList(admin, "/clients", {}, 3);
        QVERIFY2(list, list ? "" : qUtf8Printable(list.error().sentence));
        QCOMPARE(list->json.value("items"_L1).toArray().size(), 3);
        QCOMPARE(list->json.value("next"_L1).toString(), u"n3"_s);
    }

    void prefixOfAUaid_namesTheOneClientThatHasIt()
    {
        FakeAdmin server(path(u"s"_s));
        AdminClient admin = client();
        const QString uaid = u"3f2a91c0b7e24d5f8a6c1e0d9b8a9c41"_s;
        QCOMPARE(findClient(admin, u"3F2A91C0-B7E2-4D5F-8A6C-1E0D9B8A9C41"_s).value_or(QString()),
                 uaid);
        QVERIFY(server.requests().isEmpty());
        server.answer("GET /api/v1/clients",
                      R"({"items":[{"uaid":"3f2a91c0b7e24d5f8a6c1e0d9b8a9c41"}],"next":null})");
        QCOMPARE(findClient(admin, u"3f2a"_s).value_or(QString()), uaid);
        server.answer("GET /api/v1/clients", R"({"items":[{"uaid":"3f2a1"},{"uaid":"3f2a2"}]})");
        const auto ambiguous = findClient(admin, u"3f2a"_s);
        QCOMPARE(ambiguous.error().exitCode, ExitCode::Usage);
        QVERIFY(ambiguous.error().sentence.contains(u"3f2a1, 3f2a2"_s));
        server.answer("GET /api/v1/clients", R"({"items":[]})");
        QCOMPARE(findClient(admin, u"3f2a"_s).error().exitCode, ExitCode::Failure);
        QCOMPARE(findClient(admin, u"phone"_s).error().exitCode, ExitCode::Usage);
    }

    void feed_givesMessages_answersPings_andSaysWhyItEnds()
    {
        FakeAdmin server(path(u"s"_s));
        QByteArray frames = text(R"({"event":{"id":1}})");
        appendFrame(frames, Opcode::Ping, "are you there");
        frames += text(R"({"event":{"id":2}})");
        appendCloseFrame(frames, 1012, "the server restarts");
        server.feed(frames);
        auto feed = AdminFeed::open(client().address());
        QVERIFY(feed);
        QVERIFY(feed->send({ { u"subscribe"_s, QJsonArray { u"events"_s } } }));
        for (const int id : { 1, 2 }) {
            const auto message = feed->next();
            QVERIFY(message && *message);
            QCOMPARE((*message)->value("event"_L1).toObject().value("id"_L1).toInt(), id);
        }
        const auto end = feed->next();
        QVERIFY(end && !*end);
        QCOMPARE(feed->reason(), u"the server restarts"_s);
        QTRY_VERIFY(server.messages().contains("are you there"));
        QCOMPARE(server.messages().first(), QByteArray(R"({"subscribe":["events"]})"));
    }

    void feedThatIsRefused_saysWhy()
    {
        FakeAdmin server(path(u"s"_s));
        server.answer("GET /api/v1/live",
                      { .status = 403,
                        .body = R"({"detail":"The peer has no role."})",
                        .type = "application/problem+json" });
        const auto feed = AdminFeed::open(client().address());
        QVERIFY(!feed);
        QCOMPARE(feed.error().sentence, u"The peer has no role"_s);
    }

    void spans_areRead()
    {
        QCOMPARE(parseSpan(u"90s"_s), std::chrono::seconds(90));
        QCOMPARE(parseSpan(u"10m"_s), std::chrono::seconds(600));
        QCOMPARE(parseSpan(u"3d"_s), std::chrono::seconds(3 * 86'400));
        for (const QString &wrong : { u""_s, u"5"_s, u"m"_s, u"-1m"_s, u"1y"_s, u"99999999d"_s })
            QVERIFY(!parseSpan(wrong));
    }
};

QTEST_GUILESS_MAIN(TestAdminClient)
#include "tst_adminclient.moc"
