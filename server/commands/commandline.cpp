// SPDX-License-Identifier: MPL-2.0
#include "server/commands/commandline.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype DescriptionColumn = 28;
constexpr qsizetype LineWidth = 88;

/// Whether output of a command was lost, for example because the disk is full.
bool outputLost = false;

const Option HelpOption { u"--help"_s, {}, u"Shows this help."_s };

const Option *findOption(std::span<const Option> options, const QString &name)
{
    for (const Option &option : options) {
        if (option.name == name)
            return &option;
    }
    return nullptr;
}

/// "  left   right", the right part folded into its column.
QString entry(const QString &left, const QString &right)
{
    QString text = "  "_L1 + left;
    text = text.size() < DescriptionColumn ? text.leftJustified(DescriptionColumn)
                                           : text + u'\n' + QString(DescriptionColumn, u' ');
    qsizetype column = DescriptionColumn;
    for (const QString &word : right.split(u' ')) {
        if (column > DescriptionColumn && column + word.size() >= LineWidth) {
            text += u'\n' + QString(DescriptionColumn, u' ');
            column = DescriptionColumn;
        }
        if (column > DescriptionColumn) {
            text += u' ';
            ++column;
        }
        text += word;
        column += word.size();
    }
    return text + u'\n';
}

QString indented(const QString &text)
{
    QString lines;
    for (const QString &line : text.split(u'\n'))
        lines += "  "_L1 + line + u'\n';
    return lines;
}

/// Flags of a command that takes settings which are no settings themselves.
std::vector<Option> sourceOptions()
{
    return {
        { u"--config"_s, u"FILE"_s,
          u"Reads settings from a TOML file. Can be repeated; later files win."_s },
        { u"--autopush-config"_s, u"FILE"_s,
          u"Reads settings from a configuration file of autopush."_s },
        { u"--db"_s, u"DSN"_s, u"Same as --storage-dsn."_s },
    };
}

QString left(const Option &option)
{
    return option.placeholder.isEmpty() ? option.name : option.name + u' ' + option.placeholder;
}

ExitCode runCommand(std::span<const Command> commands, const Command &command,
                    QStringList arguments)
{
    // Help is asked for by people whose other arguments may be what is wrong.
    if (arguments.contains("--help"_L1) || arguments.contains("-h"_L1)) {
        printLine(helpText(command).trimmed());
        return ExitCode::Success;
    }
    Invocation invocation { .arguments = {}, .settings = {}, .commands = commands };
    if (command.takesSettings) {
        auto settings = takeSettingFlags(arguments);
        if (!settings) {
            for (const QString &problem : settings.error())
                printError(problem);
            return ExitCode::Usage;
        }
        invocation.settings = std::move(*settings);
        invocation.settings.environment = processEnvironment();
    }
    // Settings have been taken; parse() can name them to who mistypes one.
    auto parsed = Arguments::parse(arguments, command.allOptions());
    if (!parsed) {
        printError(parsed.error()
                   + u"; `carillon %1 --help` shows what is possible"_s.arg(command.name));
        return ExitCode::Usage;
    }
    if (command.takesSettings && !parsed->others().isEmpty()) {
        printError(u"%1 takes no %2; `carillon %1 --help` shows what is possible"_s.arg(
            command.name, parsed->others().first()));
        return ExitCode::Usage;
    }
    invocation.arguments = std::move(*parsed);
    return command.run(invocation);
}

} // namespace

Result<Arguments, QString> Arguments::parse(const QStringList &arguments,
                                            std::span<const Option> options)
{
    Arguments parsed;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        const QString &argument = arguments[i];
        if (argument == "--"_L1) {
            parsed.m_others += arguments.mid(i + 1);
            break;
        }
        if (!argument.startsWith(u'-') || argument == "-"_L1) {
            parsed.m_others << argument;
            continue;
        }
        const QString name = argument.section(u'=', 0, 0);
        const Option *option = findOption(options, name);
        if (!option) {
            QStringList known;
            for (const Option &each : options)
                known << each.name;
            const QString near = nearestName(name, known);
            return Unexpected(near.isEmpty()
                                  ? u"there is no option %1"_s.arg(name)
                                  : u"there is no option %1, did you mean %2?"_s.arg(name, near));
        }
        if (option->placeholder.isEmpty()) {
            if (argument.contains(u'='))
                return Unexpected(u"%1 takes no value"_s.arg(name));
            parsed.m_values.insert(name, {});
        } else if (argument.contains(u'=')) {
            parsed.m_values.insert(name, argument.section(u'=', 1));
        } else if (i + 1 < arguments.size()) {
            parsed.m_values.insert(name, arguments[++i]);
        } else {
            return Unexpected(u"%1 needs a value: %1 %2"_s.arg(name, option->placeholder));
        }
    }
    return parsed;
}

std::optional<QString> Arguments::value(const QString &name) const
{
    const auto found = m_values.constFind(name);
    return found == m_values.cend() ? std::nullopt : std::optional(*found);
}

std::vector<Option> Command::allOptions() const
{
    std::vector<Option> all = options;
    if (takesSettings) {
        const std::vector<Option> sources = sourceOptions();
        all.insert(all.end(), sources.begin(), sources.end());
        for (const Setting &setting : settingsTable())
            all.push_back({ setting.flag(), u"VALUE"_s, {} });
    }
    all.push_back(HelpOption);
    return all;
}

QString helpText(const Command &command)
{
    QString text =
        u"Usage: carillon %1 %2\n\n%3\n"_s.arg(command.name, command.synopsis, command.description);
    text += u"\nOptions:\n"_s;
    for (const Option &option : command.options)
        text += entry(left(option), option.description);
    if (command.takesSettings) {
        for (const Option &option : sourceOptions())
            text += entry(left(option), option.description);
        text +=
            entry(u"--SECTION-KEY VALUE"_s,
                  u"Sets any setting, for example --connect-port 8080; --set connect.port=8080 is "
                  "the same. `carillon check-config --sample` lists all settings."_s);
    }
    text += entry(HelpOption.name, HelpOption.description);
    return text + u"\nExample:\n"_s + indented(command.example);
}

QString helpText(std::span<const Command> commands)
{
    QString text = u"Usage: carillon COMMAND [options]\n\n"
                   "A self-hosted Web Push server, and tools to look into it and to test it.\n"_s;
    static const std::array groups {
        std::pair(CommandGroup::Server, u"To run a server"_s),
        std::pair(CommandGroup::Running, u"To look into a running server, and to act on it"_s),
        std::pair(CommandGroup::Testing, u"To test push"_s),
    };
    for (const auto &[group, title] : groups) {
        text += u'\n' + title + ":\n"_L1;
        for (const Command &command : commands) {
            if (command.group == group)
                text += entry(command.name, command.summary);
        }
    }
    text += u"\nOptions:\n"_s
        + entry(u"--help"_s, u"Shows this help, or after a command the help of that command."_s)
        + entry(u"--version"_s, u"Shows the version."_s);
    return text + u"\nExample:\n"_s
        + indented(
               u"carillon serve --dev     # starts a server on this machine, with a page to try "
               u"it\n"
               "carillon listen          # in a second terminal: prints a subscription, then messages"_s);
}

namespace {

ExitCode runNamed(std::span<const Command> commands, QStringList arguments)
{
    const QString name = arguments.isEmpty() ? u"--help"_s : arguments.takeFirst();
    if (name == "--help"_L1 || name == "-h"_L1 || name == "help"_L1) {
        printLine(helpText(commands).trimmed());
        return ExitCode::Success;
    }
    if (name == "--version"_L1) {
        if (!arguments.isEmpty()) {
            printError(u"--version takes no %1"_s.arg(arguments.first()));
            return ExitCode::Usage;
        }
        printLine(u"carillon %1"_s.arg(QLatin1StringView(CARILLON_VERSION)));
        return ExitCode::Success;
    }
    QStringList names;
    for (const Command &command : commands) {
        if (command.name == name)
            return runCommand(commands, command, arguments);
        names << command.name;
    }
    const QString near = nearestName(name, names);
    printError(u"there is no command %1%2; `carillon --help` lists them"_s.arg(
        name, near.isEmpty() ? QString() : u", did you mean %1?"_s.arg(near)));
    return ExitCode::Usage;
}

} // namespace

ExitCode runCommandLine(std::span<const Command> commands, QStringList arguments)
{
    const ExitCode outcome = runNamed(commands, std::move(arguments));
    return outcome == ExitCode::Success && outputLost ? ExitCode::Failure : outcome;
}

bool printLine(const QString &text)
{
    const QByteArray line = text.toUtf8() + '\n';
    const auto size = static_cast<size_t>(line.size());
    const bool isWritten =
        std::fwrite(line.constData(), 1, size, stdout) == size && std::fflush(stdout) == 0;
    if (!isWritten && !std::exchange(outputLost, true))
        printError(u"the output cannot be written: "_s + qt_error_string(errno));
    return isWritten;
}

void printError(const QString &text)
{
    const QByteArray line = "carillon: " + text.toUtf8() + '\n';
    std::fwrite(line.constData(), 1, static_cast<size_t>(line.size()), stderr);
}

} // namespace Carillon
