// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/base64url.h"
#include "core/crypto/vapid.h"
#include "core/crypto/vapidkey.h"
#include "core/message/endpointtoken.h"
#include "core/message/messageid.h"
#include "core/message/pushheaders.h"

#include <QTest>

using namespace Carillon;

namespace {

const QByteArray Origin = "https://push.example.net";

} // namespace

/// What one push pays on the hot path (design.md §5). Each slot prints the time of one step.
class bench_Crypto : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void endpointToken_open()
    {
        const EndpointTokens tokens(m_fernet);
        const QByteArray token =
            tokens.make({ m_uaid, m_channel, QByteArray(32, 'h') }, WallTime());
        qsizetype size = 0;
        QBENCHMARK
        {
            size += tokens.open(token)->size();
        }
        QVERIFY(size > 0);
    }

    void endpointToken_openForeign()
    {
        const EndpointTokens tokens(m_fernet);
        const EndpointTokens others(Fernet::fromKeys({ newFernetKey() }).value());
        const QByteArray token =
            others.make({ m_uaid, m_channel, QByteArray(32, 'h') }, WallTime());
        bool opened = false;
        QBENCHMARK
        {
            opened |= tokens.open(token).has_value();
        }
        QVERIFY(!opened);
    }

    void endpointToken_make()
    {
        const EndpointTokens tokens(m_fernet);
        const EndpointToken token { m_uaid, m_channel, QByteArray(32, 'h') };
        QBENCHMARK
        {
            std::ignore = tokens.make(token, WallTime());
        }
    }

    void messageId_make()
    {
        const MessageIds ids(m_fernet);
        std::int64_t key = 1'700'000'000'000'000;
        QBENCHMARK
        {
            std::ignore = ids.make(m_uaid, m_channel, {}, SortKey { key += 2 });
        }
    }

    void messageId_readAndCompare()
    {
        const MessageIds ids(m_fernet);
        const SortKey key { 1'700'000'000'000'000 };
        const MessageId id = ids.make(m_uaid, m_channel, {}, key);
        bool same = true;
        QBENCHMARK
        {
            same &= ids.names(*ids.read(id.text()), key);
        }
        QVERIFY(same);
    }

    void vapid_warm()
    {
        VapidVerifier verifier(Origin, m_clock);
        const VapidHeader header = fresh(0);
        bool good = true;
        QBENCHMARK
        {
            good &= verifier.verify(header).has_value();
        }
        QVERIFY(good);
    }

    void vapid_parseAndWarm()
    {
        VapidVerifier verifier(Origin, m_clock);
        const QByteArray value =
            m_key.authorization(Origin, "mailto:a@b.c", m_clock.wall() + std::chrono::hours(1));
        bool good = true;
        QBENCHMARK
        {
            const auto header = parseVapid(value, {});
            good &= verifier.verify(**header).has_value();
        }
        QVERIFY(good);
    }

    void vapid_newToken_knownKey()
    {
        constexpr int Count = 512;
        std::vector<VapidHeader> headers;
        for (int i = 0; i < Count; ++i)
            headers.push_back(fresh(i));
        VapidVerifier verifier(Origin, m_clock, 1); // forgets each by the next
        bool good = true;
        int i = 0;
        QBENCHMARK
        {
            good &= verifier.verify(headers[static_cast<size_t>(i++ % Count)]).has_value();
        }
        QVERIFY(good);
    }

    void vapid_newToken_newKey()
    {
        constexpr int Count = 512; // more than keys are kept
        std::vector<VapidHeader> headers;
        for (int i = 0; i < Count; ++i) {
            const VapidKey key = VapidKey::generate();
            headers.push_back(
                { key.sign(Origin, {}, m_clock.wall()), toBase64Url(key.publicKey()) });
        }
        VapidVerifier verifier(Origin, m_clock, 1);
        bool good = true;
        int i = 0;
        QBENCHMARK
        {
            good &= verifier.verify(headers[static_cast<size_t>(i++ % Count)]).has_value();
        }
        QVERIFY(good);
    }

    void pushHeaders_parse()
    {
        RawPushHeaders raw;
        raw.ttl = "86400";
        raw.topic = "news";
        raw.urgency = "high";
        raw.contentEncoding = "aes128gcm";
        raw.hasBody = true;
        bool good = true;
        QBENCHMARK
        {
            good &= parsePushHeaders(raw, std::chrono::hours(720)).has_value();
        }
        QVERIFY(good);
    }

private:
    [[nodiscard]] VapidHeader fresh(int offset) const
    {
        return { m_key.sign(Origin, "mailto:a@b.c",
                            m_clock.wall() + std::chrono::seconds(3600 + offset)),
                 toBase64Url(m_key.publicKey()) };
    }

    const Fernet m_fernet = Fernet::fromKeys({ newFernetKey() }).value();
    const Uaid m_uaid = newUaid();
    const ChannelId m_channel = ChannelId::fromRaw(QByteArray(16, 'c'));
    const SystemClock m_clock;
    const VapidKey m_key = VapidKey::generate();
};

QTEST_APPLESS_MAIN(bench_Crypto)
#include "bench_crypto.moc"
