// SPDX-License-Identifier: MPL-2.0
#include "tests/server/commands/commandtest.h"

#include <QRegularExpression>
#include <QStandardPaths>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

/// Prints what bash offers for a line, one word each.
const QString InBash = uR"(source ./script
COMP_WORDS=(%1)
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { :; }
_carillon
printf '%s\n' "${COMPREPLY[@]}")"_s;

/// Prints what zsh shows on a terminal of its own when Tab is pressed behind a line. It waits for
/// what must be shown, because zsh stops showing when more is typed.
const QString InZsh = uR"(zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'RPROMPT= TERM=dumb; autoload -Uz compinit; compinit -u -D; source ./script
PROMPT=RE""ADY'
zpty -r shell seen '*READY*'
zpty -w -n shell %1
zpty -r shell shown '*'%1
zpty -w -n shell $'\t'
sleep 0.2
zpty -w -n shell $'\t'
for i in {1..150}; do
    zpty -r -t shell more && shown+=$more
    [[ $shown == *(%2)* ]] && break
    sleep 0.1
done
print -r -- $shown)"_s;

} // namespace

/// The scripts of `carillon completion`, in the shells that they are for.
class TestCompletion : public CommandTest
{
    Q_OBJECT

    void makeScript(const QString &shell)
    {
        const Outcome made = run({ u"completion"_s, shell });
        QCOMPARE(made.exitCode, 0);
        QFile script(path(u"script"_s));
        QVERIFY(script.open(QIODevice::WriteOnly));
        script.write(made.out.toUtf8());
    }
    QStringList ask(const QString &program, const QStringList &arguments)
    {
        QProcess process;
        prepare(process);
        process.start(program, arguments);
        if (!process.waitForFinished(patience()))
            return {};
        const QString error = QString::fromUtf8(process.readAllStandardError());
        if (!error.isEmpty())
            qWarning("%s", qUtf8Printable(error));
        return QString::fromUtf8(process.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts);
    }
    /// What is offered for the last word of a line.
    QStringList offered(const QString &shell, const QStringList &words, const QStringList &some)
    {
        if (shell == "bash"_L1) {
            QStringList quoted;
            for (const QString &word : words)
                quoted << u'\'' + word + u'\'';
            return ask(u"bash"_s, { u"--norc"_s, u"-c"_s, InBash.arg(quoted.join(u' ')) });
        }
        QStringList found;
        if (shell == "fish"_L1) {
            const QStringList lines =
                ask(u"fish"_s,
                    { u"--no-config"_s, u"-c"_s,
                      u"source ./script; complete -C '%1'"_s.arg(words.join(u' ')) });
            for (const QString &line : lines)
                found << line.section(u'\t', 0, 0);
            return found;
        }
        QStringList reversed = some;
        std::ranges::reverse(reversed);
        const QString wanted = some.join(u'*') + u'|' + reversed.join(u'*');
        const QString shown =
            ask(u"zsh"_s, { u"-f"_s, u"-c"_s, InZsh.arg(u'\'' + words.join(u' ') + u'\'', wanted) })
                .join(u' ');
        static const QRegularExpression separators(u"[^-a-z]+"_s);
        return shown.split(separators, Qt::SkipEmptyParts);
    }

private Q_SLOTS:
    void wordsAreCompleted_data()
    {
        QTest::addColumn<QString>("shell");
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QStringList>("some");
        QTest::addColumn<QStringList>("none");
        for (const QString &shell : { u"bash"_s, u"zsh"_s, u"fish"_s }) {
            const auto row = [&shell](const char *name, const QStringList &words,
                                      const QStringList &some, const QStringList &none) {
                QTest::addRow("%s: %s", qPrintable(shell), name)
                    << shell << QStringList(u"carillon"_s) + words << some << none;
            };
            row("command", { u"st"_s }, { u"status"_s, u"stats"_s }, { u"serve"_s });
            row("option", { u"clients"_s, u"--co"_s }, { u"--connected"_s }, { u"--help"_s });
            row("option of a setting", { u"serve"_s, u"--connect-p"_s }, { u"--connect-port"_s },
                {});
            row("value", { u"token"_s, u"create"_s, u"--role"_s, u"o"_s }, { u"operator"_s },
                { u"viewer"_s });
            row("word", { u"token"_s, u"re"_s }, { u"revoke"_s }, { u"create"_s });
            row("file", { u"send"_s, u"--file"_s, u"scr"_s }, { u"script"_s }, {});
        }
    }
    void wordsAreCompleted()
    {
        QFETCH(const QString, shell);
        QFETCH(const QStringList, words);
        QFETCH(const QStringList, some);
        QFETCH(const QStringList, none);
        if (QStandardPaths::findExecutable(shell).isEmpty())
            QSKIP("this shell is not installed");
        makeScript(shell);
        const QStringList found = offered(shell, words, some);
        for (const QString &word : some)
            QVERIFY2(found.contains(word), qUtf8Printable(found.join(u' ')));
        for (const QString &word : none)
            QVERIFY2(!found.contains(word), qUtf8Printable(found.join(u' ')));
    }

    void unknownShell_isAUsageError()
    {
        QCOMPARE(run({ u"completion"_s }).exitCode, 2);
        QCOMPARE(run({ u"completion"_s, u"tcsh"_s }).exitCode, 2);
    }
};

QTEST_GUILESS_MAIN(TestCompletion)
#include "tst_completion.moc"
