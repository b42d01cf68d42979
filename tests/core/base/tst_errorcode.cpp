// SPDX-License-Identifier: MPL-2.0
#include "core/base/errorcode.h"
#include "tests/support/errorcodetext.h"

#include <QSet>
#include <QTest>

using namespace Carillon;

namespace {

QList<ErrorCode> allCodes()
{
    QList<ErrorCode> codes;
    for (int i = 0; i < ErrorCodeCount; ++i)
        codes.append(static_cast<ErrorCode>(i));
    return codes;
}

} // namespace

class tst_ErrorCode : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void names_areDistinctAndFitForLabels()
    {
        QSet<QByteArray> names;
        for (const ErrorCode code : allCodes()) {
            const QByteArray name = errorName(code).toByteArray();
            QVERIFY(!name.isEmpty());
            for (const char c : name)
                QVERIFY2((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'),
                         name.constData());
            // A close frame holds 123 bytes of reason.
            QVERIFY(name.size() <= 123);
            names.insert(name);
        }
        QCOMPARE(names.size(), ErrorCodeCount);
    }

    void messages_areOneLineThatFitsIntoJson()
    {
        for (const ErrorCode code : allCodes()) {
            const QByteArray text = errorMessage(code).toByteArray();
            QVERIFY2(text.size() > 5, errorName(code).data());
            QVERIFY2(!text.contains('"') && !text.contains('\\') && !text.contains('\n'),
                     text.constData());
        }
    }

    void statuses_areErrorsWithAReason()
    {
        for (const ErrorCode code : allCodes()) {
            QVERIFY2(httpStatus(code) >= 400 && httpStatus(code) < 600, errorName(code).data());
            QVERIFY2(httpReason(httpStatus(code)) != QByteArrayView("Unknown"),
                     errorName(code).data());
        }
        QCOMPARE(httpReason(201).toByteArray(), QByteArray("Created"));
        QCOMPARE(httpReason(299).toByteArray(), QByteArray("Unknown"));
    }

    void closeCodes_mayBeSentInAFrame()
    {
        // RFC 6455 §7.4.1 and the registry: not 1004 to 1006 nor 1015.
        const QSet<int> sendable { 1000, 1001, 1002, 1003, 1007, 1009, 1011, 1012, 1013 };
        for (const ErrorCode code : allCodes())
            QVERIFY2(sendable.contains(closeCode(code)), errorName(code).data());
    }

    // protocol.md §3.1 and §3.3 (statuses and numbers), §2.1 (close codes).
    void statusAndErrno_areThoseOfTheProtocol_data()
    {
        QTest::addColumn<ErrorCode>("code");
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("number");
        const auto row = [](ErrorCode code, int status, int number) {
            QTest::newRow(errorName(code).data()) << code << status << number;
        };
        row(ErrorCode::UnknownApiVersion, 404, 102);
        row(ErrorCode::InvalidToken, 404, 102);
        row(ErrorCode::InvalidMessageId, 400, 102);
        row(ErrorCode::NoSuchUser, 410, 106);
        row(ErrorCode::NoSuchSubscription, 410, 106);
        row(ErrorCode::UserDeleted, 410, 105);
        row(ErrorCode::BodyTooLarge, 413, 104);
        row(ErrorCode::TtlMissing, 400, 111);
        row(ErrorCode::TtlInvalid, 400, 111);
        row(ErrorCode::TtlNegative, 400, 114);
        row(ErrorCode::TopicInvalid, 400, 113);
        for (const ErrorCode code :
             { ErrorCode::EncodingMissing, ErrorCode::EncodingUnknown, ErrorCode::SaltMissing,
               ErrorCode::SaltInvalid, ErrorCode::DhInvalid, ErrorCode::SaltNotAllowed,
               ErrorCode::DhNotAllowed, ErrorCode::CryptoKeyMissing, ErrorCode::CryptoKeyInvalid })
            row(code, 400, 110);
        for (const ErrorCode code :
             { ErrorCode::VapidMissing, ErrorCode::VapidHeaderInvalid, ErrorCode::VapidTokenInvalid,
               ErrorCode::VapidKeyInvalid, ErrorCode::VapidAlgorithm, ErrorCode::VapidSignature,
               ErrorCode::VapidAudience, ErrorCode::VapidExpiryMissing, ErrorCode::VapidExpired,
               ErrorCode::VapidExpiryTooFar, ErrorCode::VapidSubjectInvalid,
               ErrorCode::VapidKeyMismatch })
            row(code, 401, 109);
        row(ErrorCode::StorageUnavailable, 503, 201);
        row(ErrorCode::StorageFull, 503, 201);
        row(ErrorCode::ClockNotTrusted, 503, 202);
        row(ErrorCode::Overloaded, 503, 202);
        row(ErrorCode::QueueFull, 429, 202);
        row(ErrorCode::RateLimited, 429, 202);
        row(ErrorCode::TooManyConnections, 429, 202);
        row(ErrorCode::TestError, 418, 999);
    }
    void statusAndErrno_areThoseOfTheProtocol()
    {
        QFETCH(ErrorCode, code);
        QFETCH(int, status);
        QFETCH(int, number);
        QCOMPARE(httpStatus(code), status);
        QCOMPARE(autopushErrno(code).value_or(-1), number);
    }

    void codesThatAutopushHasNoNumberFor_haveNone()
    {
        for (const ErrorCode code : { ErrorCode::Internal, ErrorCode::NotFound,
                                      ErrorCode::MethodNotAllowed, ErrorCode::Ghost })
            QVERIFY(!autopushErrno(code));
    }

    void closeCodes_areThoseOfTheProtocol_data()
    {
        QTest::addColumn<ErrorCode>("code");
        QTest::addColumn<int>("close");
        const auto row = [](ErrorCode code, int close) {
            QTest::newRow(errorName(code).data()) << code << close;
        };
        row(ErrorCode::UaidReset, 1000);
        row(ErrorCode::ServerStopping, 1001);
        row(ErrorCode::Draining, 1012);
        row(ErrorCode::ProtocolViolation, 1002);
        row(ErrorCode::InvalidUtf8, 1007);
        row(ErrorCode::BinaryMessage, 1003);
        row(ErrorCode::MessageTooBig, 1009);
        row(ErrorCode::InvalidMessage, 1011);
        row(ErrorCode::HandshakeTimeout, 1011);
        row(ErrorCode::PongTimeout, 1011);
        row(ErrorCode::ExcessivePing, 1011);
        row(ErrorCode::Ghost, 1011);
        row(ErrorCode::SlowReader, 1011);
        row(ErrorCode::Internal, 1011);
        row(ErrorCode::TryAgainLater, 1013);
        row(ErrorCode::StorageUnavailable, 1013);
    }
    void closeCodes_areThoseOfTheProtocol()
    {
        QFETCH(ErrorCode, code);
        QFETCH(int, close);
        QCOMPARE(closeCode(code), close);
    }
};

QTEST_APPLESS_MAIN(tst_ErrorCode)
#include "tst_errorcode.moc"
