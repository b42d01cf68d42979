// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace Carillon::Fuzz {

/// What each target defines: judges one input by the properties that hold for all of them.
/// Repeats itself for the same input. Thread: one.
void check(QByteArrayView input);

/// Ends the program, naming the property, where it does not hold: libFuzzer keeps the input, the
/// replay of the seeds fails.
void require(bool holds, const char *property);

/// Random numbers that follow from the input alone, so that a finding repeats.
class Dice
{
public:
    explicit Dice(QByteArrayView input);
    /// Precondition: bound > 0. Gives 0 … bound − 1.
    [[nodiscard]] std::size_t below(std::size_t bound);

private:
    std::uint64_t m_state;
};

enum class Cutting : std::uint8_t { Whole, Bytes, Random };
inline constexpr Cutting AllCuttings[] = { Cutting::Whole, Cutting::Bytes, Cutting::Random };

/// The bytes in pieces, each in memory of exactly its size, so that a step past its end is seen.
/// None is empty.
[[nodiscard]] std::vector<std::vector<char>> cut(QByteArrayView bytes, Cutting cutting);

[[nodiscard]] inline QByteArrayView viewOf(const std::vector<char> &bytes)
{
    return { bytes.data(), static_cast<qsizetype>(bytes.size()) };
}

/// Cuts off and gives what stands before the next '\n', or all that is left: for targets whose
/// input has several parts, so that seeds are text.
[[nodiscard]] QByteArrayView takeLine(QByteArrayView &rest);

} // namespace Carillon::Fuzz
