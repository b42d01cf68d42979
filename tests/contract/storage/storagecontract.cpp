// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/storagecontract.h"

#include "tests/contract/storage/storagefixture.h"

#include <QTest>

namespace Carillon {

namespace {

const Time Start = fromSeconds(1'700'000'000);

const StorageFixture &fixture()
{
    const auto current = [] {
        QFETCH_GLOBAL(int, fixture);
        return fixture;
    };
    return storageFixtures()[static_cast<std::size_t>(current())];
}

ChannelId channel(std::uint8_t number)
{
    ChannelId::Bytes bytes {};
    bytes.back() = number;
    return ChannelId(bytes);
}

} // namespace

void StorageContract::initTestCase_data()
{
    QTest::addColumn<int>("fixture");
    int number = 0;
    for (const StorageFixture &fixture : storageFixtures())
        QTest::newRow(fixture.name) << number++;
}

void StorageContract::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_clock = std::make_unique<ManualClock>(Start);
    m_uaid = newUaid();
    m_channel = channel(1);
    m_otherChannel = channel(2);
    open(QueueLimits());
}

void StorageContract::cleanup()
{
    m_storage.reset();
    m_directory.reset();
}

void StorageContract::open(const QueueLimits &limits)
{
    m_limits = limits;
    reopen();
    QVERIFY(user().addChannel(m_uaid, m_channel));
    QVERIFY(user().addChannel(m_uaid, m_otherChannel));
}

void StorageContract::reopen()
{
    m_storage.reset();
    m_storage = fixture().open(m_directory->path(), *m_clock, m_limits);
}

bool StorageContract::keepsData() const
{
    return fixture().keepsData;
}

bool StorageContract::waitsForAck() const
{
    return fixture().waitsForAck;
}

bool StorageContract::sends() const
{
    return fixture().sends;
}

Notification StorageContract::message(const QByteArray &body, const QByteArray &topic) const
{
    Notification notification;
    notification.uaid = m_uaid;
    notification.channelId = m_channel;
    notification.topic = topic;
    notification.ttl = std::chrono::hours(1);
    notification.accepted = m_clock->now();
    notification.encoding = Encoding::Aes128Gcm;
    notification.body = body;
    return notification;
}

FetchRequest StorageContract::request() const
{
    FetchRequest wanted;
    wanted.uaid = m_uaid;
    return wanted;
}

} // namespace Carillon

QTEST_GUILESS_MAIN(Carillon::StorageContract)
