// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/base64url.h"
#include "core/crypto/vapid.h"
#include "core/crypto/vapidkey.h"
#include "tests/support/manualclock.h"

#include <QTest>

using namespace Carillon;

namespace {

const QByteArray Origin = "https://push.example.net";
constexpr std::int64_t Now = 1'700'000'000;

// From vectors.py in this folder: made with Python's cryptography.
const QByteArray PythonScalar = "CjZ7ks8LA339iZYO6DLVb3_BUWgbtB5TaQ53b1eGmYo";
const QByteArray PythonPoint =
    "BCjxEbDORMS-dYGwe8qTGfFzSvmqzC0zIdaYpWESfcZixagOMQrAvkaFNqHMboPo-sSu"
    "RRU6CNXXKfdnztNMS6A";
const QByteArray PythonSec1 = "-----BEGIN EC PRIVATE KEY-----\n"
                              "MHcCAQEEIAo2e5LPCwN9/YmWDugy1W9/wVFoG7QeU2kOd29XhpmKoAoGCCqGSM49\n"
                              "AwEHoUQDQgAEKPERsM5ExL51gbB7ypMZ8XNK+arMLTMh1pilYRJ9xmLFqA4xCsC+\n"
                              "RoU2ocxug+j6xK5FFToI1dcp92fO00xLoA==\n"
                              "-----END EC PRIVATE KEY-----\n";
const QByteArray PythonP384 = "-----BEGIN PRIVATE KEY-----\n"
                              "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAAAAAAAAAAAAAAAAAA\n"
                              "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAMDmhZANiAAToa5leNQ5N\n"
                              "MSqVprfV2M3NtGgvWIgAoc1sly4dyypaw42QBGlRsDzLOxeaif2oixtIW58sH0Sw\n"
                              "3UHObjw6aQu/qr7B4f9K77JGH92mYpvsvUPPdME9jBoWJWEiQ/AEYUg=\n"
                              "-----END PRIVATE KEY-----\n";

} // namespace

class tst_VapidKey : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void key_signsWhatTheVerifierTakes()
    {
        const VapidKey key = VapidKey::generate();
        const ManualClock clock { fromSeconds(Now) };
        VapidVerifier verifier(Origin, clock);
        const QByteArray value =
            key.authorization(Origin, "mailto:a\"b@c.d", wallFromSeconds(Now + 60));
        const auto header = parseVapid(value, {});
        const auto sender = verifier.verify(**header);
        QVERIFY2(sender, sender ? "" : errorName(sender.error()).data());
        QCOMPARE(sender->publicKey, key.publicKey());
        QCOMPARE(sender->subject, QByteArray("mailto:a\"b@c.d"));
        QCOMPARE(verifier
                     .verify({ key.sign(Origin, {}, wallFromSeconds(Now)),
                               toBase64Url(key.publicKey()) })
                     ->subject,
                 QByteArray());
    }

    void key_isLoaded()
    {
        const auto fromScalar = VapidKey::fromBase64(PythonScalar);
        const auto fromSec1 = VapidKey::fromPem(PythonSec1);
        QVERIFY(fromScalar.has_value());
        QVERIFY(fromSec1.has_value());
        QCOMPARE(toBase64Url(fromScalar->publicKey()), PythonPoint);
        QCOMPARE(fromSec1->publicKey(), fromScalar->publicKey());
        QCOMPARE(fromSec1->toBase64(), PythonScalar);
        QCOMPARE(VapidKey::fromPem(fromScalar->toPem())->toBase64(), PythonScalar);
    }

    void key_faulty_isRefused()
    {
        QVERIFY(!VapidKey::fromBase64(""));
        QVERIFY(!VapidKey::fromBase64(PythonPoint));
        QVERIFY(!VapidKey::fromBase64(QByteArray(43, 'A')));
        QVERIFY(!VapidKey::fromPem(""));
        QVERIFY(
            !VapidKey::fromPem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
        QVERIFY(!VapidKey::fromPem(PythonP384));
        QVERIFY(!VapidKey::fromPem(PythonSec1.chopped(60)));
    }
};

QTEST_APPLESS_MAIN(tst_VapidKey)
#include "tst_vapidkey.moc"
