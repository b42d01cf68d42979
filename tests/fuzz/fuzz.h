// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <cstddef>
#include <cstdint>
#include <span>
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

/// Gives bytes in pieces, none of them empty, each in memory of exactly its size, so that a step
/// past its end is seen. Owns: the current piece. Precondition: the bytes live as long.
class Pieces
{
public:
    Pieces(QByteArrayView bytes, Cutting cutting) : m_rest(bytes), m_cutting(cutting), m_dice(bytes)
    {
    }

    /// The next piece, which may be written to, until the next call; empty at the end.
    [[nodiscard]] std::span<char> next();

private:
    [[nodiscard]] std::size_t nextSize();

    QByteArrayView m_rest;
    Cutting m_cutting;
    Dice m_dice;
    std::vector<char> m_piece;
};

/// Cuts off and gives what stands before the next '\n', or all that is left: for targets whose
/// input has several parts, so that seeds are text.
[[nodiscard]] QByteArrayView takeLine(QByteArrayView &rest);

} // namespace Carillon::Fuzz
