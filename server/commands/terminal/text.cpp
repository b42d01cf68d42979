// SPDX-License-Identifier: MPL-2.0
#include "server/commands/terminal/text.h"

#include <QChar>
#include <QList>

#include <clocale>
#include <cwchar>

#include <locale.h>

namespace Carillon {

namespace {

constexpr char32_t Replacement = 0xfffd;
const QChar Ellipsis(u'…');
constexpr qsizetype IdHead = 8;
constexpr qsizetype IdTail = 4;

bool isObeyedOrHidden(char32_t c)
{
    switch (QChar::category(c)) {
    case QChar::Other_Control:
    case QChar::Other_Format: // directions, joiners, the soft hyphen, tags
    case QChar::Other_Surrogate:
    case QChar::Other_PrivateUse:
    case QChar::Other_NotAssigned:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return true;
    default:
        return false;
    }
}

/// Columns of one character. The C library knows them, in a locale with UTF-8 only.
int widthOf(char32_t c)
{
    if (c >= 0x20 && c < 0x7f)
        return 1;
    static const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (unicode == nullptr)
        return 1;
    const locale_t saved = ::uselocale(unicode);
    const int width = ::wcwidth(static_cast<wchar_t>(c));
    ::uselocale(saved);
    return width < 0 ? 1 : width;
}

} // namespace

QString printable(QStringView text)
{
    QString result;
    result.reserve(text.size());
    for (const char32_t c : text.toUcs4())
        result += QChar::fromUcs4(isObeyedOrHidden(c) ? Replacement : c);
    return result;
}

int displayWidth(QStringView text)
{
    int width = 0;
    for (const char32_t c : text.toUcs4())
        width += widthOf(c);
    return width;
}

QString elided(const QString &text, int width)
{
    if (displayWidth(text) <= width)
        return text;
    QString result;
    int used = 1; // the ellipsis
    for (const char32_t c : text.toUcs4()) {
        used += widthOf(c);
        if (used > width)
            break;
        result += QChar::fromUcs4(c);
    }
    return result + Ellipsis;
}

QString shortId(const QString &id)
{
    if (id.size() <= IdHead + 1 + IdTail)
        return id;
    return id.first(IdHead) + Ellipsis + id.last(IdTail);
}

QString padded(const QString &text, int width, bool atTheLeft)
{
    const QString spaces(std::max(0, width - displayWidth(text)), u' ');
    return atTheLeft ? spaces + text : text + spaces;
}

} // namespace Carillon
