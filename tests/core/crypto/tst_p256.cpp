// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/base64url.h"
#include "core/crypto/p256.h"

#include <QTest>

using namespace Carillon;

namespace {

// RFC 7515 A.3: a JSON Web Signature with ES256.
const QByteArray JwsText =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0"
    "dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const QByteArray JwsSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const QByteArray JwsX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const QByteArray JwsY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const QByteArray JwsScalar = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";

QByteArray jwsPoint()
{
    return '\x04' + *fromBase64Url(JwsX) + *fromBase64Url(JwsY);
}

} // namespace

class tst_P256 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rfc7515Signature_verifies()
    {
        const Es256Verifier verifier(p256PublicKey(jwsPoint()));
        QVERIFY(verifier.verify(JwsText, *fromBase64Url(JwsSignature)));
        // A verifier keeps nothing of the last check.
        QVERIFY(!verifier.verify(JwsText + 'x', *fromBase64Url(JwsSignature)));
        QVERIFY(verifier.verify(JwsText, *fromBase64Url(JwsSignature)));
    }

    void anyFlippedByteOfASignature_fails()
    {
        const Es256Verifier verifier(p256PublicKey(jwsPoint()));
        const QByteArray good = *fromBase64Url(JwsSignature);
        for (qsizetype i = 0; i < good.size(); ++i) {
            QByteArray altered = good;
            altered[i] = static_cast<char>(altered[i] ^ 0x01);
            QVERIFY(!verifier.verify(JwsText, altered));
        }
    }

    void degenerateSignatures_fail()
    {
        const Es256Verifier verifier(p256PublicKey(jwsPoint()));
        const QByteArray order =
            QByteArray::fromHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
        const QByteArray one = QByteArray(31, '\0') + '\x01';
        QVERIFY(!verifier.verify(JwsText, QByteArray(64, '\0')));
        QVERIFY(!verifier.verify(JwsText, QByteArray(64, '\xff')));
        QVERIFY(!verifier.verify(JwsText, order + one));
        QVERIFY(!verifier.verify(JwsText, one + order));
        QVERIFY(!verifier.verify(JwsText, {}));
    }

    void ownSignature_verifies_andHasItsLength()
    {
        const KeyPointer key = newP256Key();
        const Es256Verifier verifier(p256PublicKey(p256Point(key.get())));
        // Often enough that numbers with a leading zero byte occur.
        for (int i = 0; i < 600; ++i) {
            const QByteArray text = QByteArray::number(i);
            const QByteArray signature = signEs256(key.get(), text);
            QCOMPARE(signature.size(), P256SignatureSize);
            QVERIFY(verifier.verify(text, signature));
        }
    }

    void scalar_givesItsPoint()
    {
        const KeyPointer key = p256PrivateKey(*fromBase64Url(JwsScalar));
        QVERIFY(key != nullptr);
        QCOMPARE(p256Point(key.get()), jwsPoint());
        QCOMPARE(p256Scalar(key.get()), *fromBase64Url(JwsScalar));
    }

    void badScalars_areRefused()
    {
        const QByteArray order =
            QByteArray::fromHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
        QByteArray last = order;
        last[31] = '\x50';
        QVERIFY(p256PrivateKey(last) != nullptr);
        QVERIFY(p256PrivateKey(order) == nullptr);
        QVERIFY(p256PrivateKey(QByteArray(32, '\xff')) == nullptr);
        QVERIFY(p256PrivateKey(QByteArray(32, '\0')) == nullptr);
        QVERIFY(p256PrivateKey(QByteArray(31, '\x01')) == nullptr);
        QVERIFY(p256PrivateKey(QByteArray(33, '\x01')) == nullptr);
        QVERIFY(p256PrivateKey({}) == nullptr);
    }

    void pointsOffTheCurveOrInOtherForms_areRefused()
    {
        const QByteArray good = jwsPoint();
        QVERIFY(p256PublicKey(good) != nullptr);
        QByteArray off = good;
        off[64] = static_cast<char>(off[64] ^ 1);
        QVERIFY(p256PublicKey(off) == nullptr);
        QVERIFY(p256PublicKey('\x04' + QByteArray(64, '\0')) == nullptr);
        QVERIFY(p256PublicKey('\x04' + QByteArray(64, '\xff')) == nullptr);
        QByteArray hybrid = good;
        hybrid[0] = '\x07';
        QVERIFY(p256PublicKey(hybrid) == nullptr);
        QVERIFY(p256PublicKey('\x03' + good.mid(1, 32)) == nullptr);
        QVERIFY(p256PublicKey(QByteArray(1, '\0')) == nullptr);
        QVERIFY(p256PublicKey(good.chopped(1)) == nullptr);
        QVERIFY(p256PublicKey(good + '\0') == nullptr);
        QVERIFY(p256PublicKey({}) == nullptr);
    }

    void sharedSecret_isTheSameOnBothSides()
    {
        const KeyPointer one = newP256Key();
        const KeyPointer two = newP256Key();
        const auto secret = p256SharedSecret(one.get(), p256Point(two.get()));
        QVERIFY(secret.has_value());
        QCOMPARE(secret->size(), 32);
        QCOMPARE(*p256SharedSecret(two.get(), p256Point(one.get())), *secret);
        QVERIFY(!p256SharedSecret(one.get(), QByteArray(65, '\x04')));
    }

    void pem_comesBack()
    {
        const KeyPointer key = newP256Key();
        const QByteArray pem = p256Pem(key.get());
        QVERIFY(pem.startsWith("-----BEGIN PRIVATE KEY-----\n"));
        const KeyPointer back = p256PrivateKeyFromPem(pem);
        QVERIFY(back != nullptr);
        QCOMPARE(p256Scalar(back.get()), p256Scalar(key.get()));
        QCOMPARE(p256Point(back.get()), p256Point(key.get()));
    }
};

QTEST_APPLESS_MAIN(tst_P256)
#include "tst_p256.moc"
