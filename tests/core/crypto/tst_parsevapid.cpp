// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/vapid.h"
#include "tests/support/errorcodetext.h"

#include <QTest>

using namespace Carillon;

/// Where senders put their proof, in the forms of RFC 8292 and of the drafts (protocol.md §3.2).
class tst_ParseVapid : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void header_isFound_data()
    {
        QTest::addColumn<QByteArray>("authorization");
        QTest::addColumn<QByteArray>("cryptoKey");
        const auto row = [](const char *name, const char *authorization,
                            const char *cryptoKey = "") {
            QTest::newRow(name) << QByteArray(authorization) << QByteArray(cryptoKey);
        };
        row("as in RFC 8292", "vapid t=a.b.c, k=KEY");
        row("no space", "vapid t=a.b.c,k=KEY");
        row("other order", "vapid k=KEY,t=a.b.c");
        row("many spaces", "  Vapid   t = a.b.c ,  k = KEY  ");
        row("upper case", "VAPID T=a.b.c,K=KEY");
        row("quotes", "vapid t=\"a.b.c\", k=\"KEY\"");
        row("padded key", "vapid t=a.b.c, k=KEY==");
        row("semicolon", "vapid t=a.b.c; k=KEY");
        row("other items", "vapid v=2, t=a.b.c, k=KEY, x=y");
        row("WebPush", "WebPush a.b.c", "p256ecdsa=KEY");
        row("Bearer", "bearer a.b.c", "p256ecdsa=KEY");
        row("among others", "WebPush a.b.c", "keyid=p256dh;dh=DH,p256ecdsa=KEY");
        row("after a semicolon", "WebPush a.b.c", "dh=DH; p256ecdsa=\"KEY\" ;x=y");
        row("beside an item that is none", "WebPush a.b.c", "x, p256ecdsa=KEY");
    }
    void header_isFound()
    {
        QFETCH(QByteArray, authorization);
        QFETCH(QByteArray, cryptoKey);
        const auto header = parseVapid(authorization, cryptoKey);
        QVERIFY(header.has_value());
        QVERIFY(header->has_value());
        QCOMPARE((*header)->token, QByteArray("a.b.c"));
        QCOMPARE((*header)->publicKey, QByteArray("KEY"));
    }

    void header_absent_isNoFault()
    {
        const auto header = parseVapid({}, "p256ecdsa=KEY");
        QVERIFY(header.has_value());
        QVERIFY(!header->has_value());
    }

    void header_faulty_isRefused_data()
    {
        QTest::addColumn<QByteArray>("authorization");
        QTest::addColumn<QByteArray>("cryptoKey");
        QTest::addColumn<ErrorCode>("code");
        const auto row = [](const char *name, const char *authorization, const char *cryptoKey,
                            ErrorCode code) {
            QTest::newRow(name) << QByteArray(authorization) << QByteArray(cryptoKey) << code;
        };
        row("empty", "", "", ErrorCode::VapidHeaderInvalid);
        row("scheme alone", "vapid", "", ErrorCode::VapidHeaderInvalid);
        row("Bearer alone", "Bearer ", "p256ecdsa=KEY", ErrorCode::VapidHeaderInvalid);
        row("unknown scheme", "Basic dXNlcg==", "", ErrorCode::VapidHeaderInvalid);
        row("longer scheme", "vapid2 t=a,k=b", "", ErrorCode::VapidHeaderInvalid);
        row("no k", "vapid t=a.b.c", "p256ecdsa=KEY", ErrorCode::VapidHeaderInvalid);
        row("no t", "vapid k=KEY", "", ErrorCode::VapidHeaderInvalid);
        row("empty k", "vapid t=a.b.c,k=", "", ErrorCode::VapidHeaderInvalid);
        row("empty t", "vapid t=,k=KEY", "", ErrorCode::VapidHeaderInvalid);
        row("legacy without Crypto-Key", "WebPush a.b.c", "", ErrorCode::CryptoKeyMissing);
        row("legacy without p256ecdsa", "WebPush a.b.c", "dh=DH", ErrorCode::CryptoKeyMissing);
        row("legacy, empty p256ecdsa", "WebPush a.b.c", "p256ecdsa=", ErrorCode::CryptoKeyInvalid);
        row("legacy, no items", "WebPush a.b.c", "KEY", ErrorCode::CryptoKeyInvalid);
    }
    void header_faulty_isRefused()
    {
        QFETCH(QByteArray, authorization);
        QFETCH(QByteArray, cryptoKey);
        QFETCH(ErrorCode, code);
        const auto header = parseVapid(authorization, cryptoKey);
        QVERIFY(!header);
        QCOMPARE(header.error(), code);
    }
};

QTEST_APPLESS_MAIN(tst_ParseVapid)
#include "tst_parsevapid.moc"
