// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/requestreader.h"

#include <QTest>

using namespace Carillon;

namespace {

struct Refused
{
    ErrorCode why = ErrorCode::Internal;
    QByteArray method;
    bool operator==(const Refused &) const = default;
};

/// Feeds the bytes in pieces of this size. nullopt: they are not refused.
std::optional<Refused> refusalOf(const QByteArray &bytes, qsizetype piece, const HeadLimits &limits)
{
    RequestReader reader(limits);
    for (qsizetype at = 0; at < bytes.size(); at += piece) {
        QByteArrayView rest =
            QByteArrayView(bytes).sliced(at).first(std::min(piece, bytes.size() - at));
        const auto progress = reader.read(rest);
        if (!progress)
            return Refused { progress.error(), reader.head().request.method };
        if (*progress != RequestReader::Progress::More)
            break;
    }
    return std::nullopt;
}

} // namespace

/// What the fuzz targets cannot say of single inputs.
class TestRequestReader : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void refusedHead_tellsItsMethod_howeverItCame_data();
    void refusedHead_tellsItsMethod_howeverItCame();
};

void TestRequestReader::refusedHead_tellsItsMethod_howeverItCame_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<ErrorCode>("why");
    QTest::addColumn<QByteArray>("method");
    const QByteArray filler(100, 'a');
    QTest::newRow("target too long")
        << "HEAD /" + filler << ErrorCode::HeadTooLarge << QByteArray("HEAD");
    // Found by fuzz_httprequest.
    QTest::newRow("method longer than a head") << filler + " / HTTP/1.1\r\n"
                                               << ErrorCode::HeadTooLarge << QByteArray();
    QTest::newRow("method up to the limit") << filler.first(96) + " / HTTP/1.1\r\n"
                                            << ErrorCode::HeadTooLarge << QByteArray();
    QTest::newRow("bare LF") << QByteArray("HEAD /\nHost: a\r\n\r\n") << ErrorCode::BadRequest
                             << QByteArray("HEAD");
    QTest::newRow("bare LF before any space")
        << QByteArray("HEAD\n / HTTP/1.1\r\n") << ErrorCode::BadRequest << QByteArray();
    QTest::newRow("no token") << QByteArray("HE@D /\n") << ErrorCode::BadRequest << QByteArray();
}

void TestRequestReader::refusedHead_tellsItsMethod_howeverItCame()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const ErrorCode, why);
    QFETCH(const QByteArray, method);
    HeadLimits limits;
    limits.bytes = 96;
    for (const qsizetype piece : { bytes.size(), qsizetype(1), qsizetype(7) }) {
        const std::optional<Refused> refused = refusalOf(bytes, piece, limits);
        QVERIFY(refused);
        QCOMPARE(refused->why, why);
        QCOMPARE(refused->method, method);
    }
}

QTEST_APPLESS_MAIN(TestRequestReader)
#include "tst_requestreader.moc"
