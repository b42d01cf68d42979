// SPDX-License-Identifier: MPL-2.0
#include "server/settings/keystore.h"

#include "core/crypto/base64url.h"
#include "core/crypto/digest.h"
#include "core/crypto/fernet.h"
#include "server/settings/settingslayer.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QtEndian>

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

QString failure(const QString &path, QLatin1StringView what, int error)
{
    return u"%1 cannot be %2: %3"_s.arg(path, what, qt_error_string(error));
}

bool writeAll(int fd, const QByteArray &content)
{
    qsizetype written = 0;
    while (written < content.size()) {
        const ssize_t count = ::write(fd, content.constData() + written,
                                      static_cast<size_t>(content.size() - written));
        if (count < 0 && errno != EINTR)
            return false;
        if (count > 0)
            written += count;
    }
    return ::fsync(fd) == 0;
}

/// Whether makePrivateDirectory() would succeed, and a file could be made there.
Result<void, QString> checkPrivateDirectory(const QString &path)
{
    QString existing = path;
    while (!QFileInfo::exists(existing) && existing != QFileInfo(existing).absolutePath())
        existing = QFileInfo(existing).absolutePath();
    if (QFileInfo(existing).isDir()
        && ::access(QFile::encodeName(existing).constData(), W_OK | X_OK) == 0)
        return {};
    return Unexpected(failure(path, existing == path ? "written"_L1 : "created"_L1,
                              QFileInfo(existing).isDir() ? EACCES : ENOTDIR)
                      + u"; set state.dir to a directory that this user can write to"_s);
}

Result<void, QString> readKeys(const QString &path, Settings &settings)
{
    const QFileDevice::Permissions open =
        QFileDevice::ReadGroup | QFileDevice::ReadOther | QFileDevice::WriteOther;
    if (QFile::permissions(path) & open)
        return Unexpected(
            u"%1 is readable by other users; make new keys if somebody may have read it, then "
            "run chmod 600 %1"_s.arg(path));
    LayerBuilder builder;
    readTomlFile(path, builder);
    QStringList problems = builder.problems();
    for (const auto &[name, value] : builder.layer().asKeyValueRange()) {
        const Setting *setting = findSetting(name);
        const auto read = setting->section() == "keys"_L1
            ? setting->read(settings, value)
            : Unexpected(SettingFault { u"only keys are allowed in this file"_s,
                                        u"move it to the configuration"_s });
        if (!read)
            problems << complaint(name, read.error(), value.where);
    }
    if (problems.isEmpty() && settings.keys.cryptoKeys.empty())
        problems << complaint(u"keys.crypto_keys"_s,
                              { u"there are no keys in "_s + path,
                                u"move the file away, and the server makes new "
                                "keys"_s });
    if (!problems.isEmpty())
        return Unexpected(problems.join(u'\n'));
    return {};
}

} // namespace

KeySet KeySet::generate()
{
    constexpr qsizetype SecretSize = 32;
    return { Secret(newFernetKey()), Secret(toBase64Url(randomBytes(SecretSize))),
             Secret(toBase64Url(randomBytes(SecretSize))) };
}

QByteArray keysToml(const KeySet &keys)
{
    QByteArray text = "[keys]\ncrypto_keys = [\"" + keys.cryptoKey.reveal() + "\"]\nauth_keys = [\""
        + keys.authKey.reveal() + "\"]\n";
    if (!keys.clusterSecret.isEmpty())
        text += "cluster_secret = \"" + keys.clusterSecret.reveal() + "\"\n";
    return text;
}

Result<void, QString> makePrivateDirectory(const QString &path)
{
    if (QFileInfo(path).isDir())
        return {};
    const QString parent = QFileInfo(path).absolutePath();
    if (!QDir().mkpath(parent))
        return Unexpected(u"%1 cannot be created; set state.dir to a directory that this user "
                          "can write to"_s.arg(parent));
    if (::mkdir(QFile::encodeName(path).constData(), 0700) != 0 && errno != EEXIST)
        return Unexpected(failure(path, "created"_L1, errno)
                          + u"; set state.dir to a directory that this user can write to"_s);
    return {};
}

Result<bool, QString> writeSecretFile(const QString &path, const QByteArray &content)
{
    // Written to another name and linked, so that a file is never read half-written, and the first
    // of two processes wins.
    const QByteArray target = QFile::encodeName(path);
    const QByteArray aside = target + '.' + toBase64Url(randomBytes(9));
    const int fd = ::open(aside.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return Unexpected(failure(path, "created"_L1, errno));
    const bool written = writeAll(fd, content);
    int error = errno;
    ::close(fd);
    bool made = false;
    if (written) {
        made = ::link(aside.constData(), target.constData()) == 0;
        error = errno;
    }
    ::unlink(aside.constData());
    if (!made && (!written || error != EEXIST))
        return Unexpected(failure(path, "written"_L1, error));
    return made;
}

Result<KeysProvided, QString> findKeys(Settings &settings)
{
    if (!settings.keys.cryptoKeys.empty())
        return KeysProvided {};
    const QString path = settings.state.dir + "/keys.toml"_L1;
    if (QFileInfo::exists(path)) {
        if (auto read = readKeys(path, settings); !read)
            return Unexpected(read.error());
        return KeysProvided { path, false };
    }
    if (auto possible = checkPrivateDirectory(settings.state.dir); !possible)
        return Unexpected(possible.error());
    return KeysProvided { path, true };
}

std::vector<std::int64_t> fingerprints(const Settings::Keys &keys)
{
    std::vector<std::int64_t> all;
    for (const Secret &key : keys.cryptoKeys) {
        const QByteArray digest = sha256("carillon crypto key " + key.reveal());
        all.push_back(qFromBigEndian<std::int64_t>(digest.constData()));
    }
    return all;
}

Result<KeysProvided, QString> provideKeys(Settings &settings)
{
    if (!settings.keys.cryptoKeys.empty())
        return KeysProvided {};
    const QString path = settings.state.dir + "/keys.toml"_L1;
    KeysProvided provided { path, false };
    if (!QFileInfo::exists(path)) {
        if (auto ready = makePrivateDirectory(settings.state.dir); !ready)
            return Unexpected(ready.error());
        // Without a cluster secret: that one is a decision of the operator (protocol.md §7).
        KeySet keys = KeySet::generate();
        keys.clusterSecret = {};
        const auto made = writeSecretFile(
            path,
            "# Made at the first start. Whoever has these keys can read endpoint URLs.\n"
                + keysToml(keys));
        if (!made)
            return Unexpected(made.error());
        provided.made = *made;
    }
    if (auto read = readKeys(path, settings); !read)
        return Unexpected(read.error());
    return provided;
}

} // namespace Carillon
