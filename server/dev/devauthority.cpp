// SPDX-License-Identifier: MPL-2.0
#include "server/dev/devauthority.h"

#include "core/crypto/p256.h"
#include "server/settings/keystore.h"

#include <QFile>
#include <QSaveFile>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// As long as a certificate that it makes.
constexpr auto EndsSoon = std::chrono::days(90);
constexpr qint64 LargestFile = 64 << 10;

QString keyFile(const QString &directory)
{
    return directory + "/dev-ca-key.pem"_L1;
}

Result<void, QString> writeAuthority(const QString &path, WallTime now)
{
    const KeyPointer key = newP256Key();
    const Certificate certificate = makeDevAuthority(key.get(), now);
    // Of two processes the first one wins, and both read what it wrote.
    const auto made = writeSecretFile(path, p256Pem(key.get()) + toPem(certificate.get()));
    if (!made)
        return Unexpected(made.error());
    return {};
}

/// Senders read this file, so it is only written where it is another one.
Result<void, QString> publish(const QString &path, const QByteArray &pem)
{
    QFile present(path);
    if (present.open(QIODevice::ReadOnly) && present.read(LargestFile) == pem)
        return {};
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(pem) != pem.size()
        || !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner
                                | QFileDevice::ReadGroup | QFileDevice::ReadOther)
        || !file.commit())
        return Unexpected(u"%1 cannot be written: %2"_s.arg(path, file.errorString()));
    return {};
}

} // namespace

QString DevAuthority::certificateFile(const QString &directory)
{
    return directory + "/dev-ca.pem"_L1;
}

Result<DevAuthority, QString> DevAuthority::open(const QString &directory, WallTime now)
{
    if (auto ready = makePrivateDirectory(directory); !ready)
        return Unexpected(ready.error());
    const QString path = keyFile(directory);
    bool isNew = false;
    if (!QFile::exists(path)) {
        if (auto written = writeAuthority(path, now); !written)
            return Unexpected(written.error());
        isNew = true;
    }
    auto authority = read(path);
    if (authority && expiryOf(authority->m_certificate.get()) - now < EndsSoon) {
        QFile::remove(path);
        if (auto written = writeAuthority(path, now); !written)
            return Unexpected(written.error());
        authority = read(path);
        isNew = true;
    }
    if (!authority)
        return authority;
    authority->m_isNew = isNew;
    if (auto published = publish(certificateFile(directory), toPem(authority->m_certificate.get()));
        !published)
        return Unexpected(published.error());
    return authority;
}

Result<DevAuthority, QString> DevAuthority::read(const QString &path)
{
    const QString remedy = u"remove the file, and the server creates a new authority"_s;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Unexpected(u"%1 cannot be read: %2"_s.arg(path, file.errorString()));
    const QFileDevice::Permissions open =
        QFileDevice::ReadGroup | QFileDevice::ReadOther | QFileDevice::WriteOther;
    if (file.permissions() & open)
        return Unexpected(u"%1 is readable by other users; %2"_s.arg(path, remedy));
    const QByteArray pem = file.read(LargestFile);
    KeyPointer key = p256PrivateKeyFromPem(pem);
    Certificate certificate = certificateFromPem(pem);
    if (!key || !certificate || X509_check_private_key(certificate.get(), key.get()) != 1)
        return Unexpected(u"%1 does not hold a key and its certificate; %2"_s.arg(path, remedy));
    return DevAuthority(std::move(key), std::move(certificate), false);
}

TlsContext DevAuthority::issue(const Addresses &addresses, WallTime now) const
{
    QByteArrayList names { "127.0.0.1", "::1" };
    for (const QHostAddress &address : addresses) {
        const QByteArray name = address.toString().toLatin1();
        if (!names.contains(name))
            names << name;
    }
    const KeyPointer key = newP256Key();
    const Certificate certificate =
        makeDevCertificate(key.get(), names, m_certificate.get(), m_key.get(), now);
    return TlsContext::of(certificate.get(), key.get());
}

} // namespace Carillon
