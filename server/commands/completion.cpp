// SPDX-License-Identifier: MPL-2.0
#include "server/commands/completion.h"

#include "server/commands/commands.h"

#include <QStringList>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

const QString ShellNames = u"bash|zsh|fish"_s;

/// A word in single quotes, as all three shells read it.
QString quoted(QString text)
{
    return u'\'' + text.replace(u'\'', u"'\\''"_s) + u'\'';
}

bool takesFile(const Option &option)
{
    return option.placeholder == "FILE"_L1 || option.placeholder == "PATH"_L1;
}

/// What a description says first.
QString brief(const QString &description)
{
    const qsizetype end = description.indexOf(". "_L1);
    QString text = end < 0 ? description : description.first(end);
    if (text.endsWith(u'.'))
        text.chop(1);
    return text;
}

QStringList optionNames(const Command &command)
{
    QStringList names;
    for (const Option &option : command.allOptions())
        names << option.name;
    return names;
}

QString bashScript(std::span<const Command> commands)
{
    QStringList names;
    QString values; // cases of "command option", for the value of an option
    QString others; // cases of "command"
    for (const Command &command : commands) {
        names << command.name;
        for (const Option &option : command.allOptions()) {
            if (option.placeholder.isEmpty())
                continue;
            const QString action = !option.choices.isEmpty()
                ? u"COMPREPLY=($(compgen -W %1 -- \"$cur\"))"_s.arg(
                    quoted(option.choices.join(u' ')))
                : takesFile(option)
                ? u"compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))"_s
                : u":"_s;
            // Most values are free text. One case stands for all settings.
            if (action != ":"_L1 || !command.takesSettings)
                values += u"    %1) %2; return ;;\n"_s.arg(
                    quoted(command.name + u' ' + option.name), action);
        }
        others += u"    %1) words=%2 options=%3 ;;\n"_s.arg(
            command.name, quoted(command.words.join(u' ')),
            quoted(optionNames(command).join(u' ')));
    }
    return uR"(# Completion of carillon for bash, made by `carillon completion bash`.
_carillon() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words= options=
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W %1 -- "$cur"))
        return
    fi
    case "${COMP_WORDS[1]} $prev" in
%2    esac
    case ${COMP_WORDS[1]} in
%3    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
    elif [[ -n $words ]] && ((COMP_CWORD == 2)); then
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
    else
        compopt -o filenames
        COMPREPLY=($(compgen -f -- "$cur"))
    fi
}
complete -F _carillon carillon
)"_s.arg(quoted((names << u"--help"_s << u"--version"_s).join(u' ')), values, others);
}

/// In a specification of _arguments and _describe, where ':' and brackets have a meaning.
QString zshText(QString text)
{
    text.replace(u'\\', u"\\\\"_s);
    for (const QChar c : u":[]()"_s)
        text.replace(c, u'\\' + QString(c));
    return text;
}

QString zshScript(std::span<const Command> commands)
{
    QString names;
    QString cases;
    for (const Command &command : commands) {
        names += u"        %1\n"_s.arg(quoted(command.name + u':' + zshText(command.summary)));
        QString specs;
        for (const Option &option : command.allOptions()) {
            QString spec = option.name;
            const QString text = brief(option.description);
            if (!option.placeholder.isEmpty())
                spec += u'=';
            spec += text.isEmpty() ? QString() : u'[' + zshText(text) + u']';
            if (!option.placeholder.isEmpty()) {
                spec += u':' + zshText(option.placeholder) + u':';
                if (!option.choices.isEmpty())
                    spec += u'(' + option.choices.join(u' ') + u')';
                else if (takesFile(option))
                    spec += u"_files"_s;
            }
            specs += u" \\\n            "_s + quoted(spec);
        }
        if (!command.words.isEmpty())
            specs +=
                u" \\\n            "_s + quoted(u"1:word:(%1)"_s.arg(command.words.join(u' ')));
        specs += u" \\\n            "_s + quoted(u"*:file:_files"_s);
        cases += u"    %1) _arguments%2 ;;\n"_s.arg(command.name, specs);
    }
    return uR"(#compdef carillon
# Completion of carillon for zsh, made by `carillon completion zsh`.
_carillon() {
    local -a commands=(
%1    )
    if ((CURRENT == 2)); then
        _describe command commands
        return
    fi
    local command=$words[2]
    shift words
    ((CURRENT--))
    case $command in
%2    esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _carillon "$@"
else
    compdef _carillon carillon
fi
)"_s.arg(names, cases);
}

QString fishScript(std::span<const Command> commands)
{
    // The first word that is given decides, whatever words and values follow it.
    QString script = uR"(# Completion of carillon for fish, made by `carillon completion fish`.
function __carillon_uses
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test $words[2] = $argv[1]
end
function __carillon_first
    test (count (commandline -opc)) -eq $argv[1]
end
complete -c carillon -n '__carillon_first 1' -f
complete -c carillon -n '__carillon_first 1' -l help -d 'Shows the help'
complete -c carillon -n '__carillon_first 1' -l version -d 'Shows the version'
)"_s;
    for (const Command &command : commands) {
        script += u"complete -c carillon -n '__carillon_first 1' -a %1 -d %2\n"_s.arg(
            command.name, quoted(command.summary));
        const QString uses = u"__carillon_uses "_s + command.name;
        if (!command.words.isEmpty())
            script += u"complete -c carillon -n %1 -f -a %2\n"_s.arg(
                quoted(uses + u"; and __carillon_first 2"_s), quoted(command.words.join(u' ')));
        for (const Option &option : command.allOptions()) {
            QString line =
                u"complete -c carillon -n %1 -l %2"_s.arg(quoted(uses), option.name.sliced(2));
            if (!option.choices.isEmpty())
                line += u" -x -a %1"_s.arg(quoted(option.choices.join(u' ')));
            else if (takesFile(option))
                line += u" -r -F"_s;
            else if (!option.placeholder.isEmpty())
                line += u" -x"_s;
            if (const QString text = brief(option.description); !text.isEmpty())
                line += u" -d "_s + quoted(text);
            script += line + u'\n';
        }
    }
    return script;
}

ExitCode complete(const Invocation &invocation)
{
    const QStringList &shells = invocation.arguments.others();
    const QString shell = shells.value(0);
    const auto print = [&](Shell which) {
        printLine(completionScript(which, invocation.commands).trimmed());
        return ExitCode::Success;
    };
    if (shells.size() == 1 && shell == "bash"_L1)
        return print(Shell::Bash);
    if (shells.size() == 1 && shell == "zsh"_L1)
        return print(Shell::Zsh);
    if (shells.size() == 1 && shell == "fish"_L1)
        return print(Shell::Fish);
    printError(u"completion takes the name of a shell: %1"_s.arg(ShellNames));
    return ExitCode::Usage;
}

} // namespace

QString completionScript(Shell shell, std::span<const Command> commands)
{
    switch (shell) {
    case Shell::Bash:
        return bashScript(commands);
    case Shell::Zsh:
        return zshScript(commands);
    case Shell::Fish:
        return fishScript(commands);
    }
    return {};
}

Command completionCommand()
{
    return {
        .name = u"completion"_s,
        .synopsis = ShellNames,
        .group = CommandGroup::Running,
        .summary = u"prints a script with which a shell completes commands and options"_s,
        .words = { u"bash"_s, u"zsh"_s, u"fish"_s },
        .description =
            u"Prints a script that completes the commands of carillon, their options, and values\n"
            "of which there are few. Load it in the startup file of the shell, or put it where\n"
            "the shell looks for such scripts, as shown below."_s,
        .example = u"carillon completion bash > /etc/bash_completion.d/carillon\n"
                   "carillon completion zsh > /usr/local/share/zsh/site-functions/_carillon\n"
                   "carillon completion fish > ~/.config/fish/completions/carillon.fish"_s,
        .run = complete,
    };
}

} // namespace Carillon
