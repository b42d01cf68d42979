// SPDX-License-Identifier: MPL-2.0
// Stores, sends and removes messages of one client until it is killed, and writes a line for each
// call that was completed: "s <key>" stored, "r <key>" removed, "t <key>" a transient key given; "a
// <key>" comes before its removal is asked.
#include "server/storage/sqlite/sqlitestorage.h"
#include "tests/support/manualclock.h"

#include <QCoreApplication>

#include <cstdio>
#include <semaphore>
#include <unistd.h>

using namespace Carillon;

namespace {

/// One line is one write, so that a kill cannot tear what was said before.
void say(char what, SortKey key)
{
    std::array<char, 32> line {};
    const int size = std::snprintf(line.data(), line.size(), "%c %lld\n", what,
                                   static_cast<long long>(toInt(key)));
    if (::write(STDOUT_FILENO, line.data(), static_cast<std::size_t>(size)) != size)
        std::_Exit(1);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    const auto uaid = parseUaid(arguments.value(2).toLatin1());
    const auto channel = parseChannelId(arguments.value(3).toLatin1());
    if (!uaid || !channel)
        return 2;
    ManualClock clock(fromSeconds(arguments.value(4).toLongLong()));
    clock.letSteadyTimeRun();
    SqliteOptions options;
    options.path = arguments.value(1);
    options.ackWait = std::chrono::milliseconds(1);
    options.limits.onFull = OnFull::Reset;
    options.limits.maxBytes = std::int64_t { 1 } << 40;
    const auto storage = SqliteStorage::open(options, clock);
    if (!storage) {
        qWarning("%s", qPrintable(storage.error()));
        return 1;
    }

    constexpr int Open = 64;
    std::counting_semaphore<Open> slots(Open);
    const auto remove = [&](SortKey key) {
        say('a', key);
        (*storage)->removeAcknowledged(*uaid, *channel, key, [key](const Result<bool> &removed) {
            if (removed)
                say('r', key);
        });
    };
    std::vector<SortKey> sent;
    for (int i = 0;; ++i) {
        // Storing and sending take turns: while a store is open nothing may be sent.
        const bool sends = i / 100 % 2 == 1;
        for (int slot = 0; i % 100 == 0 && slot < Open; ++slot)
            slots.acquire();
        if (i % 100 == 0)
            slots.release(Open);
        slots.acquire();
        Notification message;
        message.uaid = *uaid;
        message.channelId = *channel;
        message.ttl = std::chrono::hours(100);
        message.accepted = clock.now();
        message.body = QByteArray(i % 3000, 'x');
        const auto stored = [&slots](const Result<StoreOutcome> &outcome) {
            if (outcome && outcome->state == StoreOutcome::State::Stored)
                say('s', outcome->sortKey);
            slots.release();
        };
        if (!sends) {
            (*storage)->store(std::move(message), stored);
            continue;
        }
        if (i % 16 == 0)
            say('t', (*storage)->transientKey());
        const auto key = (*storage)->storeWhileSending(std::move(message), {}, stored);
        if (!key)
            continue;
        // Some acks come at once, some after the write, some never.
        sent.push_back(*key);
        if (i % 3 == 0)
            remove(*key);
        if (i % 3 == 1 && sent.size() > 30)
            remove(sent[sent.size() - 30]);
    }
}
