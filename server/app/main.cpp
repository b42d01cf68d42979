// SPDX-License-Identifier: MPL-2.0
#include "server/commands/commands.h"

#include <QCoreApplication>

#include <fcntl.h>
#include <unistd.h>

namespace {

/// If stdout or stderr is closed, the next file or socket that is opened would get its number, and
/// output would be written to it. Opens /dev/null for reading in their place, so that writes fail.
void occupyStandardStreams()
{
    int descriptor = 0;
    do
        descriptor = ::open("/dev/null", O_RDONLY);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor >= 0)
        ::close(descriptor);
}

} // namespace

int main(int argc, char *argv[])
{
    using namespace Carillon;

    occupyStandardStreams();
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("carillon"));
    QCoreApplication::setApplicationVersion(QStringLiteral(CARILLON_VERSION));

    const std::vector<Command> commands {
        serveCommand(),      keygenCommand(),     checkConfigCommand(), waitCommand(),
        whyCommand(),        statusCommand(),     topCommand(),         statsCommand(),
        eventsCommand(),     logsCommand(),       clientsCommand(),     clientCommand(),
        messagesCommand(),   messageCommand(),    queuesCommand(),      sendersCommand(),
        reportCommand(),     disconnectCommand(), purgeCommand(),       blockCommand(),
        unblockCommand(),    limitCommand(),      drainCommand(),       resumeCommand(),
        tokenCommand(),      auditCommand(),      configCommand(),      adminStdioCommand(),
        completionCommand(), sendCommand(),       listenCommand(),      firefoxCommand(),
        vapidCommand(),
    };
    return static_cast<int>(runCommandLine(commands, QCoreApplication::arguments().mid(1)));
}
