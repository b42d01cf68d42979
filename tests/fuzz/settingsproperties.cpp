// SPDX-License-Identifier: MPL-2.0
#include "tests/fuzz/settingsproperties.h"

#include "server/settings/settingstext.h"
#include "tests/fuzz/fuzz.h"

#include <QFile>
#include <QTemporaryDir>

namespace Carillon::Fuzz {
namespace {

using namespace Qt::StringLiterals;

const QString Hidden = u"never-to-be-shown-to-anyone"_s;
const QString SecretVariable = u"CARILLON__KEYS__CLUSTER_SECRET"_s;

void write(const QString &path, QByteArrayView bytes)
{
    QFile file(path);
    require(file.open(QIODevice::WriteOnly) && file.write(bytes.data(), bytes.size()) >= 0,
            "the directory is writable");
}

const QTemporaryDir &directory()
{
    static const QTemporaryDir directory;
    return directory;
}

QString listOf(const std::vector<Secret> &secrets)
{
    return QString::fromLatin1(revealAll(secrets).join(','));
}

void requireNoSecret(const QString &text)
{
    require(!text.contains(Hidden), "no secret is shown");
}

/// What is listed, with the secrets that are not, makes the same settings.
void checkListing(const LoadedSettings &loaded, const SettingsSource &source)
{
    const QString text = listing(loaded);
    requireNoSecret(text);
    SettingsSource again;
    again.environment = { { u"HOME"_s, source.environment.value(u"HOME"_s) },
                          { SecretVariable, Hidden } };
    const auto &keys = loaded.settings.keys;
    if (!keys.cryptoKeys.empty())
        again.environment.insert(u"CARILLON__KEYS__CRYPTO_KEYS"_s, listOf(keys.cryptoKeys));
    if (!keys.authKeys.empty())
        again.environment.insert(u"CARILLON__KEYS__AUTH_KEYS"_s, listOf(keys.authKeys));
    const QString path = directory().filePath(u"listing.toml"_s);
    write(path, text.toUtf8());
    again.configFiles = { path };

    const auto reloaded = loadSettings(again);
    if (!reloaded)
        qWarning("%s", qUtf8Printable(reloaded.error().join(u'\n')));
    require(reloaded.has_value(), "what is listed can be read");
    for (const Setting &setting : settingsTable()) {
        const QString before = setting.write(loaded.settings);
        const QString after = setting.write(reloaded->settings);
        if (before != after)
            qWarning("%s", qUtf8Printable(setting.name + ": "_L1 + before + ", "_L1 + after));
        require(before == after, "what is listed means the same");
    }
    require(reloaded->settings.keys.cryptoKeys == keys.cryptoKeys
                && reloaded->settings.keys.authKeys == keys.authKeys,
            "keys are the same");
}

} // namespace

QString fileWith(QByteArrayView bytes)
{
    const QString path = directory().filePath(u"carillon.toml"_s);
    write(path, bytes);
    return path;
}

void checkSettings(SettingsSource source)
{
    source.environment.insert(SecretVariable, Hidden);
    source.environment.insert(u"HOME"_s, u"/home/me"_s);
    const auto loaded = loadSettings(source);
    for (const QString &sentence : loaded ? loaded->warnings : loaded.error()) {
        require(!sentence.isEmpty(), "a problem has words");
        requireNoSecret(sentence);
    }
    require(loaded || !loaded.error().isEmpty(), "settings are taken or told what is wrong");
    if (loaded)
        checkListing(*loaded, source);
}

} // namespace Carillon::Fuzz
