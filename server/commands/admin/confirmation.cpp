// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/confirmation.h"

#include "server/commands/terminal/text.h"

#include <cstdio>

#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

QString answerOfUser()
{
    QByteArray line;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar())
        line += static_cast<char>(c);
    return QString::fromUtf8(line).trimmed().toLower();
}

} // namespace

Option yesOption()
{
    return { u"--yes"_s, {}, u"Does not ask."_s };
}

Result<void, ExitCode> confirm(const Arguments &arguments, const QString &consequence)
{
    if (arguments.has(u"--yes"_s))
        return {};
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1) {
        printError(printable(consequence)
                   + u"; repeat the command with --yes, because there is no terminal to ask on"_s);
        return Unexpected(ExitCode::Usage);
    }
    const QByteArray question = (printable(consequence) + u". Continue? [y/N] "_s).toUtf8();
    std::fwrite(question.constData(), 1, static_cast<std::size_t>(question.size()), stderr);
    const QString answer = answerOfUser();
    if (answer == "y"_L1 || answer == "yes"_L1)
        return {};
    printError(u"nothing was done"_s);
    return Unexpected(ExitCode::Failure);
}

} // namespace Carillon
