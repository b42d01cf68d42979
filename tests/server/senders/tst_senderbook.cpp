// SPDX-License-Identifier: MPL-2.0
#include "server/senders/senderbook.h"
#include "tests/support/manualclock.h"

#include <QTest>

using namespace Carillon;

class TestSenderBook : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pushes_areCountedForTheirSender();
    void pushWithoutKey_belongsToNobody();
    void refusals_areCountedByError();
    void newestSubject_isKept();
    void senders_areFoundByPrefixAndSubject();
    void tooMany_theOneWithoutPushesForLongest_goes();

private:
    void accept(const QByteArray &key, const QByteArray &subject = {}, std::int64_t size = 0)
    {
        m_book.recorded(Fact::PushAccepted { .uaid = m_uaid,
                                             .channelId = m_channel,
                                             .sortKey = {},
                                             .id = {},
                                             .senderKeyHash = key,
                                             .senderSubject = subject,
                                             .size = size });
    }
    void refuse(const QByteArray &key, ErrorCode why)
    {
        Fact::PushRefused fact { .why = why };
        fact.senderKeyHash = key;
        m_book.recorded(fact);
    }
    static QByteArray key(int number) { return QByteArray::number(number).rightJustified(32, '0'); }
    SenderRecord only(const QByteArray &prefix) const
    {
        const auto found = m_book.find(prefix);
        return found.size() == 1 ? found.front() : SenderRecord();
    }

    const Uaid m_uaid = newUaid();
    const ChannelId m_channel;
    ManualClock m_clock { fromSeconds(1'700'000'000) };
    SenderBook m_book { m_clock };
};

void TestSenderBook::pushes_areCountedForTheirSender()
{
    const Time first = m_clock.now();
    accept(key(11), {}, 100);
    m_clock.advance(std::chrono::seconds(5));
    accept(key(11), {}, 20);
    accept(key(12), {}, 3);
    const SenderRecord record = only(key(11));
    QCOMPARE(record.accepted, 2);
    QCOMPARE(record.bytes, 120);
    QCOMPARE(record.refused, 0);
    QCOMPARE(record.first, first);
    QCOMPARE(record.last, m_clock.now());
}

void TestSenderBook::pushWithoutKey_belongsToNobody()
{
    const std::size_t before = m_book.all().size();
    accept({});
    refuse({}, ErrorCode::VapidMissing);
    QCOMPARE(m_book.all().size(), before);
}

void TestSenderBook::refusals_areCountedByError()
{
    refuse(key(21), ErrorCode::NoSuchUser);
    refuse(key(21), ErrorCode::TtlMissing);
    refuse(key(21), ErrorCode::NoSuchUser);
    const SenderRecord record = only(key(21));
    QCOMPARE(record.refused, 3);
    QCOMPARE(record.accepted, 0);
    QCOMPARE(record.errors.size(), 2U);
    for (const auto &[why, count] : record.errors)
        QCOMPARE(count, why == ErrorCode::NoSuchUser ? 2 : 1);
}

void TestSenderBook::newestSubject_isKept()
{
    accept(key(31), "mailto:a@example.com");
    accept(key(31));
    QCOMPARE(only(key(31)).subject, QByteArray("mailto:a@example.com"));
    accept(key(31), "mailto:b@example.com");
    QCOMPARE(only(key(31)).subject, QByteArray("mailto:b@example.com"));
    accept(key(31), QByteArray(1'000, 'x'));
    QCOMPARE(only(key(31)).subject, QByteArray(256, 'x'));
}

void TestSenderBook::senders_areFoundByPrefixAndSubject()
{
    accept("abcd" + QByteArray(28, 'x'), "mailto:c@example.com");
    accept("abce" + QByteArray(28, 'x'), "mailto:c@example.com");
    QCOMPARE(m_book.find("abcd").size(), 1U);
    QCOMPARE(m_book.find("abc").size(), 2U);
    QCOMPARE(m_book.findSubject("mailto:c@example.com").size(), 2U);
    QCOMPARE(m_book.findSubject("mailto:c").size(), 0U);
}

void TestSenderBook::tooMany_theOneWithoutPushesForLongest_goes()
{
    ManualClock clock(fromSeconds(1'700'000'000));
    SenderBook book(clock);
    const auto push = [&](int number) {
        // All in one shard: they begin with the same byte.
        book.recorded(Fact::PushAccepted { .uaid = m_uaid,
                                           .channelId = m_channel,
                                           .sortKey = {},
                                           .id = {},
                                           .senderKeyHash = key(number) });
        clock.advance(std::chrono::seconds(1));
    };
    constexpr int Room = SenderBook::MaxSenders / 16;
    for (int number = 1; number <= Room; ++number)
        push(number);
    push(1);
    push(Room + 1);
    QCOMPARE(book.all().size(), static_cast<std::size_t>(Room));
    QCOMPARE(book.find(key(1)).size(), 1U);
    QCOMPARE(book.find(key(2)).size(), 0U);
    QCOMPARE(book.find(key(Room + 1)).size(), 1U);
}

QTEST_GUILESS_MAIN(TestSenderBook)
#include "tst_senderbook.moc"
