// SPDX-License-Identifier: MPL-2.0
#include "server/app/signals.h"

#include <QSocketNotifier>

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

namespace Carillon {
namespace {

std::array<int, 2> pipeEnds { -1, -1 };
volatile std::sig_atomic_t stopAsked = 0;

/// Async-signal-safe: a byte into a pipe, or the end of the process.
extern "C" void onSignal(int signal)
{
    const int savedErrno = errno;
    if (signal != SIGHUP) {
        if (stopAsked != 0)
            ::_exit(128 + signal);
        stopAsked = 1;
    }
    const char byte = signal == SIGHUP ? 'r' : 's';
    [[maybe_unused]] const ssize_t written = ::write(pipeEnds[1], &byte, 1);
    errno = savedErrno;
}

} // namespace

Signals::Signals(Task stop, Task reload) : m_stop(std::move(stop)), m_reload(std::move(reload))
{
    if (::pipe2(pipeEnds.data(), O_NONBLOCK | O_CLOEXEC) != 0)
        qFatal("cannot make a pipe for signals");
    m_notifier = std::make_unique<QSocketNotifier>(pipeEnds[0], QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &Signals::read);
    // A peer that left and a file that may not grow are answers of a call, not reasons to die.
    for (const int signal : { SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2 })
        std::signal(signal, SIG_IGN);
    struct sigaction action
    {
    };
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    for (const int signal : { SIGTERM, SIGINT, SIGHUP })
        ::sigaction(signal, &action, nullptr);
}

Signals::~Signals()
{
    std::signal(SIGHUP, SIG_IGN);
    for (const int signal : { SIGTERM, SIGINT })
        std::signal(signal, SIG_DFL);
    m_notifier.reset();
    for (int &end : pipeEnds)
        ::close(std::exchange(end, -1));
}

void Signals::read()
{
    char byte = 0;
    while (::read(pipeEnds[0], &byte, 1) == 1) {
        if (byte == 's')
            m_stop();
        else
            m_reload();
    }
}

} // namespace Carillon
