// SPDX-License-Identifier: MPL-2.0
// Mixed load on one server for a while: clients that come, go, dawdle and break the protocol,
// senders with good and bad pushes, vandals, broadcasts. Its memory must not grow, what it answered
// 201 must be delivered, and it must end in peace (in a sanitizer's build: without a report).
//
// CARILLON_BIN names the server. CARILLON_SOAK_SECONDS says how long; else 15 minutes with
// CARILLON_LONG against a build with ASan, else 25 s. CARILLON_SEED repeats the choices of a run.
#include "core/crypto/base64url.h"
#include "core/crypto/vapidkey.h"
#include "tests/bench/megaphone.h"
#include "tests/bench/serverprocess.h"
#include "tests/soak/memorytrend.h"
#include "tests/soak/poster.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

using namespace Carillon;
using namespace Carillon::Soak;
using namespace std::chrono_literals;

namespace {

constexpr int Clients = 120;
constexpr int Absent = 40; // of them, away for longer
constexpr int Posters = 24;
constexpr int Vandals = 4;
constexpr int Tokens = 200;
constexpr auto Patience = 60s;

/// What the server may have grown by: caches fill, heaps fray, ASan's more than others. A leak of
/// 100 bytes per event is several times as much, for ASan in the long form.
#if defined(__SANITIZE_ADDRESS__)
constexpr double Slack = 6e6;
#else
constexpr double Slack = 1.5e6;
#endif
constexpr double SlackPerEvent = 5;

std::chrono::seconds duration()
{
    if (const char *seconds = std::getenv("CARILLON_SOAK_SECONDS"))
        return std::chrono::seconds(std::atoi(seconds));
#if defined(__SANITIZE_ADDRESS__)
    if (std::getenv("CARILLON_LONG"))
        return 15min;
#endif
    return 25s;
}

unsigned seed()
{
    const char *const text = std::getenv("CARILLON_SEED");
    return text ? static_cast<unsigned>(std::atoi(text)) : std::random_device()();
}

std::vector<std::string> tokens(const VapidKey &key, const std::string &origin)
{
    const auto expires =
        std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now() + 12h);
    std::vector<std::string> values;
    for (int i = 0; i < Tokens; ++i)
        values.push_back(key.authorization(QByteArrayView(origin.data(), std::ssize(origin)),
                                           "mailto:s" + QByteArray::number(i) + "@example.com",
                                           expires)
                             .toStdString());
    return values;
}

/// All that acts, and the end of it.
class Play
{
public:
    Play(Bench::Loop &loop, Bench::ServerProcess &server, Bench::Megaphone &megaphone,
         unsigned chance)
        : m_server(server), m_megaphone(megaphone), m_agenda(chance),
          m_key(VapidKey::generate()), m_scene { loop,
                                                 m_agenda,
                                                 m_book,
                                                 server.connectPort(),
                                                 server.endpointPort(),
                                                 toBase64Url(m_key.publicKey()).toStdString(),
                                                 "soak/versions" },
          m_tokens(tokens(m_key, server.origin()))
    {
        for (int i = 0; i < Clients; ++i)
            m_subscribers.push_back(
                std::make_unique<Subscriber>(m_scene, i, i < Absent ? 4'000 : 150));
        for (int i = 0; i < Posters; ++i)
            m_posters.push_back(std::make_unique<Poster>(m_scene, i, m_tokens));
        for (int i = 0; i < Vandals; ++i)
            m_vandals.push_back(std::make_unique<Vandal>(m_scene, i));
    }

    [[nodiscard]] const Book &book() const { return m_book; }

    /// The load, with memory sampled after a quarter of it.
    [[nodiscard]] MemoryTrend::Growth run(std::chrono::seconds length)
    {
        for (const auto &subscriber : m_subscribers)
            subscriber->visit();
        for (const auto &poster : m_posters)
            poster->begin();
        for (const auto &vandal : m_vandals)
            vandal->begin();
        MemoryTrend trend;
        const Moment warm = Bench::now() + length / 4;
        const std::chrono::milliseconds interval = length / 100;
        const std::function<void()> sample = [&] {
            if (m_scene.isEnding)
                return;
            m_agenda.after(interval, sample);
            m_megaphone.setVersion(std::to_string(++m_version));
            watch();
            if (Bench::now() >= warm)
                trend.add(m_server.memory().anonymousBytes, m_book.counts.events());
        };
        sample();
        isReached(Bench::now() + length, [] { return false; });
        return trend.growth();
    }

    /// Nobody posts; all come, and come again: what is owed arrives, then nothing.
    void settle()
    {
        m_scene.isEnding = true;
        expect("the last answers", [this] {
            return std::ranges::all_of(m_posters,
                                       [](const auto &each) { return each->isResting(); });
        });
        for (const auto &poster : m_posters) {
            if (!poster->isResting())
                std::printf("unanswered: %s\n", poster->wait().c_str());
        }
        // Once more, so that what was forgotten or refused comes.
        comeBack();
        expect("what was answered 201", [this] { return m_book.owed() == 0; });
        m_server.settle(m_scene.loop);
        for (const auto &subscriber : m_subscribers)
            subscriber->askBarrier();
        expect("the barriers", [this] {
            return std::ranges::all_of(m_subscribers,
                                       [](const auto &each) { return each->isBarrierPassed(); });
        });
        const auto before = m_book.counts.deliveries;
        comeBack();
        m_server.settle(m_scene.loop);
        if (m_book.counts.deliveries != before)
            m_book.complain("something came though all was acknowledged");
    }

private:
    /// Everyone leaves and is live again.
    void comeBack()
    {
        expect("all clients", [this] { return areAllLive(); });
        for (const auto &subscriber : m_subscribers)
            subscriber->leave();
        expect("all clients again", [this] { return areAllLive(); });
    }

    /// A server that stands still is found out before the end.
    void watch()
    {
        if (m_accepted != m_book.counts.accepted) {
            m_accepted = m_book.counts.accepted;
            m_progress = Bench::now();
        } else if (Bench::now() - m_progress > Patience) {
            m_book.complain("no push is answered any more");
        }
    }

    [[nodiscard]] bool areAllLive() const
    {
        return std::ranges::all_of(m_subscribers, [](const auto &each) { return each->isLive(); });
    }

    bool isReached(Moment deadline, const std::function<bool()> &done)
    {
        return m_scene.loop.run(
            deadline, [&] { return done() || !m_book.fault().empty(); },
            [this](Moment current) { return m_agenda.work(current); });
    }

    void expect(const std::string &what, const std::function<bool()> &done)
    {
        if (!isReached(Bench::now() + Patience, done))
            m_book.complain(what + " did not come (" + std::to_string(m_book.owed()) + " owed)");
    }

    Bench::ServerProcess &m_server;
    Bench::Megaphone &m_megaphone;
    int m_version = 0;
    std::uint64_t m_accepted = 0;
    Moment m_progress = Bench::now(); // of the last answer seen
    Agenda m_agenda;
    Book m_book;
    VapidKey m_key;
    Scene m_scene;
    std::vector<std::string> m_tokens;
    std::vector<std::unique_ptr<Subscriber>> m_subscribers;
    std::vector<std::unique_ptr<Poster>> m_posters;
    std::vector<std::unique_ptr<Vandal>> m_vandals;
};

void print(const Book &book, const MemoryTrend::Growth &growth)
{
    const Book::Counts &c = book.counts;
    const auto line = [](const char *name, std::uint64_t count) {
        std::printf("%10llu %s\n", static_cast<unsigned long long>(count), name);
    };
    line("pushes", c.posts);
    line("answered 201", c.accepted);
    line("told to come back (429, 503)", c.refused);
    line("to subscriptions ended meanwhile", c.gone);
    line("deliveries", c.deliveries);
    line("of them repeated, not acknowledged before", c.repeats);
    line("acks", c.acks);
    line("known to be committed", c.settled);
    line("nacks", c.nacks);
    line("hellos", c.hellos);
    line("registers", c.registers);
    line("broadcasts", c.broadcasts);
    line("bad requests refused", c.errors);
    line("protocol violations closed", c.violations);
    line("vandals", c.vandals);
    line("owed", book.owed());
    std::printf("memory: %.1f MB, %+.2f MB after %.0f more events\n", growth.before / 1e6,
                growth.bytes / 1e6, growth.events);
}

} // namespace

int main()
{
    const unsigned chance = seed();
    const std::chrono::seconds length = duration();
    std::printf("seed %u, %lld s\n", chance, static_cast<long long>(length.count()));
    std::fflush(stdout);
    // What was freed must soon be used again, or ASan's own store of it would grow for minutes.
    const char *const asan = std::getenv("ASAN_OPTIONS");
    std::string options = "quarantine_size_mb=4";
    if (asan)
        options.append(":").append(asan);
    ::setenv("ASAN_OPTIONS", options.c_str(), 1);

    Bench::Loop loop;
    Bench::Megaphone megaphone("soak/versions", "v0");
    const char *const program = std::getenv("CARILLON_BIN");
    auto server = Bench::ServerProcess::start(program ? program : "carillon",
                                              std::filesystem::temp_directory_path(),
                                              { { "transport", "native" },
                                                { "workers", "2" },
                                                // Full before memory is compared.
                                                { "history.events", "10000" },
                                                { "connect.auto_ping_interval", "3s" },
                                                { "connect.megaphone_api_url", megaphone.url() },
                                                { "connect.megaphone_poll_interval", "1s" } });
    if (!server) {
        std::printf("%s\n", server.error().c_str());
        return 1;
    }
    megaphone.serve(loop);
    std::string fault;
    {
        Play play(loop, **server, megaphone, chance);
        const MemoryTrend::Growth growth = play.run(length);
        play.settle();
        print(play.book(), growth);
        fault = play.book().fault();
        const Book::Counts &counts = play.book().counts;
        if (fault.empty() && counts.posts != counts.accepted + counts.refused + counts.gone)
            fault = "not every push was answered";
        if (fault.empty() && growth.events < 1'000)
            fault = "hardly anything happened";
        if (fault.empty() && growth.bytes > Slack + SlackPerEvent * growth.events)
            fault = "the server's memory grows";
    }
    const auto stopped = (*server)->stop();
    if (!fault.empty())
        std::printf("FAULT: %s\n", fault.c_str());
    if (!stopped)
        std::printf("FAULT: %s\n", stopped.error().c_str());
    return fault.empty() && stopped ? 0 : 1;
}
