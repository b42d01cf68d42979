// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/responsereader.h"

#include <QTest>

using namespace Carillon;

namespace {

constexpr std::int64_t BodyLimit = 20;

struct Reading
{
    std::optional<ErrorCode> refusal;
    ResponseReader reader { BodyLimit };
    QByteArray rest; // behind the answer
};

/// Feeds the bytes in pieces of this size, as far as they are wanted.
Reading readingOf(const QByteArray &bytes, qsizetype piece)
{
    Reading reading;
    for (qsizetype at = 0; at < bytes.size(); at += piece) {
        const QByteArray part = bytes.sliced(at, std::min(piece, bytes.size() - at));
        QByteArrayView view = part;
        const Result<bool> isWhole = reading.reader.read(view);
        if (!isWhole) {
            reading.refusal = isWhole.error();
            break;
        }
        if (*isWhole) {
            reading.rest = bytes.sliced(at + part.size() - view.size());
            break;
        }
    }
    return reading;
}

const QByteArray Ok = "HTTP/1.1 200 OK\r\n";
const QByteArray Chunked = Ok + "Transfer-Encoding: chunked\r\n\r\n";

} // namespace

class TestResponseReader : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void answer_isRead_howeverItCame_data();
    void answer_isRead_howeverItCame();
    void fields_areToldInLowerCase();
    void doubtfulAnswer_isRefused_howeverItCame_data();
    void doubtfulAnswer_isRefused_howeverItCame();
    void end_makesWholeOnlyWhatTheEndDelimits_data();
    void end_makesWholeOnlyWhatTheEndDelimits();
    void firstByte_touches();
};

void TestResponseReader::answer_isRead_howeverItCame_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("keepsAlive");
    QTest::addColumn<QByteArray>("rest");
    const auto row = [](const char *name, const QByteArray &bytes, int status,
                        const QByteArray &body = {}, bool keepsAlive = true,
                        const QByteArray &rest = {}) {
        QTest::newRow(name) << bytes << status << body << keepsAlive << rest;
    };
    row("length", Ok + "Content-Length: 3\r\n\r\nyes", 200, "yes");
    row("length up to the limit", Ok + "Content-Length: 20\r\n\r\n" + QByteArray(20, 'x'), 200,
        QByteArray(20, 'x'));
    row("length of nothing", Ok + "Content-Length: 0\r\n\r\n", 200);
    row("chunked", Chunked + "2\r\nye\r\n1\r\ns\r\n0\r\n\r\n", 200, "yes");
    row("no reason", "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", 404);
    row("obs-text in the reason", "HTTP/1.1 404 Nicht gef\xfcnden\r\nContent-Length: 0\r\n\r\n",
        404);
    row("204", "HTTP/1.1 204 No Content\r\n\r\n", 204);
    row("204 with a length of nothing", "HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n", 204);
    row("304 tells the length of another answer", "HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n",
        304);
    row("interim answers are passed over",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nLink: a\r\n\r\n" + Ok
            + "Content-Length: 1\r\n\r\n1",
        200, "1");
    row("close", Ok + "Connection: foo, Close\r\nContent-Length: 1\r\n\r\n1", 200, "1", false);
    row("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1", 200, "1", false);
    row("HTTP/1.0 that says keep-alive",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1", 200, "1", false);
    row("bytes behind", Ok + "Content-Length: 1\r\n\r\n1HTTP", 200, "1", true, "HTTP");
    row("bytes behind chunks", Chunked + "0\r\n\r\nHTTP", 200, "", true, "HTTP");
    row("bytes behind a 204", "HTTP/1.1 204 X\r\n\r\nbody", 204, "", true, "body");
}

void TestResponseReader::answer_isRead_howeverItCame()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const QByteArray, body);
    for (const qsizetype piece : { bytes.size(), qsizetype(1), qsizetype(7) }) {
        Reading reading = readingOf(bytes, piece);
        QVERIFY(!reading.refusal);
        QVERIFY(reading.reader.isComplete());
        QTEST(reading.reader.keepsAlive(), "keepsAlive");
        QTEST(reading.rest, "rest");
        const HttpClientResponse response = reading.reader.takeResponse();
        QTEST(response.status, "status");
        QCOMPARE(response.body, body);
    }
}

void TestResponseReader::fields_areToldInLowerCase()
{
    Reading reading = readingOf("HTTP/1.1 103 X\r\nEarly: 1\r\n\r\n" + Ok
                                    + "Content-Length: 0\r\nX-One:  1 \r\n\r\n",
                                1'000);
    const HttpClientResponse response = reading.reader.takeResponse();
    QCOMPARE(response.headers.size(), 2U);
    QCOMPARE(response.headers.value("x-one"), QByteArrayView("1"));
}

void TestResponseReader::doubtfulAnswer_isRefused_howeverItCame_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<ErrorCode>("why");
    const auto row = [](const char *name, const QByteArray &bytes,
                        ErrorCode why = ErrorCode::BadRequest) {
        QTest::newRow(name) << bytes << why;
    };
    row("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n");
    row("HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n");
    row("HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n");
    row("an empty line before it", "\r\n" + Ok + "Content-Length: 0\r\n\r\n");
    row("no space behind the status", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n");
    row("two spaces before the status", "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n");
    row("two digits", "HTTP/1.1 20 OK \r\nContent-Length: 0\r\n\r\n");
    row("four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n");
    row("status 099", "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n");
    row("status 600", "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n");
    row("NUL in the reason", QByteArray("HTTP/1.1 200 O\0K\r\n\r\n", 20));
    row("bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n");
    row("folded line", Ok + "A: b\r\n c\r\n\r\n");
    row("space before the colon", Ok + "Content-Length : 0\r\n\r\n");
    row("two lengths", Ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n1");
    row("a list of lengths", Ok + "Content-Length: 1, 1\r\n\r\n1");
    row("length with a sign", Ok + "Content-Length: +1\r\n\r\n1");
    row("length and chunked", Ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1");
    row("another coding", Ok + "Transfer-Encoding: gzip, chunked\r\n\r\n");
    row("chunked on 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    row("no chunk", Chunked + "yes");
    row("101, unasked for", "HTTP/1.1 101 X\r\nUpgrade: a\r\n\r\n");
    row("100 with a body", "HTTP/1.1 100 X\r\nContent-Length: 1\r\n\r\n1");
    row("204 with a body", "HTTP/1.1 204 X\r\nContent-Length: 1\r\n\r\n1");
    row("204 with chunks", "HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    row("interim answers without end", QByteArray("HTTP/1.1 100 X\r\n\r\n").repeated(9));
    row("head too long", Ok + "A: " + QByteArray(17'000, 'a'), ErrorCode::HeadTooLarge);
    row("too many fields", Ok + QByteArray("A: b\r\n").repeated(65) + "\r\n",
        ErrorCode::HeadTooLarge);
    row("length over the limit", Ok + "Content-Length: 21\r\n\r\n", ErrorCode::BodyTooLarge);
    row("chunks over the limit", Chunked + "10\r\n" + QByteArray(16, 'x') + "\r\n5\r\n",
        ErrorCode::BodyTooLarge);
    row("all up to the end over the limit", Ok + "\r\n" + QByteArray(21, 'x'),
        ErrorCode::BodyTooLarge);
}

void TestResponseReader::doubtfulAnswer_isRefused_howeverItCame()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const ErrorCode, why);
    for (const qsizetype piece : { bytes.size(), qsizetype(1), qsizetype(7) })
        QCOMPARE(readingOf(bytes, piece).refusal, why);
}

void TestResponseReader::end_makesWholeOnlyWhatTheEndDelimits_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("isWhole");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const QByteArray &bytes, bool isWhole,
                        const QByteArray &body = {}) {
        QTest::newRow(name) << bytes << isWhole << body;
    };
    row("all up to the end", Ok + "\r\nyes", true, "yes");
    row("nothing up to the end", Ok + "\r\n", true);
    row("nothing at all", "", false);
    row("half a head", Ok + "Content-", false);
    row("an interim answer only", "HTTP/1.1 100 X\r\n\r\n", false);
    row("no body", Ok + "Content-Length: 3\r\n\r\n", false);
    row("half a body", Ok + "Content-Length: 3\r\n\r\nye", false);
    row("half a chunk", Chunked + "3\r\nye", false);
    row("no last chunk", Chunked + "3\r\nyes\r\n", false);
}

void TestResponseReader::end_makesWholeOnlyWhatTheEndDelimits()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const bool, isWhole);
    Reading reading = readingOf(bytes, 7);
    QVERIFY(!reading.refusal);
    QVERIFY(!reading.reader.isComplete());
    QCOMPARE(reading.reader.end(), isWhole);
    if (isWhole) {
        QVERIFY(!reading.reader.keepsAlive());
        QTEST(reading.reader.takeResponse().body, "body");
    }
}

void TestResponseReader::firstByte_touches()
{
    QVERIFY(readingOf({}, 1).reader.isUntouched());
    QVERIFY(!readingOf("H", 1).reader.isUntouched());
    QVERIFY(!readingOf("HTTP/1.1 100 X\r\n\r\n", 100).reader.isUntouched());
}

QTEST_APPLESS_MAIN(TestResponseReader)
#include "tst_responsereader.moc"
