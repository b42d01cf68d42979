// SPDX-License-Identifier: MPL-2.0
#include "server/commands/terminal/palette.h"

#include <QLatin1StringView>

namespace Carillon {

namespace {

// Of the 16 basic colours, which every theme keeps readable.
QLatin1StringView codeOf(Tone tone)
{
    switch (tone) {
    case Tone::Plain:
        return {};
    case Tone::Heading:
        return QLatin1StringView("\033[1m");
    case Tone::Quiet:
        return QLatin1StringView("\033[2m");
    case Tone::Good:
        return QLatin1StringView("\033[32m");
    case Tone::Warning:
        return QLatin1StringView("\033[33m");
    case Tone::Bad:
        return QLatin1StringView("\033[31m");
    }
    return {};
}

} // namespace

QString Palette::paint(const QString &text, Tone tone) const
{
    if (!m_hasColours || tone == Tone::Plain || text.isEmpty())
        return text;
    return codeOf(tone) + text + QLatin1StringView("\033[0m");
}

} // namespace Carillon
