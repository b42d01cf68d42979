// SPDX-License-Identifier: MPL-2.0
#include "core/diagnosis/lookuptext.h"

#include "core/crypto/base64url.h"
#include "core/crypto/digest.h"
#include "core/crypto/p256.h"

#include <QTest>

using namespace Carillon;
using namespace Qt::StringLiterals;

namespace {

const Uaid User = *parseUaid("0123456789abcdef0123456789abcdef");
const ChannelId Channel = *parseChannelId("fedcba98765432100123456789abcdef");
constexpr SortKey Key { 1'700'000'000'123'456 };

Fernet keys(char fill)
{
    return Fernet::fromKeys({ toPaddedBase64Url(QByteArray(32, fill)) }).value();
}

/// An endpoint's token as this server makes it; keyHash: empty in v1.
QByteArray token(const QByteArray &keyHash = {}, char fill = 'k')
{
    return EndpointTokens(keys(fill))
        .make({ User, Channel, keyHash }, wallFromSeconds(1'700'000'000));
}

Named read(const QByteArray &text)
{
    const auto named = LookupText(keys('k')).read(text);
    if (!named)
        qFatal("%s: %s", text.constData(), qPrintable(named.error()));
    return *named;
}

QString errorOf(const QByteArray &text)
{
    const auto named = LookupText(keys('k')).read(text);
    return named ? QString() : named.error();
}

template<typename T> bool names(const QByteArray &text, const T &expected)
{
    const Named named = read(text);
    const auto *found = std::get_if<T>(&named);
    return found && *found == expected;
}

} // namespace

class tst_LookupText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void endpointUrl_namesItsSubscription()
    {
        const QByteArray hash = sha256("a key");
        const NamedSubscription bound { { User, Channel, hash } };
        const NamedSubscription unbound { { User, Channel, {} } };
        QVERIFY(names("https://push.example.com/wpush/v2/" + token(hash), bound));
        QVERIFY(names("http://127.0.0.1:8082/wpush/v1/" + token(), unbound));
        QVERIFY(names("http://127.0.0.1:8082/wpush/" + token(), unbound));
    }

    void endpointUrl_isRecognisedAsPeopleCopyIt()
    {
        const QByteArray hash = sha256("a key");
        const NamedSubscription bound { { User, Channel, hash } };
        QVERIFY(names("/wpush/v2/" + token(hash), bound));
        QVERIFY(names(token(hash), bound));
        QVERIFY(names("  \"https://push.example.com/wpush/v2/" + token(hash) + "\",\n", bound));
    }

    void location_namesItsMessage()
    {
        const QByteArray id = MessageIds(keys('k')).make(User, Channel, {}, Key).text();
        for (const QByteArray &text : { id, "/m/" + id, "https://push.example.com/m/" + id }) {
            const Named named = read(text);
            const auto *message = std::get_if<NamedMessage>(&named);
            QVERIFY2(message, text.constData());
            QCOMPARE(message->name.uaid, User);
            QCOMPARE(message->name.channelId, Channel);
            QVERIFY(message->name.sortKey == Key);
        }
    }

    void urlOfAnotherServer_isForeign()
    {
        QVERIFY(names("https://push.example.net/wpush/v1/" + token({}, 'x'),
                      NamedForeign { "https://push.example.net" }));
        QVERIFY(names("https://updates.example.net:444/wpush/v2/gAAAAAcut",
                      NamedForeign { "https://updates.example.net:444" }));
        QVERIFY(names(token({}, 'x'), NamedForeign {}));
    }

    void uuid_isReadInEverySpelling()
    {
        const NamedUuid expected { User, *parseChannelId(toHex(User)) };
        QVERIFY(names("0123456789abcdef0123456789abcdef", expected));
        QVERIFY(names("0123456789ABCDEF0123456789ABCDEF", expected));
        QVERIFY(names("01234567-89ab-cdef-0123-456789abcdef", expected));
    }

    void beginningOfAnId_isAPrefix()
    {
        QVERIFY(names("0123", NamedPrefix { "0123" }));
        QVERIFY(names("01234567-89AB", NamedPrefix { "0123456789ab" }));
    }

    void vapidKey_namesItsSender()
    {
        const QByteArray point = p256Point(newP256Key().get());
        const NamedSender sender { sha256(point) };
        QVERIFY(names(toBase64Url(point), sender));
        QVERIFY(names(toPaddedBase64Url(point), sender));
        QVERIFY(names("Authorization: vapid t=eyJ.eyJ.sig, k=" + toBase64Url(point), sender));
        QVERIFY(names(sender.keyHash.toHex(), sender));
        QVERIFY(names(toBase64Url(sender.keyHash), sender));
    }

    void contact_isASubject()
    {
        QVERIFY(names("mailto:ops@example.org", NamedContact { "mailto:ops@example.org" }));
        QVERIFY(names("ops@example.org", NamedContact { "mailto:ops@example.org" }));
        QVERIFY(
            names("https://example.org/contact", NamedContact { "https://example.org/contact" }));
    }

    void nonsense_isExplained_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("part");
        QByteArray notOnCurve(65, '\1');
        notOnCurve[0] = 4;

        QTest::newRow("nothing") << QByteArray(" \n") << u"Nothing was given"_s;
        QTest::newRow("too short") << QByteArray("ab1") << u"At least 4 hex digits"_s;
        QTest::newRow("words") << QByteArray("where is it") << u"This is not an endpoint URL"_s;
        QTest::newRow("too long") << QByteArray(5'000, 'a') << u"longer than"_s;
        QTest::newRow("no point") << toBase64Url(notOnCurve) << u"not a point of the curve"_s;
        QTest::newRow("bad URL") << QByteArray("https://[/wpush/v2/x") << u"not a valid URL"_s;
        QTest::newRow("not text") << QByteArray("\xff\xfe\0\1", 4) << u"This is not an"_s;
    }
    void nonsense_isExplained()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, part);
        const QString error = errorOf(text);
        QVERIFY2(error.contains(part), qPrintable(error));
    }
};

QTEST_APPLESS_MAIN(tst_LookupText)
#include "tst_lookuptext.moc"
