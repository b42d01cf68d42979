// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QString>

#include <cstdint>

namespace Carillon {

/// What a colour says.
enum class Tone : std::uint8_t {
    Plain,
    Heading,
    Quiet, ///< less important than the text around it
    Good,
    Warning,
    Bad,
};

/// Wraps text in the escape codes of a tone, or leaves it alone where colours are not wanted.
class Palette
{
public:
    explicit Palette(bool hasColours = false) : m_hasColours(hasColours) { }

    [[nodiscard]] QString paint(const QString &text, Tone tone) const;

private:
    bool m_hasColours;
};

} // namespace Carillon
