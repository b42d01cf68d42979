// SPDX-License-Identifier: MPL-2.0
#include "tests/soak/book.h"

namespace Carillon::Soak {

std::uint64_t Book::Counts::events() const
{
    return posts + deliveries + hellos + registers + acks + nacks + errors + violations + vandals
        + broadcasts;
}

std::uint32_t Book::begin(int channel, Worth worth, int topic)
{
    const auto number = static_cast<std::uint32_t>(m_entries.size());
    m_entries.push_back({ .channel = channel, .worth = worth });
    ++counts.posts;
    Channel &at = channels[static_cast<std::size_t>(channel)];
    if (topic >= 0) {
        // Whatever the answer will be, the one before it may be replaced from now on.
        std::int64_t &last = at.topics[static_cast<std::size_t>(topic)];
        if (last >= 0)
            change(m_entries[static_cast<std::size_t>(last)],
                   [](Entry &entry) { entry.isExcused = true; });
        last = number;
    }
    // Of two of one topic that are under way at once either may be the later one.
    m_entries.back().isExcused = at.isRetired;
    return number;
}

void Book::answered(std::uint32_t number, int status)
{
    Entry &entry = m_entries[number];
    const bool isRetired = channels[static_cast<std::size_t>(entry.channel)].isRetired;
    if (status == 201) {
        ++counts.accepted;
        change(entry, [](Entry &each) { each.isAccepted = true; });
    } else if (status == 429 || status == 503) {
        ++counts.refused;
    } else if (isRetired && (status == 404 || status == 410)) {
        ++counts.gone;
    } else {
        complain("a push was answered " + std::to_string(status));
    }
}

void Book::delivered(int client, std::uint32_t connection, std::uint64_t number)
{
    ++counts.deliveries;
    if (number >= m_entries.size()) {
        complain("a message came that was never pushed");
        return;
    }
    Entry &entry = m_entries[number];
    const std::string what = "push " + std::to_string(number);
    if (channels[static_cast<std::size_t>(entry.channel)].client != client)
        complain(what + " came to another client");
    if (entry.connection == connection)
        complain(what + " came twice on one connection");
    if (entry.connection != 0 && entry.worth == Worth::Now)
        complain(what + " with TTL 0 came twice");
    if (entry.isSettled)
        complain(what + " came after its ack was committed");
    if (entry.connection != 0)
        ++counts.repeats;
    change(entry, [connection](Entry &each) { each.connection = connection; });
}

void Book::settle(std::uint32_t number)
{
    if (!m_entries[number].isSettled)
        ++counts.settled;
    m_entries[number].isSettled = true;
}

void Book::retire(int channel)
{
    channels[static_cast<std::size_t>(channel)].isRetired = true;
    for (Entry &entry : m_entries) {
        if (entry.channel == channel)
            change(entry, [](Entry &each) { each.isExcused = true; });
    }
}

void Book::complain(std::string_view what)
{
    if (m_fault.empty())
        m_fault = what;
}

} // namespace Carillon::Soak
