// SPDX-License-Identifier: MPL-2.0
#include "tests/server/commands/commandtest.h"

namespace Carillon::Testing {

using namespace Qt::StringLiterals;

CommandTest::Outcome CommandTest::run(const QStringList &arguments, const QByteArray &input)
{
    QProcess process;
    prepare(process);
    process.start(binary(), arguments);
    process.write(input);
    process.closeWriteChannel();
    return finish(process);
}

CommandTest::Outcome CommandTest::runInShell(const QString &line)
{
    QProcess process;
    prepare(process);
    process.start(u"/bin/sh"_s, { u"-c"_s, line, binary() });
    return finish(process);
}

CommandTest::Outcome CommandTest::finish(QProcess &process)
{
    if (!process.waitForFinished(patience()))
        return {};
    return { process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
             QString::fromUtf8(process.readAllStandardError()) };
}

void CommandTest::prepare(QProcess &process) const
{
    QProcessEnvironment environment;
    for (const QString &kept : { u"PATH"_s, u"ASAN_OPTIONS"_s, u"UBSAN_OPTIONS"_s })
        environment.insert(kept, qEnvironmentVariable(kept.toLatin1().constData()));
    environment.insert(u"HOME"_s, m_home.path());
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(m_home.path());
}

} // namespace Carillon::Testing
