// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/fernet.h"
#include "server/settings/keystore.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace Carillon;
using namespace Qt::StringLiterals;

namespace {

constexpr QFileDevice::Permissions OthersMay = QFileDevice::ReadGroup | QFileDevice::WriteGroup
    | QFileDevice::ReadOther | QFileDevice::WriteOther;

Settings settingsIn(const QTemporaryDir &directory)
{
    Settings settings;
    settings.state.dir = directory.filePath(u"deep/state"_s);
    return settings;
}

} // namespace

class TestKeyStore : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void firstStart_makesKeysThatOnlyTheOwnerReads()
    {
        const QTemporaryDir directory;
        Settings settings = settingsIn(directory);
        const auto provided = provideKeys(settings);
        QVERIFY(provided);
        QVERIFY(provided->made);
        QCOMPARE(provided->path, settings.state.dir + u"/keys.toml"_s);
        QVERIFY(!(QFile::permissions(provided->path) & OthersMay));
        QVERIFY(!(QFile::permissions(settings.state.dir) & OthersMay));
        QVERIFY(Fernet::fromKeys(revealAll(settings.keys.cryptoKeys)));
        QCOMPARE(settings.keys.authKeys.size(), size_t(1));
        // A secret of the cluster would make every unsigned request a refused one.
        QVERIFY(settings.keys.clusterSecret.isEmpty());
        QCOMPARE(QDir(settings.state.dir).entryList(QDir::Files), QStringList(u"keys.toml"_s));
    }

    void nextStart_takesTheSameKeys()
    {
        const QTemporaryDir directory;
        Settings first = settingsIn(directory);
        Settings second = settingsIn(directory);
        QVERIFY(provideKeys(first));
        const auto provided = provideKeys(second);
        QVERIFY(provided);
        QVERIFY(!provided->made);
        QCOMPARE(second.keys.cryptoKeys, first.keys.cryptoKeys);
        QCOMPARE(second.keys.authKeys, first.keys.authKeys);
    }

    void configuredKeys_leaveTheDirectoryAlone()
    {
        const QTemporaryDir directory;
        Settings settings = settingsIn(directory);
        settings.keys.cryptoKeys = { Secret(newFernetKey()) };
        const auto provided = provideKeys(settings);
        QVERIFY(provided);
        QVERIFY(provided->path.isEmpty());
        QVERIFY(!QFile::exists(settings.state.dir));
    }

    void processesThatStartTogether_agree()
    {
        const QTemporaryDir directory;
        std::vector<Settings> all(8, settingsIn(directory));
        std::vector<std::thread> threads;
        std::atomic<int> made = 0;
        for (Settings &settings : all) {
            threads.emplace_back([&settings, &made] {
                const auto provided = provideKeys(settings);
                made += provided && provided->made ? 1 : 0;
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(made, 1);
        for (const Settings &settings : all) {
            QVERIFY(!settings.keys.cryptoKeys.empty());
            QCOMPARE(settings.keys.cryptoKeys, all.front().keys.cryptoKeys);
        }
    }

    void fileThatOthersMayRead_isRefused()
    {
        const QTemporaryDir directory;
        Settings settings = settingsIn(directory);
        const auto provided = provideKeys(settings);
        QVERIFY(provided);
        QVERIFY(QFile::setPermissions(provided->path,
                                      QFileDevice::ReadOwner | QFileDevice::WriteOwner
                                          | QFileDevice::ReadGroup));
        Settings again = settingsIn(directory);
        const auto refused = provideKeys(again);
        QVERIFY(!refused);
        QVERIFY(refused.error().contains("chmod 600 "_L1 + provided->path));
    }

    void brokenFile_isRefusedWithoutItsContent()
    {
        const QTemporaryDir directory;
        Settings settings = settingsIn(directory);
        const auto provided = provideKeys(settings);
        QVERIFY(provided);
        QFile file(provided->path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[keys]\ncrypto_keys = [\"s3cret\"]\n");
        file.close();
        Settings again = settingsIn(directory);
        const auto refused = provideKeys(again);
        QVERIFY(!refused);
        QVERIFY(refused.error().contains("key 1 of 1 is not a Fernet key"_L1));
        QVERIFY(!refused.error().contains("s3cret"_L1));
    }

    void directoryThatCannotBeMade_isNamed()
    {
        Settings settings;
        settings.state.dir = u"/dev/null/state"_s;
        const auto refused = provideKeys(settings);
        QVERIFY(!refused);
        QVERIFY(refused.error().contains("/dev/null"_L1));
        QVERIFY(refused.error().contains("state.dir"_L1));
    }

    void existingFile_isNeverOverwritten()
    {
        const QTemporaryDir directory;
        const QString path = directory.filePath(u"keys"_s);
        const auto first = writeSecretFile(path, "first");
        const auto second = writeSecretFile(path, "second");
        QVERIFY(first && *first);
        QVERIFY(second && !*second);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), "first"_ba);
    }
};

QTEST_APPLESS_MAIN(TestKeyStore)
#include "tst_keystore.moc"
