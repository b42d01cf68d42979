// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace Carillon::Soak {

/// A subscription. It never leaves the book: a late push may still be for it.
struct Channel
{
    int client = 0;
    std::string id;
    std::string path; // of its endpoint
    bool needsKey = false;
    bool isRetired = false;
    static constexpr std::size_t Topics = 3;
    std::array<std::int64_t, Topics> topics { -1, -1, -1 }; // the number of the last push of each
};

/// How long a push is worth keeping.
enum class Worth : std::uint8_t {
    Now, // TTL 0: at once or never
    Seconds, // may expire while its client is away
    Hours, // what 201 promises
};

/// What was promised and what came of it (design.md §3.1): what was answered 201 is delivered,
/// nothing comes twice on one connection or after its ack was committed, nothing comes to another
/// client.
class Book
{
public:
    [[nodiscard]] std::uint32_t begin(int channel, Worth worth, int topic);
    void answered(std::uint32_t number, int status);
    /// connection: a number of that client's connection that no other has.
    void delivered(int client, std::uint32_t connection, std::uint64_t number);
    /// Its ack is committed: it may not come again.
    void settle(std::uint32_t number);
    /// The channel is being ended, and all that is for it.
    void retire(int channel);
    void complain(std::string_view what);

    std::vector<Channel> channels;

    struct Counts
    {
        std::uint64_t posts = 0;
        std::uint64_t accepted = 0;
        std::uint64_t refused = 0; // 429, 503: come back later
        std::uint64_t gone = 0; // for a channel that was ended meanwhile
        std::uint64_t deliveries = 0;
        std::uint64_t repeats = 0; // not acknowledged, so it came again
        std::uint64_t settled = 0;
        std::uint64_t hellos = 0;
        std::uint64_t registers = 0;
        std::uint64_t acks = 0;
        std::uint64_t nacks = 0;
        std::uint64_t errors = 0; // requests that must be refused, and were
        std::uint64_t violations = 0; // clients that broke the protocol, and were closed
        std::uint64_t vandals = 0;
        std::uint64_t broadcasts = 0;
        [[nodiscard]] std::uint64_t events() const;
    };
    Counts counts;

    /// Pushes answered 201 that must still come.
    [[nodiscard]] std::uint64_t owed() const { return m_owed; }
    /// The first fault; empty if there is none.
    [[nodiscard]] const std::string &fault() const { return m_fault; }

private:
    struct Entry
    {
        std::int32_t channel = 0;
        std::uint32_t connection = 0; // that brought it last; 0: none
        Worth worth = Worth::Now;
        bool isExcused = false; // replaced, or its channel ended
        bool isAccepted = false;
        bool isSettled = false;
    };
    [[nodiscard]] static bool isOwed(const Entry &entry)
    {
        return entry.isAccepted && !entry.isExcused && entry.connection == 0
            && entry.worth == Worth::Hours;
    }
    /// Changes an entry and keeps the sum of what is owed.
    template<typename Change> void change(Entry &entry, Change how)
    {
        const bool before = isOwed(entry);
        how(entry);
        m_owed = m_owed + (isOwed(entry) ? 1 : 0) - (before ? 1 : 0);
    }

    std::vector<Entry> m_entries;
    std::uint64_t m_owed = 0;
    std::string m_fault;
};

} // namespace Carillon::Soak
