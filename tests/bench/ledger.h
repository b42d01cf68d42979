// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/histogram.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace Carillon::Bench {

/// What was pushed, and what came of it: each push is answered 201 once and arrives once, at the
/// client it was for, whole. Its number is written at the start of its body.
class Ledger
{
public:
    /// Notes a push and gives its number. intended: when it should have been sent.
    [[nodiscard]] std::uint32_t begin(int client, std::size_t bodyBytes, Moment intended);
    /// The body for it: the number, then filling.
    static void writeBody(std::uint32_t number, std::size_t bodyBytes, std::string &to);

    /// The number in a notification's data, base64url; absent if writeBody() did not write it.
    [[nodiscard]] static std::optional<std::uint64_t> readNumber(std::string_view data);

    void answered(std::uint32_t number, int status);
    /// data: of the notification, base64url.
    void delivered(int client, std::string_view data);
    /// Anything else that must not happen; the first is kept.
    void complain(std::string_view what);

    [[nodiscard]] std::size_t pushed() const { return m_entries.size(); }
    [[nodiscard]] std::size_t answers() const { return m_answers.count(); }
    [[nodiscard]] std::size_t deliveries() const { return m_deliveries.count(); }
    /// From the intended moment, in µs.
    [[nodiscard]] const Histogram &answerTimes() const { return m_answers; }
    [[nodiscard]] const Histogram &deliveryTimes() const { return m_deliveries; }
    /// Empty while all is as it should be.
    [[nodiscard]] const std::string &problem() const { return m_problem; }

private:
    struct Entry
    {
        Moment intended;
        std::int32_t client = 0;
        std::uint32_t bodyBytes = 0;
        bool answered = false;
        bool delivered = false;
    };

    std::vector<Entry> m_entries;
    Histogram m_answers;
    Histogram m_deliveries;
    std::string m_problem;
};

} // namespace Carillon::Bench
