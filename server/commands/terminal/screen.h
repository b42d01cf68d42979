// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/terminal/terminal.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <chrono>

namespace Carillon {

/// The whole terminal, for a program that draws on it and reads single keys. What was there before
/// comes back at the end: when the object is destroyed, on every signal that ends the program, and
/// after a crash. Ctrl-Z suspends as usual.
/// Thread: main; one at a time, because it has the signals of the process.
class Screen
{
public:
    /// Precondition: isPossible().
    Screen();
    ~Screen();
    Screen(const Screen &) = delete;
    Screen &operator=(const Screen &) = delete;

    /// Standard input and output are a terminal.
    [[nodiscard]] static bool isPossible();

    enum class Event { Key, Resized, End, Nothing };
    struct Input
    {
        Event event = Event::Nothing;
        /// The key: a character, or an escape sequence.
        QByteArray key = {};
    };
    /// Waits for something to happen; Nothing: the time is over.
    [[nodiscard]] Input wait(std::chrono::milliseconds atMost);

    /// Its size now, and its colours.
    [[nodiscard]] Terminal terminal() const;
    /// Replaces what is shown, at once and without flicker. Lines must fit.
    void draw(const QStringList &lines);

private:
    void enter();
    void leave();
};

} // namespace Carillon
