// SPDX-License-Identifier: MPL-2.0
#include "server/app/commands/commands.h"

#include <QCoreApplication>

int main(int argc, char *argv[])
{
    using namespace Carillon;

    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("carillon"));
    QCoreApplication::setApplicationVersion(QStringLiteral(CARILLON_VERSION));

    const std::vector<Command> commands {
        serveCommand(),  sendCommand(),  listenCommand(),      firefoxCommand(),
        keygenCommand(), vapidCommand(), checkConfigCommand(),
    };
    return static_cast<int>(runCommandLine(commands, QCoreApplication::arguments().mid(1)));
}
