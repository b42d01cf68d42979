// SPDX-License-Identifier: MPL-2.0
// What storing costs on this machine: storagebench [directory]. CPU is the whole process's, from
// the kernel's accounting; times are those of this disk.
#include "server/storage/sqlite/sqlitestorage.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <future>
#include <semaphore>
#include <sys/resource.h>
#include <thread>

using namespace Carillon;

namespace {

using Microseconds = std::chrono::duration<double, std::micro>;

double cpuMicroseconds()
{
    rusage usage {};
    getrusage(RUSAGE_SELF, &usage);
    const auto total = [](const timeval &time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return total(usage.ru_utime) + total(usage.ru_stime);
}

class Measure
{
public:
    Measure() : m_begin(std::chrono::steady_clock::now()), m_cpu(cpuMicroseconds()) { }
    void report(const char *what, int count) const
    {
        const double wall = Microseconds(std::chrono::steady_clock::now() - m_begin).count();
        std::printf("%-44s %8.0f /s   %6.1f us CPU each\n", what, count / wall * 1e6,
                    (cpuMicroseconds() - m_cpu) / count);
    }

private:
    std::chrono::steady_clock::time_point m_begin;
    double m_cpu;
};

/// Many clients with one channel each.
class Scene
{
public:
    explicit Scene(std::chrono::milliseconds ackWait, int clients = 1000)
    {
        SqliteOptions options;
        options.maxQueuedWrites = std::max(options.maxQueuedWrites, clients);
        const QString base = QCoreApplication::arguments().value(1, QStringLiteral("."));
        m_directory =
            std::make_unique<QTemporaryDir>(base + QStringLiteral("/storagebench-XXXXXX"));
        options.path = m_directory->filePath(QStringLiteral("bench.sqlite"));
        options.ackWait = ackWait;
        options.limits = { 1'000'000, std::int64_t { 1 } << 40, OnFull::Refuse };
        auto opened = SqliteStorage::open(options, m_clock);
        if (!opened)
            qFatal("%s", qPrintable(opened.error()));
        m_storage = std::move(*opened);
        std::counting_semaphore<> added(0);
        for (int i = 0; i < clients; ++i) {
            m_clients.push_back(newUaid());
            m_storage->addChannel(m_clients.back(), {}, ChannelId(), {}, 10,
                                  [&](const Result<void> &) { added.release(); });
        }
        for (int i = 0; i < clients; ++i)
            added.acquire();
    }

    [[nodiscard]] SqliteStorage &storage() { return *m_storage; }
    [[nodiscard]] const Uaid &client(int number) const
    {
        return m_clients[static_cast<std::size_t>(number) % m_clients.size()];
    }
    [[nodiscard]] Notification message(int number, int size) const
    {
        Notification message;
        message.uaid = client(number);
        message.ttl = std::chrono::hours(24);
        message.accepted = m_clock.now();
        message.encoding = Encoding::Aes128Gcm;
        message.senderKeyHash = QByteArray(32, 'k');
        message.body = QByteArray(size, 'x');
        return message;
    }

private:
    SystemClock m_clock;
    std::unique_ptr<QTemporaryDir> m_directory;
    std::vector<Uaid> m_clients;
    std::unique_ptr<SqliteStorage> m_storage;
};

/// Stores with so many open calls, as that many senders would.
void fill(Scene &scene, int count, int size, int open)
{
    std::counting_semaphore<> slots(open);
    for (int i = 0; i < count; ++i) {
        slots.acquire();
        scene.storage().store(scene.message(i, size), [&](const Result<StoreOutcome> &outcome) {
            if (!outcome)
                qFatal("not stored");
            slots.release();
        });
    }
    for (int i = 0; i < open; ++i)
        slots.acquire();
}

void measureStores(int size, int open)
{
    Scene scene(std::chrono::milliseconds(0));
    fill(scene, 2000, size, open);
    constexpr int Count = 20'000;
    const Measure measure;
    fill(scene, Count, size, open);
    char what[64];
    std::snprintf(what, sizeof what, "stored, %d B, %d at a time", size, open);
    measure.report(what, Count);
    const StorageStats stats = scene.storage().stats();
    std::printf("    %.0f a batch, %lld log restarts, longest %.1f ms\n",
                static_cast<double>(stats.writes) / static_cast<double>(stats.batches),
                static_cast<long long>(stats.logRestarts),
                static_cast<double>(stats.longestLogRestart.count()) / 1000);
}

void measureCancelled()
{
    Scene scene(std::chrono::milliseconds(5));
    constexpr int Count = 200'000;
    std::counting_semaphore<> settled(0);
    const Measure measure;
    for (int i = 0; i < Count; ++i) {
        const auto key = scene.storage().storeWhileSending(
            scene.message(i, 300), {}, [&](const Result<StoreOutcome> &) { settled.release(); });
        if (key)
            scene.storage().removeMessage(scene.client(i), ChannelId(), *key,
                                          [](const Result<bool> &) {});
    }
    for (int i = 0; i < Count; ++i)
        settled.acquire();
    measure.report("sent, acknowledged before the write", Count);
}

void measureDrain()
{
    constexpr int Count = 20'000;
    Scene scene(std::chrono::milliseconds(0), 1);
    fill(scene, Count, 300, 1000);
    const Measure measure;
    FetchRequest request;
    request.uaid = scene.client(0);
    for (int seen = 0; seen < Count;) {
        std::promise<FetchPage> answer;
        scene.storage().fetch(request, [&](Result<FetchPage> page) {
            answer.set_value(page ? std::move(*page) : FetchPage());
        });
        const FetchPage page = answer.get_future().get();
        if (page.messages.empty())
            qFatal("a message is missing");
        request.after = page.messages.back().sortKey;
        seen += static_cast<int>(page.messages.size());
    }
    measure.report("read, pages of 128", Count);

    request.after = SortKey {};
    std::counting_semaphore<> removed(0);
    const Measure both;
    for (int seen = 0; seen < Count;) {
        std::promise<FetchPage> answer;
        scene.storage().fetch(request, [&](Result<FetchPage> page) {
            answer.set_value(page ? std::move(*page) : FetchPage());
        });
        const FetchPage page = answer.get_future().get();
        for (const Notification &message : page.messages)
            scene.storage().removeMessage(message.uaid, message.channelId, message.sortKey,
                                          [&](const Result<bool> &) { removed.release(); });
        request.after = page.messages.back().sortKey;
        seen += static_cast<int>(page.messages.size());
    }
    for (int i = 0; i < Count; ++i)
        removed.acquire();
    both.report("drained: read and removed", Count);
}

/// One push at a time; a thread acknowledges each so long after it was sent.
void measureAlone(std::chrono::milliseconds ackWait, std::chrono::microseconds ackAfter)
{
    constexpr int Count = 200;
    Scene scene(ackWait);
    std::vector<double> latencies;
    const double cpu = cpuMicroseconds();
    for (int i = 0; i < Count; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        std::promise<void> answered;
        std::binary_semaphore removed(0);
        const auto key = scene.storage().storeWhileSending(
            scene.message(i, 300), {}, [&](const Result<StoreOutcome> &) {
                latencies.push_back(Microseconds(std::chrono::steady_clock::now() - begin).count());
                answered.set_value();
            });
        std::this_thread::sleep_until(begin + ackAfter);
        scene.storage().removeMessage(scene.client(i), ChannelId(), *key,
                                      [&](const Result<bool> &) { removed.release(); });
        answered.get_future().wait();
        removed.acquire();
    }
    std::sort(latencies.begin(), latencies.end());
    std::printf(
        "alone: ack_wait %2lld ms, ack after %5.1f ms: answered after p50 %5.2f  p99 %5.2f ms,"
        " %6.0f us CPU, %3.0f %% spared\n",
        static_cast<long long>(ackWait.count()), static_cast<double>(ackAfter.count()) / 1000,
        latencies[Count / 2] / 1000, latencies[Count * 99 / 100] / 1000,
        (cpuMicroseconds() - cpu) / Count,
        100.0 * static_cast<double>(scene.storage().stats().spared) / Count);
}

/// How long a push waits at most while all clients are renewed, so many with each call.
void measureRenewal(int clients, std::ptrdiff_t batch)
{
    Scene scene(std::chrono::milliseconds(0), clients);
    std::vector<Uaid> uaids;
    for (int i = 0; i < clients; ++i)
        uaids.push_back(scene.client(i));
    std::atomic<bool> isThrough = false;
    std::thread renewing([&] {
        for (auto it = uaids.begin(); it != uaids.end();) {
            const auto end = it + std::min(batch, uaids.end() - it);
            std::promise<void> renewed;
            scene.storage().renewClients({ it, end },
                                         [&](const Result<void> &) { renewed.set_value(); });
            renewed.get_future().wait();
            it = end;
        }
        isThrough = true;
    });
    double longest = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; !isThrough; ++i) {
        const auto asked = std::chrono::steady_clock::now();
        std::promise<void> stored;
        scene.storage().store(scene.message(i, 300),
                              [&](const Result<StoreOutcome> &) { stored.set_value(); });
        stored.get_future().wait();
        longest = std::max(longest, Microseconds(std::chrono::steady_clock::now() - asked).count());
    }
    renewing.join();
    std::printf("%d clients renewed %td at a time in %.2f s: a push waits %.1f ms at most\n",
                clients, batch,
                Microseconds(std::chrono::steady_clock::now() - begin).count() / 1e6,
                longest / 1000);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    measureStores(300, 32);
    measureStores(300, 1000);
    measureStores(4096, 32);
    measureStores(4096, 1000);
    measureCancelled();
    measureDrain();
    measureRenewal(100'000, 100'000);
    measureRenewal(100'000, 250);
    for (const int ackAfter : { 100, 3000, 20'000 }) {
        for (const int ackWait : { 0, 2, 5, 10 })
            measureAlone(std::chrono::milliseconds(ackWait), std::chrono::microseconds(ackAfter));
    }
    return 0;
}
