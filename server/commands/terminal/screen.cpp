// SPDX-License-Identifier: MPL-2.0
#include "server/commands/terminal/screen.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace Carillon {

namespace {

// The alternate screen, without cursor, without wrapping at the right edge; and back.
constexpr char Enter[] = "\033[?1049h\033[?25l\033[?7l\033[2J";
constexpr char Leave[] = "\033[?7h\033[?25h\033[?1049l";

constexpr std::array Ends { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
constexpr std::array Crashes { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

// Handlers of signals can reach nothing else.
termios before;
volatile std::sig_atomic_t isEntered = 0;
volatile std::sig_atomic_t hasEnded = 0;
std::array<int, 2> wake { -1, -1 };

/// Calls only what a handler may call (signal-safety(7)).
void restore()
{
    if (isEntered == 0)
        return;
    isEntered = 0;
    [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, Leave, sizeof Leave - 1);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void note(int signal)
{
    const int kept = errno;
    if (signal != SIGWINCH && signal != SIGCONT)
        hasEnded = signal;
    const char byte = static_cast<char>(signal);
    [[maybe_unused]] const ssize_t written = ::write(wake[1], &byte, 1);
    errno = kept;
}

void crash(int signal)
{
    restore();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void handle(int signal, void (*handler)(int))
{
    struct sigaction action
    {
    };
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

} // namespace

bool Screen::isPossible()
{
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

Screen::Screen()
{
    if (::pipe2(wake.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        wake = { -1, -1 };
    hasEnded = 0;
    ::tcgetattr(STDIN_FILENO, &before);
    for (const int signal : Ends)
        handle(signal, note);
    for (const int signal : Crashes)
        handle(signal, crash);
    handle(SIGWINCH, note);
    handle(SIGCONT, note);
    // Whatever ends the program without the destructor: std::exit() after a fatal message.
    std::atexit(restore);
    enter();
}

Screen::~Screen()
{
    leave();
    for (const int signal : Ends)
        std::signal(signal, SIG_DFL);
    for (const int signal : Crashes)
        std::signal(signal, SIG_DFL);
    std::signal(SIGWINCH, SIG_DFL);
    std::signal(SIGCONT, SIG_DFL);
    for (int &end : wake) {
        if (end >= 0)
            ::close(end);
        end = -1;
    }
}

void Screen::enter()
{
    termios raw = before;
    raw.c_lflag &= static_cast<tcflag_t>(~(ICANON | ECHO));
    // Ctrl-Z comes as a key, so that the screen can be given back first.
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    isEntered = 1;
    [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, Enter, sizeof Enter - 1);
}

void Screen::leave()
{
    restore();
}

Screen::Input Screen::wait(std::chrono::milliseconds atMost)
{
    if (hasEnded != 0)
        return { Event::End };
    std::array<pollfd, 2> events { pollfd { STDIN_FILENO, POLLIN, 0 },
                                   pollfd { wake[0], POLLIN, 0 } };
    if (::poll(events.data(), events.size(), static_cast<int>(atMost.count())) < 0)
        return { hasEnded != 0 ? Event::End : Event::Resized };
    if (events[1].revents != 0) {
        std::array<char, 64> bytes {};
        [[maybe_unused]] const ssize_t count = ::read(wake[0], bytes.data(), bytes.size());
        return { hasEnded != 0 ? Event::End : Event::Resized };
    }
    if (events[0].revents == 0)
        return {};
    std::array<char, 32> bytes {};
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count <= 0) // the terminal is gone
        return { Event::End };
    const QByteArray key(bytes.data(), count);
    if (key == "\x1a") {
        leave();
        std::raise(SIGTSTP);
        enter();
        return { Event::Resized };
    }
    return { Event::Key, key };
}

Terminal Screen::terminal() const
{
    return Terminal::ofStandardOutput();
}

void Screen::draw(const QStringList &lines)
{
    QByteArray bytes = "\033[H";
    for (qsizetype i = 0; i < lines.size(); ++i) {
        bytes += lines[i].toUtf8() + "\033[K";
        if (i + 1 < lines.size())
            bytes += "\r\n";
    }
    bytes += "\033[J";
    for (qsizetype at = 0; at < bytes.size();) {
        const ssize_t count = ::write(STDOUT_FILENO, bytes.constData() + at,
                                      static_cast<std::size_t>(bytes.size() - at));
        if (count < 0 && errno != EINTR && errno != EAGAIN)
            return;
        at += count > 0 ? count : 0;
    }
}

} // namespace Carillon
