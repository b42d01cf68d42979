// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/storagecontract.h"

#include "core/storage/memorystorage.h"
#include "server/storage/sqlite/sqlitestorage.h"

#include <QTest>

namespace Carillon {

namespace {

enum class Backend { Memory, MemoryThatWaits, Sqlite, SqliteThatWaits, SqliteShared };

const Time Start = fromSeconds(1'700'000'000);

Backend backend()
{
    const auto current = [] {
        QFETCH_GLOBAL(int, backend);
        return backend;
    };
    return static_cast<Backend>(current());
}

ChannelId channel(std::uint8_t number)
{
    ChannelId::Bytes bytes {};
    bytes.back() = number;
    return ChannelId(bytes);
}

std::unique_ptr<Storage> openMemory(const Clock &clock, const QueueLimits &limits, bool waits)
{
    MemoryOptions options;
    options.limits = limits;
    options.waitForAck = waits;
    return std::make_unique<MemoryStorage>(clock, options);
}

std::unique_ptr<Storage> openSqlite(const Clock &clock, const QueueLimits &limits,
                                    std::chrono::milliseconds ackWait, SortKeyOrigin sortKeys,
                                    const QString &path)
{
    SqliteOptions options;
    options.path = path;
    options.limits = limits;
    options.ackWait = ackWait;
    options.sortKeys = sortKeys;
    auto opened = SqliteStorage::open(options, clock);
    if (!opened)
        qFatal("%s", qPrintable(opened.error()));
    return std::move(*opened);
}

} // namespace

void StorageContract::initTestCase_data()
{
    QTest::addColumn<int>("backend");
    const auto add = [](const char *name, Backend which) {
        QTest::newRow(name) << static_cast<int>(which);
    };
    add("memory", Backend::Memory);
    add("memory, waiting for acks", Backend::MemoryThatWaits);
    add("sqlite", Backend::Sqlite);
    add("sqlite, waiting for acks", Backend::SqliteThatWaits);
    add("sqlite, shared", Backend::SqliteShared);
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
    using namespace std::chrono_literals;
    m_storage.reset();
    const QString path = m_directory->filePath(QStringLiteral("test.sqlite"));
    switch (backend()) {
    case Backend::Memory:
        m_storage = openMemory(*m_clock, m_limits, false);
        break;
    case Backend::MemoryThatWaits:
        m_storage = openMemory(*m_clock, m_limits, true);
        break;
    case Backend::Sqlite:
        m_storage = openSqlite(*m_clock, m_limits, 0ms, SortKeyOrigin::GivenWhenQueued, path);
        break;
    case Backend::SqliteThatWaits:
        m_storage = openSqlite(*m_clock, m_limits, 1h, SortKeyOrigin::GivenWhenQueued, path);
        break;
    case Backend::SqliteShared:
        m_storage = openSqlite(*m_clock, m_limits, 0ms, SortKeyOrigin::GivenInTransaction, path);
        break;
    }
}

bool StorageContract::keepsData() const
{
    return backend() != Backend::Memory && backend() != Backend::MemoryThatWaits;
}

bool StorageContract::waitsForAck() const
{
    return backend() == Backend::MemoryThatWaits || backend() == Backend::SqliteThatWaits;
}

bool StorageContract::sends() const
{
    return backend() != Backend::SqliteShared;
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
