// SPDX-License-Identifier: MPL-2.0
#include "server/settings/setting.h"
#include "server/settings/settingkinds.h"

// A row's field, for const and other Settings alike.
#define FIELD(path)                                                                                \
    [](auto &settings) -> auto &                                                                   \
    {                                                                                              \
        return settings.path;                                                                      \
    }

namespace Carillon {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

using namespace SettingKinds;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

constexpr Milliseconds InSeconds = 1s;
constexpr Milliseconds InMilliseconds = 1ms;

struct Extras
{
    QStringList autopush = {};
    QString defaultText = {};
    Exposure exposure = Exposure::Shown;
};

template<typename Field, typename Kind>
Setting row(QString name, Field field, Kind kind, QString description, Extras extras = {})
{
    Setting setting;
    setting.name = std::move(name);
    setting.takes = kind.takes();
    setting.description = std::move(description);
    setting.exposure = extras.exposure;
    setting.autopush = std::move(extras.autopush);
    setting.defaultText = std::move(extras.defaultText);
    setting.read = [field, kind](Settings &settings,
                                 const RawValue &raw) -> Result<void, SettingFault> {
        auto value = kind.read(raw);
        if (!value)
            return Unexpected(value.error());
        field(settings) = std::move(*value);
        return {};
    };
    setting.write = [field, kind](const Settings &settings) { return kind.write(field(settings)); };
    return setting;
}

Duration<Milliseconds> seconds(Milliseconds minimum = 1ms)
{
    return { { InSeconds, minimum } };
}

void addGeneral(std::vector<Setting> &table)
{
    table.push_back(row(u"role"_s, FIELD(role),
                        Choice<Role> { { { u"all"_s, Role::All },
                                         { u"connect"_s, Role::Connect },
                                         { u"endpoint"_s, Role::Endpoint } } },
                        u"What this process serves: connect for WebSocket clients, endpoint "
                        "for senders, all for both."_s));
    table.push_back(row(u"dev"_s, FIELD(dev), Boolean {},
                        u"For work on a laptop: loopback only, debug logs, a test page at the "
                        "endpoint's /, where TLS is spoken besides plain HTTP."_s));
    table.push_back(row(u"workers"_s, FIELD(workers), Integer<int> { { 0, 1024 } },
                        u"Threads that hold connections; 0: one for each core."_s));
    table.push_back(
        row(u"transport"_s, FIELD(transport),
            Choice<TransportKind> {
                { { u"native"_s, TransportKind::Native }, { u"qt"_s, TransportKind::Qt } } },
            u"How bytes come and go: native (Linux) for many clients and any address, qt "
            "for a developer's machine. A build may be without qt."_s));
    table.push_back(
        row(u"allow_insecure_transport"_s, FIELD(allowInsecureTransport), Boolean {},
            u"Lets transport \"qt\" listen on addresses other than loopback. It buffers without "
            "limit and has no time-outs: only for networks where nobody is hostile."_s));
    table.push_back(row(u"drain_period"_s, FIELD(drainPeriod), seconds(0ms),
                        u"How long a stop may take: requests are finished, clients closed with "
                        "1012."_s));
    table.push_back(row(u"trusted_proxies"_s, FIELD(trustedProxies), Networks {},
                        u"Addresses and networks of the reverse proxies in front of connect and "
                        "endpoint. From them, and from nobody else, X-Forwarded-For names the "
                        "client."_s));
    table.push_back(row(u"proxy_protocol"_s, FIELD(proxyProtocol), Boolean {},
                        u"Connections from trusted_proxies begin with haproxy's PROXY header, "
                        "version 1 or 2; one without is closed."_s));
}

void addConnect(std::vector<Setting> &table)
{
    table.push_back(row(u"connect.host"_s, FIELD(connect.host), ListenAddresses {},
                        u"Addresses for WebSocket clients; :: is all of IPv6 and IPv4."_s));
    table.push_back(row(u"connect.port"_s, FIELD(connect.port), Port {},
                        u"Port for WebSocket clients."_s,
                        { .autopush = { u"AUTOCONNECT__PORT"_s } }));
    table.push_back(row(u"connect.url"_s, FIELD(connect.url), WebSocketUrl {},
                        u"How clients reach the server, such as wss://push.example.com/; shown at "
                        "the start and on the test page. Empty: connect.host and connect.port."_s));
    table.push_back(row(u"connect.open_handshake_timeout"_s, FIELD(connect.openHandshakeTimeout),
                        seconds(), u"How long a client may take to say hello."_s,
                        { .autopush = { u"AUTOCONNECT__OPEN_HANDSHAKE_TIMEOUT"_s } }));
    table.push_back(row(u"connect.auto_ping_interval"_s, FIELD(connect.autoPingInterval), seconds(),
                        u"How often the server pings a client."_s,
                        { .autopush = { u"AUTOCONNECT__AUTO_PING_INTERVAL"_s } }));
    table.push_back(row(u"connect.auto_ping_timeout"_s, FIELD(connect.autoPingTimeout), seconds(),
                        u"How long a client may take to answer a ping."_s,
                        { .autopush = { u"AUTOCONNECT__AUTO_PING_TIMEOUT"_s } }));
    table.push_back(row(u"connect.min_ping_interval"_s, FIELD(clients.minPingInterval),
                        seconds(0ms), u"Clients that ping more often are closed."_s));
    table.push_back(row(u"connect.max_message_bytes"_s, FIELD(limits.webSocketMessageBytes),
                        Bytes { 1 << 10, 16 << 20 }, u"Longest message of a client."_s));
    table.push_back(row(u"connect.max_channels"_s, FIELD(connect.maxChannels),
                        Integer<int> { { 1, 1'000'000 } }, u"Subscriptions of one client."_s));
    table.push_back(row(u"connect.megaphone_api_url"_s, FIELD(megaphone.apiUrl), WebUrl {},
                        u"Where broadcast versions are read; empty: none."_s,
                        { .autopush = { u"AUTOCONNECT__MEGAPHONE_API_URL"_s } }));
    table.push_back(row(u"connect.megaphone_poll_interval"_s, FIELD(megaphone.pollInterval),
                        seconds(10ms), u"How often they are read."_s,
                        { .autopush = { u"AUTOCONNECT__MEGAPHONE_POLL_INTERVAL"_s } }));
}

void addEndpoint(std::vector<Setting> &table)
{
    table.push_back(row(u"endpoint.host"_s, FIELD(endpoint.host), ListenAddresses {},
                        u"Addresses for senders; :: is all of IPv6 and IPv4."_s,
                        { .autopush = { u"AUTOEND__HOST"_s } }));
    table.push_back(row(u"endpoint.port"_s, FIELD(endpoint.port), Port {},
                        u"Port for senders (8000 where AUTOEND__ variables are set)."_s,
                        { .autopush = { u"AUTOEND__PORT"_s } }));
    table.push_back(
        row(u"endpoint.url"_s, FIELD(endpoint.url), Origin {},
            u"How senders reach the endpoint: all subscriptions and VAPID's aud begin with it."_s,
            { .autopush = { u"AUTOEND__ENDPOINT_URL"_s, u"AUTOEND__SCHEME"_s,
                            u"AUTOCONNECT__ENDPOINT_SCHEME"_s, u"AUTOCONNECT__ENDPOINT_HOSTNAME"_s,
                            u"AUTOCONNECT__ENDPOINT_PORT"_s },
              .defaultText = u"http or https, endpoint.host and endpoint.port"_s }));
    table.push_back(row(u"endpoint.error_docs_url"_s, FIELD(endpoint.errorDocsUrl), UrlPrefix {},
                        u"URL of pages that explain errors, for more_info in the answers to failed "
                        "requests; the error's name is appended. Empty: the server's own pages, "
                        "/errors/ under endpoint.url."_s));
    table.push_back(row(u"endpoint.max_data_bytes"_s, FIELD(endpoint.maxDataBytes),
                        Bytes { 0, 1 << 20 }, u"Longest body of a push."_s,
                        { .autopush = { u"AUTOEND__MAX_DATA_BYTES"_s } }));
    table.push_back(row(u"endpoint.max_notification_ttl"_s, FIELD(endpoint.maxNotificationTtl),
                        Duration<Seconds> { { InSeconds, 0ms } },
                        u"Longest time a push is kept; greater TTLs are lowered to it."_s,
                        { .autopush = { u"AUTOEND__MAX_NOTIFICATION_TTL"_s } }));
    table.push_back(
        row(u"router.host"_s, FIELD(router.host), ListenAddresses {},
            u"Addresses for the other nodes of a cluster; :: is all of IPv6 and IPv4."_s));
    table.push_back(row(u"router.port"_s, FIELD(router.port), Port {},
                        u"Port for the other nodes."_s,
                        { .autopush = { u"AUTOCONNECT__ROUTER_PORT"_s } }));
    table.push_back(
        row(u"router.url"_s, FIELD(router.url), Origin {}, u"How other nodes reach this one."_s,
            { .autopush = { u"AUTOCONNECT__ROUTER_HOSTNAME"_s, u"AUTOCONNECT__HOSTNAME"_s },
              .defaultText = u"http or https, router.host and router.port"_s }));
}

void addTls(std::vector<Setting> &table)
{
    table.push_back(row(u"tls.certificate"_s, FIELD(tls.certificate), File {},
                        u"PEM file of the server's certificate, followed by its chain; read again "
                        "when it changes. Empty: no TLS here, as behind a proxy."_s));
    table.push_back(row(u"tls.key"_s, FIELD(tls.key), File {},
                        u"PEM file of its private key, without password."_s,
                        { .defaultText = u"tls.certificate, for both in one file"_s }));
    table.push_back(row(u"tls.listeners"_s, FIELD(tls.listeners),
                        Choices<ListenerName> { { { { u"connect"_s, ListenerName::Connect },
                                                    { u"endpoint"_s, ListenerName::Endpoint },
                                                    { u"router"_s, ListenerName::Router } } } },
                        u"Who is served by TLS, and by nothing else, once there is a "
                        "certificate."_s));
    table.push_back(row(u"tls.ca"_s, FIELD(tls.ca), File {},
                        u"PEM file of authorities that other nodes' certificates may come from, "
                        "besides those that the system trusts."_s));
}

void addStorage(std::vector<Setting> &table)
{
    table.push_back(row(u"storage.dsn"_s, FIELD(storage.dsn), Database {},
                        u"Where clients and messages are kept; memory: forgets all at the "
                        "end."_s,
                        { .autopush = { u"AUTOCONNECT__DB_DSN"_s, u"AUTOEND__DB_DSN"_s },
                          .defaultText = u"sqlite:, carillon.db in state.dir"_s,
                          .exposure = Exposure::ShownOrFile }));
    table.push_back(row(u"storage.sync"_s, FIELD(storage.fullSync),
                        Choice<bool> { { { u"full"_s, true }, { u"normal"_s, false } } },
                        u"full: a push answered 201 survives a power loss. normal: the last "
                        "ones before it may be lost."_s));
    table.push_back(row(u"storage.ack_wait"_s, FIELD(storage.ackWait),
                        Duration<Milliseconds> { { InMilliseconds, 0ms, 1s } },
                        u"How long the write of a push waits for its client's ack, which saves "
                        "the write. 0 is better where acks take longer than this anyway."_s));
    table.push_back(row(u"storage.wal_limit"_s, FIELD(storage.walLimit),
                        Bytes { 1 << 20, std::int64_t(1) << 40 },
                        u"Size of SQLite's write-ahead log above which it is restarted."_s));
    table.push_back(row(u"storage.max_database_size"_s, FIELD(storage.maxDatabaseBytes),
                        Bytes { 0, std::int64_t(1) << 50 },
                        u"Size of the database above which new messages and subscriptions are "
                        "refused (docs/database.md). 0: no limit."_s));
    table.push_back(row(u"storage.min_free_disk"_s, FIELD(storage.minFreeDisk),
                        Bytes { 0, std::int64_t(1) << 50 },
                        u"Free space on the database's disk below which they are refused. 0: "
                        "none is kept."_s));
    table.push_back(row(u"storage.max_messages"_s, FIELD(storage.queue.maxMessages),
                        Integer<int> { { 1, 10'000'000 } }, u"Messages waiting for one client."_s,
                        { .autopush = { u"AUTOCONNECT__MSG_LIMIT"_s } }));
    table.push_back(row(u"storage.max_bytes"_s, FIELD(storage.queue.maxBytes),
                        Bytes { 1 << 10, std::int64_t(1) << 40 },
                        u"Bytes of their bodies waiting for one client."_s));
    table.push_back(
        row(u"storage.on_full"_s, FIELD(storage.queue.onFull),
            Choice<OnFull> { { { u"refuse"_s, OnFull::Refuse },
                               { u"drop-oldest"_s, OnFull::DropOldest },
                               { u"reset"_s, OnFull::Reset } } },
            u"When that is exceeded: answer 429, drop the least urgent and oldest, or forget the "
            "client when it has acknowledged max_messages and has more, as autopush does "
            "(AUTOCONNECT__MSG_LIMIT sets \"reset\"; max_bytes is then answered 429)."_s));
    table.push_back(
        row(u"storage.max_bytes_per_address"_s, FIELD(storage.queue.maxGroupBytes),
            Bytes { 0, std::int64_t(1) << 50 },
            u"What the clients made at one IPv4 address or one /64 of IPv6 may have stored "
            "together, rows of theirs included (docs/limits.md); beyond it pushes to "
            "them and their registrations are answered 429. 0: no limit."_s));
    table.push_back(row(u"storage.client_lifetime"_s, FIELD(storage.clientLifetime),
                        Duration<Seconds> { { 24h, 1s } },
                        u"Clients not seen for so long are forgotten."_s));
    table.push_back(row(u"storage.window"_s, FIELD(clients.window), Integer<int> { { 1, 10'000 } },
                        u"Unacknowledged messages on their way to one client."_s));
}

void addKeys(std::vector<Setting> &table)
{
    table.push_back(row(u"keys.crypto_keys"_s, FIELD(keys.cryptoKeys), SecretList { true },
                        u"Fernet keys of the tokens in endpoint URLs: the first encrypts, all "
                        "decrypt. Needed on public addresses."_s,
                        { .autopush = { u"AUTOCONNECT__CRYPTO_KEY"_s, u"AUTOEND__CRYPTO_KEYS"_s },
                          .defaultText = u"made at the first start, kept in state.dir"_s,
                          .exposure = Exposure::Secret }));
    table.push_back(row(u"keys.auth_keys"_s, FIELD(keys.authKeys), SecretList { false },
                        u"Keys that sign the secrets of mobile clients: the first signs, all "
                        "verify. Taken literally, not as base64."_s,
                        { .autopush = { u"AUTOEND__AUTH_KEYS"_s },
                          .defaultText = u"made together with keys.crypto_keys"_s,
                          .exposure = Exposure::Secret }));
    table.push_back(
        row(u"keys.cluster_secret"_s, FIELD(keys.clusterSecret), SecretText { 16 },
            u"Signs what nodes send each other."_s,
            { .defaultText = u"derived from keys.crypto_keys"_s, .exposure = Exposure::Secret }));
}

void addRest(std::vector<Setting> &table)
{
    table.push_back(row(u"log.level"_s, FIELD(log.level),
                        Choice<LogLevel> { { { u"debug"_s, LogLevel::Debug },
                                             { u"info"_s, LogLevel::Info },
                                             { u"warning"_s, LogLevel::Warning },
                                             { u"error"_s, LogLevel::Error } } },
                        u"What is logged at least."_s,
                        { .defaultText = u"info; debug with dev"_s }));
    table.push_back(row(
        u"log.format"_s, FIELD(log.format),
        Choice<LogFormat> { { { u"text"_s, LogFormat::Text }, { u"json"_s, LogFormat::Json } } },
        u"Lines for people, or one JSON object a line."_s,
        { .autopush = { u"AUTOCONNECT__HUMAN_LOGS"_s, u"AUTOEND__HUMAN_LOGS"_s } }));
    table.push_back(row(u"log.rules"_s, FIELD(log.rules), Rules {},
                        u"Levels of single categories, as [\"carillon.net=debug\"]."_s));
    table.push_back(row(u"limits.head_bytes"_s, FIELD(limits.head.bytes),
                        Bytes { 1 << 10, 1 << 20 }, u"Longest head of a request."_s));
    table.push_back(row(u"limits.header_fields"_s, FIELD(limits.head.fields),
                        Integer<int> { { 8, 10'000 } }, u"Most header fields of a request."_s));
    table.push_back(row(u"limits.output_bytes"_s, FIELD(limits.webSocketOutputBytes),
                        Bytes { 64 << 10, 1 << 30 },
                        u"Output waiting for a client above which it is closed."_s));
    table.push_back(row(u"limits.head_timeout"_s, FIELD(limits.headTimeout), seconds(),
                        u"How long the head of a request may take."_s));
    table.push_back(row(u"limits.body_timeout"_s, FIELD(limits.bodyTimeout), seconds(),
                        u"How long its body may take."_s));
    table.push_back(row(u"limits.idle_timeout"_s, FIELD(limits.idleTimeout), seconds(),
                        u"How long a connection may wait for its next request."_s));
    table.push_back(row(u"limits.close_timeout"_s, FIELD(limits.closeTimeout), seconds(),
                        u"From the server's Close frame to the end of TCP."_s));
    table.push_back(row(u"limits.connections"_s, FIELD(connections.inAll),
                        Integer<std::int64_t> { { 0, 10'000'000 } },
                        u"Most connections of clients and senders; who comes then waits until one "
                        "ends. 0: as many as the descriptor limit has room for."_s));
    table.push_back(row(u"limits.connections_per_address"_s, FIELD(connections.perAddress),
                        Integer<std::int64_t> { { 0, 10'000'000 } },
                        u"Most connections of one IPv4 address or one /64 of IPv6; more are closed "
                        "at once. Never of loopback or trusted_proxies. 0: no limit."_s));
    table.push_back(row(u"limits.accept_rate"_s, FIELD(connections.acceptRate), Frequency {},
                        u"How fast each listener takes connections; those over it wait."_s));
    table.push_back(row(u"rate_limits.sender"_s, FIELD(rateLimits.sender), Frequency {},
                        u"Pushes signed with one VAPID key; more are answered 429. No limit under "
                        "[rate_limits] is for clients on loopback."_s));
    table.push_back(row(u"rate_limits.subscription"_s, FIELD(rateLimits.subscription), Frequency {},
                        u"Pushes to one subscription."_s));
    table.push_back(row(u"rate_limits.address"_s, FIELD(rateLimits.address), Frequency {},
                        u"Pushes, removals of messages and WebSocket upgrades from one IPv4 "
                        "address or one /64 of IPv6."_s));
    table.push_back(row(u"rate_limits.registration"_s, FIELD(rateLimits.registration), Frequency {},
                        u"Registrations of subscriptions from one address; more are answered with "
                        "status 429 on a connection that stays open."_s));
    table.push_back(row(u"rate_limits.client_registration"_s, FIELD(rateLimits.clientRegistration),
                        Frequency {}, u"Registrations of one client."_s));
    table.push_back(row(u"rate_limits.new_client"_s, FIELD(rateLimits.newClient), Frequency {},
                        u"Clients from one address that register for the first time."_s));
    table.push_back(row(u"state.dir"_s, FIELD(state.dir), Directory {},
                        u"What survives a restart: keys made at start, the default database."_s,
                        { .defaultText = u"STATE_DIRECTORY, else XDG_STATE_HOME/carillon, else "
                                         "~/.local/state/carillon, else /var/lib/carillon"_s }));
}

std::vector<Setting> makeTable()
{
    std::vector<Setting> table;
    addGeneral(table);
    addConnect(table);
    addEndpoint(table);
    addTls(table);
    addStorage(table);
    addKeys(table);
    addRest(table);
    return table;
}

} // namespace

std::span<const Setting> settingsTable()
{
    static const std::vector<Setting> table = makeTable();
    return table;
}

} // namespace Carillon
