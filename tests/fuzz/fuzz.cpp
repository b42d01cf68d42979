// SPDX-License-Identifier: MPL-2.0
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace Carillon::Fuzz {

void require(bool holds, const char *property)
{
    if (holds)
        return;
    std::fprintf(stderr, "does not hold: %s\n", property);
    std::abort();
}

Dice::Dice(QByteArrayView input) : m_state(0xcbf29ce484222325)
{
    for (const char c : input) // FNV-1a
        m_state = (m_state ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
}

std::size_t Dice::below(std::size_t bound)
{
    m_state += 0x9e3779b97f4a7c15; // splitmix64
    std::uint64_t mixed = m_state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return static_cast<std::size_t>((mixed ^ (mixed >> 31)) % bound);
}

std::size_t Pieces::nextSize()
{
    const auto left = static_cast<std::size_t>(m_rest.size());
    if (m_cutting == Cutting::Whole || left == 0)
        return left;
    if (m_cutting == Cutting::Bytes)
        return 1;
    // Short pieces come as often as long ones.
    return std::min(left, 1 + m_dice.below(std::size_t { 2 } << m_dice.below(10)));
}

std::span<char> Pieces::next()
{
    const std::size_t size = nextSize();
    if (size != m_piece.size())
        m_piece = std::vector<char>(size); // room for no more
    std::copy_n(m_rest.begin(), size, m_piece.begin());
    m_rest = m_rest.sliced(static_cast<qsizetype>(size));
    return m_piece;
}

QByteArrayView takeLine(QByteArrayView &rest)
{
    const qsizetype end = rest.indexOf('\n');
    const QByteArrayView line = end < 0 ? rest : rest.first(end);
    rest = end < 0 ? QByteArrayView() : rest.sliced(end + 1);
    return line;
}

} // namespace Carillon::Fuzz

/// libFuzzer's way in; replay.cpp calls the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Carillon::Fuzz::check({ data, static_cast<qsizetype>(size) });
    return 0;
}
