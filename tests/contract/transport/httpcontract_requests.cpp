// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/transport/httpcontract.h"

#include "tests/support/rawsocket.h"

#include <QTest>

// What is asked: heads, bodies, and what is refused of them.

namespace Carillon::Testing {

void HttpContract::request_isHandedOver_asSent()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    const auto response = client.exchange(
        request("POST", "/a/b?c=d", "hello", "X-One: 1\r\nx-ONE:\t two words \r\nX-Empty:\r\n"));
    QCOMPARE(response.value().status, 200);
    QCOMPARE(response->body, "hello");
    const HttpRequest seen = fixture.http.seen.take().value();
    QCOMPARE(seen.method, "POST");
    QCOMPARE(seen.path, "/a/b");
    QCOMPARE(seen.query, "c=d");
    QCOMPARE(seen.body, "hello");
    QCOMPARE(seen.peer, "127.0.0.1");
    QByteArrayList names;
    for (const HttpFields::Field field : seen.headers)
        names.append(field.name.toByteArray());
    QCOMPARE(names, QByteArrayList({ "host", "x-one", "x-one", "x-empty", "content-length" }));
    QCOMPARE(seen.headers[1].value, "1");
    QCOMPARE(seen.headers[2].value, "two words");
    QVERIFY(seen.hasHeader("x-empty"));
    QVERIFY(!seen.hasHeader("x-absent"));
}

void HttpContract::target_isSplitAtTheFirstQuestionMark_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("query");
    const auto row = [](const char *target, const char *path, const char *query) {
        QTest::newRow(target) << QByteArray(target) << QByteArray(path) << QByteArray(query);
    };
    row("/", "/", "");
    row("/?", "/", "");
    row("/a?b?c", "/a", "b?c");
    row("/%2e%2E/%zz", "/%2e%2E/%zz", "");
    row("//a/../b/", "//a/../b/", "");
    row("/m/gAAA==", "/m/gAAA==", "");
    row("http://example.org/a?b", "/a", "b");
    row("http://example.org", "/", "");
    row("HTTPS://[::1]:8080/a?b/c", "/a", "b/c");
    row("*", "*", "");
}

void HttpContract::target_isSplitAtTheFirstQuestionMark()
{
    QFETCH(QByteArray, target);
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QCOMPARE(client.exchange(request("OPTIONS", target)).value().status, 200);
    const HttpRequest seen = fixture.http.seen.take().value();
    QTEST(seen.path, "path");
    QTEST(seen.query, "query");
}

void HttpContract::wellFormedHead_isServed_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char *name, const QByteArray &bytes) {
        QTest::newRow(name) << bytes;
    };
    row("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n");
    row("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n");
    row("Host with port", "GET / HTTP/1.1\r\nhost: [::1]:8080\r\n\r\n");
    row("unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n");
    row("Content-Length 0", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    row("leading zeros", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0005\r\n\r\nhello");
    row("obs-text", "GET / HTTP/1.1\r\nHost: a\r\nX: \xe4\xff\r\n\r\n");
    row("as long a head as is allowed",
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + QByteArray(16'384 - 32, 'x') + "\r\n\r\n");
    row("as many fields as are allowed",
        "GET / HTTP/1.1\r\nHost: a\r\n" + QByteArray("X: y\r\n").repeated(63) + "\r\n");
}

void HttpContract::wellFormedHead_isServed()
{
    QFETCH(QByteArray, bytes);
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QCOMPARE(client.exchange(bytes).value().status, 200);
}

void HttpContract::emptyLines_beforeARequest_areSkipped_data()
{
    QTest::addColumn<QByteArray>("lines");
    QTest::newRow("one") << QByteArray("\r\n");
    QTest::newRow("some") << QByteArray("\r\n").repeated(5);
    QTest::newRow("as many as a head has room for")
        << QByteArray("\r\n").repeated((16'384 - 256) / 2);
}

void HttpContract::emptyLines_beforeARequest_areSkipped()
{
    QFETCH(QByteArray, lines);
    TransportFixture fixture(m_factory);
    RawSocket first(fixture.port());
    QCOMPARE(first.exchange(lines + get("/first")).value().status, 200);
    // As clients append them to a body, with the next request or long before it.
    QCOMPARE(first.exchange(request("POST", "/", "hello") + lines).value().body, "hello");
    QVERIFY2(!first.waitForInput(std::chrono::milliseconds(100)),
             "an answer that nobody asked for");
    QCOMPARE(first.exchange(get("/next")).value().status, 200);
    QVERIFY(first.send(get("/a") + lines + get("/b")));
    QCOMPARE(first.readResponse().value().status, 200);
    QCOMPARE(first.readResponse().value().status, 200);

    RawSocket dripping(fixture.port());
    for (const char c : lines.first(std::min<qsizetype>(lines.size(), 64)) + get("/dripped"))
        QVERIFY(dripping.send(QByteArrayView(&c, 1)));
    QCOMPARE(dripping.readResponse().value().status, 200);
}

void HttpContract::emptyLines_alone_areNoRequest()
{
    TransportFixture fixture(m_factory, { .idleTimeout = std::chrono::milliseconds(300) });
    RawSocket leaving(fixture.port());
    QCOMPARE(leaving.exchange(get("/")).value().status, 200);
    QVERIFY(leaving.send("\r\n\r\n"));
    leaving.finishSending();
    QCOMPARE(leaving.readToEnd(), "");
    RawSocket staying(fixture.port());
    QCOMPARE(staying.exchange(get("/")).value().status, 200);
    QVERIFY(staying.send("\r\n\r\n"));
    QCOMPARE(staying.readToEnd(), "");
}

void HttpContract::body_inPieces_isWhole()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    const QByteArray body(300'000, 'b');
    const QByteArray bytes = request("POST", "/large", body);
    for (qsizetype at = 0; at < bytes.size(); at += 7'001)
        QVERIFY(client.send(
            QByteArrayView(bytes).sliced(at).first(std::min<qsizetype>(7'001, bytes.size() - at))));
    QCOMPARE(client.readResponse().value().body, body);
}

void HttpContract::chunkedBody_isDecoded_data()
{
    QTest::addColumn<QByteArray>("chunks");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const QByteArray &chunks, const QByteArray &body) {
        QTest::newRow(name) << chunks << body;
    };
    row("none", "0\r\n\r\n", "");
    row("one", "5\r\nhello\r\n0\r\n\r\n", "hello");
    row("two", "5\r\nhello\r\n6\r\n world\r\n000\r\n\r\n", "hello world");
    row("hexadecimal", "0A\r\n0123456789\r\n0\r\n\r\n", "0123456789");
    row("line ends inside", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n");
    row("extensions", "5;a=b\r\nhello\r\n0;c=\"d\"\r\n\r\n", "hello");
    row("extensions in a row", "5;a;b=\"; \\\"\xc3\xa4\t\";c=d\r\nhello\r\n0\r\n\r\n", "hello");
    row("trailers", "5\r\nhello\r\n0\r\nX-One: 1\r\nX-Two: 2\r\n\r\n", "hello");
}

void HttpContract::chunkedBody_isDecoded()
{
    QFETCH(QByteArray, chunks);
    TransportFixture fixture(m_factory);
    const QByteArray head = request("POST", "/", {}, "Transfer-Encoding: Chunked\r\n");
    RawSocket whole(fixture.port());
    // A second request behind the body shows that its end was found.
    QVERIFY(whole.send(head + chunks + get("/next", "Connection: close\r\n")));
    const auto response = whole.readResponse();
    QCOMPARE(response.value().status, 200);
    QTEST(response->body, "body");
    const HttpRequest seen = fixture.http.seen.take().value();
    QVERIFY2(!seen.hasHeader("x-one"), "a trailer became a header");
    QCOMPARE(whole.readResponse().value().status, 200);
    QCOMPARE(fixture.http.seen.take().value().path, "/next");

    RawSocket dripping(fixture.port());
    for (const char c : head + chunks)
        QVERIFY(dripping.send(QByteArrayView(&c, 1)));
    const auto again = dripping.readResponse();
    QCOMPARE(again.value().status, 200);
    QTEST(again->body, "body");
}

void HttpContract::malformedHead_isRefused_andTheConnectionCloses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char *name, const QByteArray &bytes) {
        QTest::newRow(name) << bytes;
    };
    const QByteArray line = "GET / HTTP/1.1\r\n";
    const QByteArray head = line + "Host: a\r\n";
    row("bare LF first", "\n" + head + "\r\n");
    row("bare LF behind an empty line", "\r\n\n" + head + "\r\n");
    row("bare CR first", "\r" + head + "\r\n");
    row("bare LF", "GET / HTTP/1.1\nHost: a\n\n");
    row("bare CR", head + "X: a\rb\r\n\r\n");
    row("no version", "GET /\r\nHost: a\r\n\r\n");
    row("two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n");
    row("space in target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n");
    row("space after version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n");
    row("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n");
    row("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n");
    row("lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n");
    row("method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n");
    row("relative target", "GET a HTTP/1.1\r\nHost: a\r\n\r\n");
    row("no authority", "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n");
    row("user in the authority", "GET http://u@a/b HTTP/1.1\r\nHost: a\r\n\r\n");
    row("query for a path", "GET http://a?b/c HTTP/1.1\r\nHost: a\r\n\r\n");
    row("another scheme", "GET ftp://a/b HTTP/1.1\r\nHost: a\r\n\r\n");
    row("authority as target", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n");
    row("fragment in target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n");
    row("control character in target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n");
    row("byte above 127 in method", "G\xe4T / HTTP/1.1\r\nHost: a\r\n\r\n");
    row("no Host", line + "\r\n");
    row("two Hosts", head + "Host: a\r\n\r\n");
    row("two Hosts on 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n");
    row("Host that is a list", line + "Host: a, b\r\n\r\n");
    row("Host with a path", line + "Host: a/b\r\n\r\n");
    row("fold", head + "X: a\r\n b\r\n\r\n");
    row("fold of the request line", line + " X: a\r\nHost: a\r\n\r\n");
    row("space before the colon", head + "X : a\r\n\r\n");
    row("no colon", head + "X\r\n\r\n");
    row("no name", head + ": a\r\n\r\n");
    row("NUL in a value", head + QByteArray("X: a\0b\r\n\r\n", 10));
    row("control character in a value", head + "X: a\x01\r\n\r\n");
    row("negative length", head + "Content-Length: -1\r\n\r\n");
    row("signed length", head + "Content-Length: +5\r\n\r\nhello");
    row("length with letters", head + "Content-Length: 5a\r\n\r\nhello");
    row("hexadecimal length", head + "Content-Length: 0x5\r\n\r\nhello");
    row("empty length", head + "Content-Length:\r\n\r\n");
    row("list of lengths", head + "Content-Length: 5, 5\r\n\r\nhello");
    row("two lengths", head + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello");
    row("conflicting lengths", head + "Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello");
    row("length beyond 64 bits", head + "Content-Length: 18446744073709551621\r\n\r\nhello");
    row("Connection that is no list", head + "Connection: close; now\r\n\r\n");
    row("Connection of two words", head + "Connection: keep alive\r\n\r\n");
    const QByteArray chunks = "\r\n0\r\n\r\n";
    row("chunked and a length",
        head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + chunks);
    row("chunked twice",
        head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" + chunks);
    row("chunked, identity", head + "Transfer-Encoding: chunked, identity\r\n" + chunks);
    row("gzip, chunked", head + "Transfer-Encoding: gzip, chunked\r\n" + chunks);
    row("xchunked", head + "Transfer-Encoding: xchunked\r\n" + chunks);
    row("identity", head + "Transfer-Encoding: identity\r\n" + chunks);
    row("empty coding", head + "Transfer-Encoding:\r\n" + chunks);
    row("chunked on 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + chunks);
}

void HttpContract::malformedHead_isRefused_andTheConnectionCloses()
{
    QFETCH(QByteArray, bytes);
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    // What could be a second request must not be served as one.
    QVERIFY(client.send(bytes + get("/smuggled")));
    const auto response = client.readResponse();
    QCOMPARE(response.value().status, 400);
    QCOMPARE(response->header("X-Refused"), "BadRequest");
    QCOMPARE(response->header("Connection"), "close");
    QCOMPARE(statuses(client), QList<int>());
    QVERIFY(client.waitForEnd());
    QVERIFY(fixture.http.seen.all().empty());
}

void HttpContract::malformedChunks_areRefused_data()
{
    QTest::addColumn<QByteArray>("chunks");
    const auto row = [](const char *name, const QByteArray &chunks) {
        QTest::newRow(name) << chunks;
    };
    row("no size", "\r\nhello\r\n0\r\n\r\n");
    row("no hexadecimal digit", "x\r\nhello\r\n0\r\n\r\n");
    row("0x", "0x5\r\nhello\r\n0\r\n\r\n");
    row("negative", "-5\r\nhello\r\n0\r\n\r\n");
    row("space before", " 5\r\nhello\r\n0\r\n\r\n");
    row("space after", "5 \r\nhello\r\n0\r\n\r\n");
    row("bare LF", "5\nhello\r\n0\r\n\r\n");
    row("longer than said", "4\r\nhello\r\n0\r\n\r\n");
    row("shorter than said", "6\r\nhello\r\n0\r\n\r\n");
    row("size beyond 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n");
    row("control character in an extension", "5;\x01\r\nhello\r\n0\r\n\r\n");
    row("extension without a name", "5;\r\nhello\r\n0\r\n\r\n");
    row("extension that is no token", "5;l\xf3st\r\nhello\r\n0\r\n\r\n");
    row("extension with an empty value", "5;a=\r\nhello\r\n0\r\n\r\n");
    row("extension with a space", "5;a b\r\nhello\r\n0\r\n\r\n");
    row("open quote in an extension", "5;a=\"b\r\nhello\r\n0\r\n\r\n");
    row("text behind a quote", "5;a=\"b\"c\r\nhello\r\n0\r\n\r\n");
    row("trailer without a colon", "0\r\nX\r\n\r\n");
    row("space in a trailer's name", "0\r\nX y: z\r\n\r\n");
    row("fold in a trailer", "0\r\n X: y\r\n\r\n");
    row("bare LF at the end", "0\r\n\n");
}

void HttpContract::malformedChunks_areRefused()
{
    QFETCH(QByteArray, chunks);
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    QVERIFY(client.send(request("POST", "/", {}, "Transfer-Encoding: chunked\r\n") + chunks
                        + get("/smuggled")));
    QCOMPARE(client.readResponse().value().status, 400);
    QCOMPARE(statuses(client), QList<int>());
    QVERIFY(client.waitForEnd());
    QVERIFY(fixture.http.seen.all().empty());
}

void HttpContract::headOverTheLimit_is431_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const QByteArray head = "GET / HTTP/1.1\r\nHost: a\r\n";
    QTest::newRow("one long field") << head + "X: " + QByteArray(16'384, 'x') + "\r\n\r\n";
    QTest::newRow("one byte") << head + "X: " + QByteArray(16'384 - 31, 'x') + "\r\n\r\n";
    QTest::newRow("endless line") << QByteArray(20'000, 'x');
    QTest::newRow("empty lines") << QByteArray("\r\n").repeated(8'192);
    QTest::newRow("empty lines and a head")
        << QByteArray("\r\n").repeated(8'000) + head + "X: " + QByteArray(400, 'x') + "\r\n\r\n";
    QTest::newRow("too many fields") << head + QByteArray("X: y\r\n").repeated(64) + "\r\n";
    QTest::newRow("trailers") << "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "0\r\n"
            + QByteArray("X: y\r\n").repeated(5'000) + "\r\n";
}

void HttpContract::headOverTheLimit_is431()
{
    QFETCH(QByteArray, bytes);
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    client.send(bytes);
    const auto response = client.readResponse();
    QCOMPARE(response.value().status, 431);
    QCOMPARE(response->header("X-Refused"), "HeadTooLarge");
    QVERIFY(client.waitForEnd());
    QVERIFY(fixture.http.seen.all().empty());
}

void HttpContract::bodyOverTheLimit_isRefused_beforeItIsSent()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    const auto response =
        client.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
    QCOMPARE(response.value().status, 413);
    QCOMPARE(response->header("X-Refused"), "BodyTooLarge");
    QVERIFY(client.waitForEnd());
    RawSocket other(fixture.port());
    QCOMPARE(other.exchange(request("POST", "/", QByteArray(1'000, 'x'))).value().status, 200);
}

void HttpContract::bodyOverTheLimit_sentAllTheSame_stillMeetsTheAnswer()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    client.send(request("POST", "/", QByteArray(2'000'000, 'x')));
    QCOMPARE(client.readResponse().value().status, 413);
    QVERIFY(client.waitForEnd());
}

void HttpContract::chunkedBodyOverTheLimit_isRefused_beforeItsEnd()
{
    TransportFixture fixture(m_factory);
    RawSocket client(fixture.port());
    const auto response =
        client.exchange(request("POST", "/", {}, "Transfer-Encoding: chunked\r\n") + "3e9\r\n");
    QCOMPARE(response.value().status, 413);
    QVERIFY(client.waitForEnd());
}

QList<int> HttpContract::statuses(RawSocket &client)
{
    QList<int> all;
    for (auto response = client.readResponse(); response; response = client.readResponse())
        all.append(response->status);
    return all;
}

} // namespace Carillon::Testing
