// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/settings/settingsloader.h"

#include <QMap>
#include <QString>
#include <QStringList>

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace Carillon {

/// How a process ends: sysexits are for others, scripts want to tell these apart.
enum class ExitCode {
    Success = 0,
    Failure = 1, ///< it was tried and did not work
    Usage = 2, ///< the command line or the settings are wrong; nothing was tried
    NoServer = 3, ///< no server answered
};

struct Option
{
    /// "--ttl".
    QString name;
    /// What stands for the value in the help; empty: a switch.
    QString placeholder;
    QString description;
    /// All that the value may be, for completion; empty: anything.
    QStringList choices = {};
};

/// A command line, sorted.
class Arguments
{
public:
    /// Takes "--name VALUE", "--name=VALUE" and switches, in any order among the others; all after
    /// "--" are others. The error is a sentence with the nearest known option.
    [[nodiscard]] static Result<Arguments, QString> parse(const QStringList &arguments,
                                                          std::span<const Option> options);

    [[nodiscard]] bool has(const QString &name) const { return m_values.contains(name); }
    /// The last value given.
    [[nodiscard]] std::optional<QString> value(const QString &name) const;
    /// What is no option, in order.
    [[nodiscard]] const QStringList &others() const { return m_others; }

private:
    QMap<QString, QString> m_values;
    QStringList m_others;
};

struct Command;

struct Invocation
{
    Arguments arguments;
    /// Empty unless the command takes settings.
    SettingsSource settings;
    /// All commands of the program.
    std::span<const Command> commands;
};

/// The parts of the list of commands.
enum class CommandGroup {
    Server, ///< that there is a server, and with which settings
    Running, ///< asks or tells a server that runs
    Testing, ///< plays a browser or a sender
};

/// One of the program's commands. Help, completion and docs/commands.md follow from it.
struct Command
{
    QString name;
    /// What follows the name: "[options] SUBSCRIPTION [TEXT]".
    QString synopsis;
    CommandGroup group = CommandGroup::Testing;
    /// One line for the list of commands.
    QString summary;
    /// Words one of which may come first, as in `token create`.
    QStringList words = {};
    /// Whole paragraphs.
    QString description;
    std::vector<Option> options = {};
    /// Lines to copy, with what they print where that helps.
    QString example;
    /// Whether settings may be given as flags. Such a command takes no other words.
    bool takesSettings = false;
    std::function<ExitCode(const Invocation &)> run = {};

    /// All options that its command line may have.
    [[nodiscard]] std::vector<Option> allOptions() const;
};

/// Runs what the command line asks for, among these commands. arguments: without the program's
/// name. Thread: main, with a QCoreApplication.
[[nodiscard]] ExitCode runCommandLine(std::span<const Command> commands, QStringList arguments);

[[nodiscard]] QString helpText(const Command &command);
[[nodiscard]] QString helpText(std::span<const Command> commands);

/// Writes text and a newline to stdout, unbuffered. Returns false if that fails. The first failure
/// is reported on stderr, and runCommandLine() returns Failure.
bool printLine(const QString &text);
/// Writes "carillon: text" to stderr.
void printError(const QString &text);

} // namespace Carillon
