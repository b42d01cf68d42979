// SPDX-License-Identifier: MPL-2.0
#include "core/base/log.h"
#include "core/crypto/base64url.h"
#include "core/crypto/fernet.h"
#include "core/crypto/p256.h"
#include "server/settings/settingkinds.h"

#include <QDir>
#include <QHostAddress>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

QByteArray httpOrigin(const QString &scheme, const QString &host, int port)
{
    QString origin = scheme + "://"_L1;
    const bool isIpv6 = host.contains(u':') && !host.startsWith(u'[');
    origin += isIpv6 ? u'[' + host + u']' : host;
    if (port > 0 && port != (scheme == "https"_L1 ? 443 : 80))
        origin += u':' + QString::number(port);
    return origin.toLatin1();
}

bool isLoopbackOnly(const Addresses &addresses)
{
    return std::ranges::all_of(addresses, &QHostAddress::isLoopback);
}

bool speaksTls(const Settings &settings, ListenerName listener)
{
    const std::vector<ListenerName> &all = settings.tls.listeners;
    return !settings.tls.certificate.isEmpty()
        && std::find(all.begin(), all.end(), listener) != all.end();
}

QByteArray httpOrigin(const Settings &settings, ListenerName listener)
{
    const QString scheme = speaksTls(settings, listener) ? u"https"_s : u"http"_s;
    switch (listener) {
    case ListenerName::Connect:
        return httpOrigin(scheme, settings.connect.host.front().toString(), settings.connect.port);
    case ListenerName::Endpoint:
        return httpOrigin(scheme, settings.endpoint.host.front().toString(),
                          settings.endpoint.port);
    case ListenerName::Admin:
        return httpOrigin(scheme, settings.admin.host.front().toString(), settings.admin.port);
    case ListenerName::Router:
        break;
    }
    return httpOrigin(scheme, settings.router.host.front().toString(), settings.router.port);
}

QByteArray errorPagesUrl(const Settings &settings)
{
    const Settings::Endpoint &endpoint = settings.endpoint;
    return endpoint.errorDocsUrl.isEmpty() ? endpoint.url + "/errors/" : endpoint.errorDocsUrl;
}

QByteArray webSocketUrl(const Settings &settings)
{
    if (!settings.connect.url.isEmpty())
        return settings.connect.url;
    QByteArray origin = httpOrigin(settings, ListenerName::Connect);
    const QString name = QUrl(QString::fromLatin1(settings.endpoint.url)).host();
    if (speaksTls(settings, ListenerName::Connect) && !name.isEmpty())
        origin = httpOrigin(u"https"_s, name, settings.connect.port);
    return origin.replace(0, 4, "ws") + '/';
}

QList<QByteArray> revealAll(const std::vector<Secret> &secrets)
{
    QList<QByteArray> revealed;
    for (const Secret &secret : secrets)
        revealed << secret.reveal();
    return revealed;
}

namespace SettingKinds {

namespace {

bool isWebUrl(const QUrl &url)
{
    return url.isValid() && (url.scheme() == "http"_L1 || url.scheme() == "https"_L1)
        && !url.host().isEmpty() && url.port() != 0;
}

QString hidden(size_t count)
{
    if (count == 0)
        return u"(none)"_s;
    return count == 1 ? u"(1 secret, hidden)"_s : u"(%1 secrets, hidden)"_s.arg(count);
}

bool isVisibleAscii(const QString &text)
{
    return std::all_of(text.begin(), text.end(),
                       [](QChar c) { return c > u' ' && c.unicode() < 0x7f; });
}

} // namespace

Result<QByteArray, SettingFault> Origin::read(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    const QUrl url(*text, QUrl::StrictMode);
    // What is refused is not repeated whole: it may hold a password.
    if (!isWebUrl(url) || !url.userInfo().isEmpty())
        return fault(u"this is not an http or https URL with a host"_s,
                     u"give a URL such as https://push.example.com"_s);
    if ((!url.path().isEmpty() && url.path() != "/"_L1) || url.hasQuery() || url.hasFragment())
        return fault(u"a path is not allowed here"_s,
                     u"give only "_s
                         + QString::fromLatin1(
                             httpOrigin(url.scheme(), url.host(QUrl::FullyEncoded), url.port(-1))));
    return httpOrigin(url.scheme(), url.host(QUrl::FullyEncoded), url.port(-1));
}

QString Origin::write(const QByteArray &value) const
{
    // Known when the server listens; no value that could be given, as a secret is none.
    if (value.isEmpty())
        return u"(depends on the free port that is used)"_s;
    return quoted(QString::fromLatin1(value));
}

QString Origin::takes() const
{
    return u"URL without path"_s;
}

Result<QByteArray, SettingFault> UrlPrefix::read(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    if (text->isEmpty())
        return QByteArray();
    const QUrl url(*text, QUrl::StrictMode);
    if (!isWebUrl(url) || !url.userInfo().isEmpty())
        return fault(u"this is not an http or https URL with a host"_s,
                     u"give a URL such as https://example.com/push-errors/"_s);
    const QByteArray prefix = url.toEncoded();
    return url.hasQuery() || url.hasFragment() || prefix.endsWith('/') ? prefix : prefix + '/';
}

QString UrlPrefix::write(const QByteArray &value) const
{
    return quoted(QString::fromLatin1(value));
}

QString UrlPrefix::takes() const
{
    return u"URL"_s;
}

Result<QByteArray, SettingFault> WebSocketUrl::read(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    if (text->isEmpty())
        return QByteArray();
    QUrl url(*text, QUrl::StrictMode);
    const bool isWebSocket = url.scheme() == "ws"_L1 || url.scheme() == "wss"_L1;
    if (!url.isValid() || !isWebSocket || url.host().isEmpty() || !url.userInfo().isEmpty()
        || url.hasQuery() || url.hasFragment())
        return fault(u"this is not a ws or wss URL with a host"_s,
                     u"give a URL such as wss://push.example.com/"_s);
    if (url.path().isEmpty())
        url.setPath(u"/"_s);
    return url.toEncoded();
}

QString WebSocketUrl::write(const QByteArray &value) const
{
    return quoted(QString::fromLatin1(value));
}

QString WebSocketUrl::takes() const
{
    return u"WebSocket URL"_s;
}

Result<QUrl, SettingFault> WebUrl::read(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    if (text->isEmpty())
        return QUrl();
    QUrl url(*text, QUrl::StrictMode);
    if (!isWebUrl(url))
        return fault(u"this is not an http or https URL with a host"_s,
                     u"give a URL such as https://example.com/v1/broadcasts"_s);
    return url;
}

QString WebUrl::write(const QUrl &value) const
{
    return quoted(value.toString(QUrl::FullyEncoded | QUrl::RemoveUserInfo));
}

QString WebUrl::takes() const
{
    return u"URL"_s;
}

Result<QString, SettingFault> HostName::read(const RawValue &raw) const
{
    auto text = single(raw);
    if (!text || text->isEmpty())
        return text;
    const bool isAddress = !QHostAddress(*text).isNull();
    const bool isName = std::ranges::all_of(*text, [](QChar each) {
        return each.unicode() < 128
            && (each.isLetterOrNumber() || each == u'-' || each == u'.' || each == u'_');
    });
    if (!isAddress && !isName)
        return fault(u"%1 is neither a host name nor an address"_s.arg(quoted(*text)),
                     u"give one without scheme and port, such as statsd.example.com"_s);
    return text;
}

QString HostName::takes() const
{
    return u"host name or address"_s;
}

Result<QByteArray, SettingFault> MetricLabel::read(const RawValue &raw) const
{
    constexpr qsizetype MaxSize = 64;
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    const bool isLabel = std::ranges::all_of(*text, [](QChar each) {
        return each.unicode() < 128
            && (each.isLetterOrNumber() || each == u'-' || each == u'.' || each == u'_');
    });
    if (!isLabel || text->size() > MaxSize)
        return fault(u"%1 cannot begin the name of a metric"_s.arg(quoted(*text)),
                     u"give at most 64 letters, digits, dots, underscores and hyphens"_s);
    return text->toLatin1();
}

QString MetricLabel::write(const QByteArray &value) const
{
    return quoted(QString::fromLatin1(value));
}

QString MetricLabel::takes() const
{
    return u"text"_s;
}

Result<QString, SettingFault> Directory::read(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    if (text->isEmpty())
        return fault(u"the path is empty"_s, u"give a directory"_s);
    return QDir::cleanPath(*text);
}

QString Directory::takes() const
{
    return u"path"_s;
}

Result<QString, SettingFault> Name::read(const RawValue &raw) const
{
    return single(raw);
}

QString Name::takes() const
{
    return u"name"_s;
}

Result<QString, SettingFault> File::read(const RawValue &raw) const
{
    auto text = single(raw);
    if (!text || text->isEmpty())
        return text;
    return QDir::cleanPath(*text);
}

QString File::takes() const
{
    return u"path"_s;
}

Result<StorageDsn, SettingFault> Database::read(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    const QString remedy = u"give sqlite:PATH, or memory: for no permanent storage"_s;
    if (*text == "memory:"_L1)
        return StorageDsn { StorageBackend::Memory, {} };
    // Refused by scheme only: the rest may hold a password.
    const QString scheme = text->section(u':', 0, 0);
    if (scheme == "sqlite"_L1) {
        QString path = text->mid(7);
        if (path.startsWith("//"_L1))
            path = path.mid(2);
        if (path.isEmpty())
            return fault(u"sqlite: has no path"_s, u"give sqlite:PATH"_s);
        return StorageDsn { StorageBackend::Sqlite, path };
    }
    if (scheme == "postgresql"_L1 || scheme == "postgres"_L1)
        return fault(scheme + u": is not supported yet"_s, remedy);
    if (scheme == "redis"_L1 || scheme == "rediss"_L1)
        return fault(scheme + u": (Redis) is not supported"_s, remedy);
    if (scheme == "grpc"_L1 || scheme == "spanner"_L1)
        return fault(scheme + u": (Bigtable, Spanner) is not supported"_s, remedy);
    return fault(u"this kind of storage is unknown"_s, remedy);
}

QString Database::write(const StorageDsn &value) const
{
    if (value.backend == StorageBackend::Memory)
        return u"\"memory:\""_s;
    return quoted(u"sqlite:"_s + value.path);
}

QString Database::takes() const
{
    return u"sqlite:PATH \\| memory:"_s;
}

Result<Rules::Value, SettingFault> Rules::read(const RawValue &raw) const
{
    static const QStringList categories = logCategories() << u"carillon.*"_s;
    static const QStringList levels { u"debug"_s, u"info"_s, u"warning"_s, u"error"_s };
    Value rules;
    for (const QString &item : listItems(raw)) {
        const QString name = item.section(u'=', 0, 0).trimmed();
        const qsizetype level = levels.indexOf(item.section(u'=', 1).trimmed());
        if (level >= 0 && name.startsWith("carillon."_L1) && !categories.contains(name))
            return fault(u"there is no category %1"_s.arg(quoted(name)),
                         u"give one of "_s + categories.join(u", "_s));
        if (!categories.contains(name) || level < 0)
            return fault(quoted(item) + u" is not a rule"_s,
                         u"give a rule such as \"carillon.net=debug\" (levels: %1)"_s.arg(
                             levels.join(u", "_s)));
        rules.push_back({ name, static_cast<LogLevel>(level) });
    }
    return rules;
}

QString Rules::write(const Value &value) const
{
    static const char *const levels[] = { "debug", "info", "warning", "error" };
    QStringList items;
    for (const LogRule &rule : value)
        items << quoted(rule.category + u'='
                        + QLatin1StringView(levels[static_cast<size_t>(rule.level)]));
    return u'[' + items.join(u", "_s) + u']';
}

QString Rules::takes() const
{
    return u"list of category=level"_s;
}

Result<Secret, SettingFault> SecretText::read(const RawValue &raw) const
{
    const auto text = single(raw);
    if (!text)
        return Unexpected(text.error());
    if (text->size() < minimumLength || !isVisibleAscii(*text))
        return fault(
            u"the secret is too short or contains spaces"_s,
            u"give %1 or more ASCII characters; `carillon keygen` makes one"_s.arg(minimumLength));
    return Secret(text->toLatin1());
}

QString SecretText::write(const Secret &value) const
{
    return hidden(value.isEmpty() ? 0 : 1);
}

QString SecretText::takes() const
{
    return u"secret"_s;
}

Result<PublicKeys::Value, SettingFault> PublicKeys::read(const RawValue &raw) const
{
    Value keys;
    for (const QString &item : listItems(raw)) {
        const auto point = fromBase64Url(withoutPadding(item.toLatin1()));
        if (!point || !isP256Point(*point))
            return fault(quoted(item.left(100)) + u" is not a VAPID public key"_s,
                         u"give the uncompressed P-256 point in base64url, 87 characters, as "
                         "`carillon vapid` prints it"_s);
        keys.push_back(*point);
    }
    return keys;
}

QString PublicKeys::write(const Value &value) const
{
    QStringList items;
    for (const QByteArray &point : value)
        items << quoted(QString::fromLatin1(toBase64Url(point)));
    return u'[' + items.join(u", "_s) + u']';
}

QString PublicKeys::takes() const
{
    return u"list of VAPID public keys"_s;
}

Result<SecretList::Value, SettingFault> SecretList::read(const RawValue &raw) const
{
    Value keys;
    const QStringList items = listItems(raw);
    for (qsizetype i = 0; i < items.size(); ++i) {
        const QString which = u"key %1 of %2 "_s.arg(i + 1).arg(items.size());
        const QByteArray bytes = items[i].toLatin1();
        if (bytes.isEmpty())
            return fault(which + u"is empty"_s, u"remove it, or make one: carillon keygen"_s);
        if (!isVisibleAscii(items[i]))
            return fault(which + u"contains characters that are not visible ASCII"_s,
                         u"check the quotes and commas around it"_s);
        if (fernet && !Fernet::fromKeys({ bytes }))
            return fault(which + u"is not a Fernet key"_s,
                         u"give 32 bytes in URL-safe base64 (44 characters with the = at the "
                         u"end); `carillon keygen` makes one"_s);
        keys.emplace_back(bytes);
    }
    if (keys.empty())
        return fault(u"the list is empty"_s, u"make a key: carillon keygen"_s);
    return keys;
}

QString SecretList::write(const Value &value) const
{
    return hidden(value.size());
}

QString SecretList::takes() const
{
    return u"list of secrets"_s;
}

} // namespace SettingKinds

} // namespace Carillon
