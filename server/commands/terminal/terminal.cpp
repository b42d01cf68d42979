// SPDX-License-Identifier: MPL-2.0
#include "server/commands/terminal/terminal.h"

#include <QByteArray>
#include <QtGlobal>

#include <sys/ioctl.h>
#include <unistd.h>

namespace Carillon {

namespace {

constexpr int UsualWidth = 80;
constexpr int UsualHeight = 24;

} // namespace

Terminal Terminal::ofStandardOutput()
{
    Terminal terminal;
    terminal.isTerminal = ::isatty(STDOUT_FILENO) == 1;
    if (!terminal.isTerminal)
        return terminal;
    winsize size {};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        terminal.width = size.ws_col;
        terminal.height = size.ws_row;
    }
    if (terminal.width <= 0)
        terminal.width = qEnvironmentVariableIntValue("COLUMNS");
    if (terminal.width <= 0)
        terminal.width = UsualWidth;
    if (terminal.height <= 0)
        terminal.height = UsualHeight;
    terminal.palette = Palette(qEnvironmentVariableIsEmpty("NO_COLOR")
                               && qgetenv("TERM") != QByteArrayView("dumb"));
    return terminal;
}

} // namespace Carillon
