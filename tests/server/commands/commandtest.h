// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/support/testserver.h"

#include <QFile>
#include <QObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace Carillon::Testing {

/// A test that runs commands of the built program, as people and scripts do, in a home of its own
/// and an environment that configures nothing.
class CommandTest : public QObject
{
    Q_OBJECT
protected:
    /// What a command did.
    struct Outcome
    {
        int exitCode = -1;
        QString out;
        QString err;
    };

    [[nodiscard]] static QString binary() { return qEnvironmentVariable("CARILLON_BIN"); }
    [[nodiscard]] static int patience() { return static_cast<int>(Patience.count()); }
    [[nodiscard]] QString path(const QString &name) const { return m_home.filePath(name); }

    Outcome run(const QStringList &arguments, const QByteArray &input = {});
    /// A line of sh; "$0" is the program.
    Outcome runInShell(const QString &line);
    /// For a process that the test starts itself.
    void prepare(QProcess &process) const;

private Q_SLOTS:
    void initTestCase() { QVERIFY2(QFile::exists(binary()), "CARILLON_BIN names no program"); }

private:
    static Outcome finish(QProcess &process);

    QTemporaryDir m_home;
};

} // namespace Carillon::Testing
