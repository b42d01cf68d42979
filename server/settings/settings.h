// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/client/clientlimits.h"
#include "core/storage/storage.h"
#include "server/admin/adminoptions.h"
#include "server/connect/connectoptions.h"
#include "server/endpoint/endpointoptions.h"
#include "server/history/historyoptions.h"
#include "server/housekeeping/megaphoneoptions.h"
#include "server/logging/logoptions.h"
#include "server/metrics/statsdoptions.h"
#include "server/net/connectionoptions.h"
#include "server/net/ipnetwork.h"
#include "server/net/listenername.h"
#include "server/net/transportkind.h"
#include "server/net/transportlimits.h"
#include "server/reliability/reliabilityoptions.h"
#include "server/routing/ratelimitoptions.h"
#include "server/storage/storageoptions.h"

#include <QByteArray>
#include <QHostAddress>
#include <QList>
#include <QString>

#include <chrono>
#include <cstdint>
#include <vector>

namespace Carillon {

/// Bytes that no log, error or listing may show: there is no way to text but reveal().
class Secret
{
public:
    Secret() = default;
    explicit Secret(QByteArray bytes) : m_bytes(std::move(bytes)) { }
    [[nodiscard]] const QByteArray &reveal() const { return m_bytes; }
    [[nodiscard]] bool isEmpty() const { return m_bytes.isEmpty(); }
    bool operator==(const Secret &) const = default;

private:
    QByteArray m_bytes;
};

/// The bytes of all, in order.
[[nodiscard]] QList<QByteArray> revealAll(const std::vector<Secret> &secrets);

/// Which of autopush's daemons this process is: WebSocket clients, senders, or both.
enum class Role { All, Connect, Endpoint };
enum class StorageBackend { Memory, Sqlite };
/// The addresses of one listener, at least one. "::" stands for both families, and is then alone.
using Addresses = std::vector<QHostAddress>;

/// Where clients and messages are kept.
struct StorageDsn
{
    StorageBackend backend = StorageBackend::Sqlite;
    /// Of the database file; empty until the loader has put it into the state directory.
    QString path;
    bool operator==(const StorageDsn &) const = default;
};

/// Every setting of the program, typed. What a room decides by has its defaults there, in the
/// room's *options.h. settingstable.cpp names the settings for people, settingsloader.h fills them
/// in; after loadSettings() they are complete and valid.
struct Settings
{
    Role role = Role::All;
    /// For work on a laptop: loopback only, debug logs, the page at the endpoint's "/".
    bool dev = false;
    /// 0: one for each core.
    int workers = 0;
    TransportKind transport = DefaultTransport;
    bool allowInsecureTransport = false;
    std::chrono::milliseconds drainPeriod { 2'000 };
    /// Whose X-Forwarded-For or PROXY header names the client.
    std::vector<IpNetwork> trustedProxies;
    /// Their connections begin with a PROXY header.
    bool proxyProtocol = false;

    struct Connect : ConnectOptions
    {
        Addresses host { QHostAddress(QHostAddress::LocalHost) };
        quint16 port = 8080;
        /// Public address, "wss://push.example.com/"; empty: webSocketUrl() tells where it listens.
        QByteArray url;
    } connect;
    /// connect.min_ping_interval and storage.window are among them.
    ClientLimits clients;
    MegaphoneOptions megaphone;

    struct Endpoint : EndpointOptions
    {
        Addresses host { QHostAddress(QHostAddress::LocalHost) };
        quint16 port = 8082;
        /// Public origin, "https://push.example.com": no path, no default port. Empty only while
        /// port is 0 (any free one): then it is httpOrigin() with the port taken.
        QByteArray url;
        /// Of the pages that explain errors, up to an error's name; empty: errorPagesUrl().
        QByteArray errorDocsUrl;
    } endpoint;

    struct Router
    {
        Addresses host { QHostAddress(QHostAddress::LocalHost) };
        quint16 port = 8081;
        /// As other nodes reach it; empty as endpoint.url.
        QByteArray url;
    } router;

    AdminOptions admin;

    struct Tls
    {
        /// PEM file: the certificate, then its chain; empty: no TLS.
        QString certificate;
        /// PEM file; the loader puts the certificate's here where it is empty.
        QString key;
        std::vector<ListenerName> listeners { ListenerName::Connect, ListenerName::Endpoint };
        /// PEM file of authorities that are trusted besides the system's; empty: none.
        QString ca;
    } tls;

    /// Storage in memory has the limits and the lifetime too.
    struct Storage : StorageOptions
    {
        StorageDsn dsn;
    } storage;

    HistoryOptions history;

    struct Keys
    {
        /// Fernet keys, URL-safe base64 with padding: the first encrypts. Empty: keystore.h.
        std::vector<Secret> cryptoKeys;
        /// Literal ASCII: the first signs registration secrets.
        std::vector<Secret> authKeys;
        /// Empty: not configured (design.md §6 says what follows).
        Secret clusterSecret;
        /// No setting, but serve's --accept-new-keys.
        bool acceptNew = false;
    } keys;

    LogOptions log;

    /// connect.max_message_bytes is among them.
    TransportLimits limits;

    ConnectionOptions connections;
    RateLimitOptions rateLimits;

    StatsdOptions statsd;
    ReliabilityOptions reliability;

    struct State
    {
        /// What survives a restart: keys made at start, the default database.
        QString dir;
    } state;
};

[[nodiscard]] bool isLoopbackOnly(const Addresses &addresses);
[[nodiscard]] bool speaksTls(const Settings &settings, ListenerName listener);

/// "http://127.0.0.1:8082", "https://[::1]": the port left out where it is the scheme's own.
[[nodiscard]] QByteArray httpOrigin(const QString &scheme, const QString &host, int port);
/// The origin of a listener at the first of its addresses.
[[nodiscard]] QByteArray httpOrigin(const Settings &settings, ListenerName listener);
/// What the URL of an error's page begins with: endpoint.error_docs_url, or the server's own pages.
[[nodiscard]] QByteArray errorPagesUrl(const Settings &settings);
/// Where clients connect: connect.url, or "ws://127.0.0.1:8080/"; with TLS under the name in
/// endpoint.url, because certificates are made out to names.
[[nodiscard]] QByteArray webSocketUrl(const Settings &settings);

} // namespace Carillon
