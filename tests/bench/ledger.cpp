// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/ledger.h"

#include <array>

namespace Carillon::Bench {
namespace {

// 36 bits of number in 6 characters of the frame, behind a mark of 6 more: 9 bytes of the body.
constexpr std::string_view Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t NumberBytes = 9;
constexpr std::string_view Mark = "bench_";

constexpr auto Values = [] {
    std::array<std::uint8_t, 256> values {};
    values.fill(64);
    for (std::size_t i = 0; i < Alphabet.size(); ++i)
        values[static_cast<std::uint8_t>(Alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}();

std::uint64_t valueOf(char letter)
{
    return Values[static_cast<std::uint8_t>(letter)];
}

constexpr std::size_t base64Size(std::size_t bytes)
{
    return (bytes * 4 + 2) / 3;
}

} // namespace

std::uint32_t Ledger::begin(int client, std::size_t bodyBytes, Moment intended)
{
    m_entries.push_back({ intended, client, static_cast<std::uint32_t>(bodyBytes) });
    return static_cast<std::uint32_t>(m_entries.size() - 1);
}

void Ledger::writeBody(std::uint32_t number, std::size_t bodyBytes, std::string &to)
{
    std::string text(Mark);
    for (int shift = 30; shift >= 0; shift -= 6)
        text += Alphabet[std::uint64_t(number) >> shift & 63];
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::uint64_t bits = valueOf(text[i]) << 18 | valueOf(text[i + 1]) << 12
            | valueOf(text[i + 2]) << 6 | valueOf(text[i + 3]);
        for (int shift = 16; shift >= 0; shift -= 8)
            to += static_cast<char>(bits >> shift & 0xff);
    }
    to.append(bodyBytes - NumberBytes, 'x');
}

std::optional<std::uint64_t> Ledger::readNumber(std::string_view data)
{
    if (data.size() < Mark.size() + 6 || !data.starts_with(Mark))
        return std::nullopt;
    std::uint64_t number = 0;
    for (const char letter : data.substr(Mark.size(), 6))
        number = number << 6 | valueOf(letter);
    return number;
}

void Ledger::answered(std::uint32_t number, int status)
{
    Entry &entry = m_entries[number];
    if (status != 201)
        complain("a push was answered " + std::to_string(status));
    else if (entry.answered)
        complain("a push was answered twice");
    entry.answered = true;
    m_answers.add(now() - entry.intended);
}

void Ledger::delivered(int client, std::string_view data)
{
    const std::optional<std::uint64_t> number = readNumber(data);
    if (!number) {
        complain("a message arrived that was never pushed");
        return;
    }
    if (*number >= m_entries.size()) {
        complain("a message arrived that was pushed before");
        return;
    }
    Entry &entry = m_entries[*number];
    if (entry.client != client)
        complain("a message arrived at another client");
    else if (data.size() != base64Size(entry.bodyBytes))
        complain("a message arrived in part");
    else if (entry.delivered)
        complain("a message arrived twice");
    entry.delivered = true;
    m_deliveries.add(now() - entry.intended);
}

void Ledger::complain(std::string_view what)
{
    if (m_problem.empty())
        m_problem = what;
}

} // namespace Carillon::Bench
