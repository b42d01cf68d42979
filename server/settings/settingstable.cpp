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
    table.push_back(
        row(u"dev"_s, FIELD(dev), Boolean {},
            u"Mode for development: listens on loopback only, logs at level debug "
            "and each request, serves a test page at the endpoint's /, and accepts TLS besides "
            "plain HTTP on the endpoint listener."_s));
    table.push_back(row(u"workers"_s, FIELD(workers), Integer<int> { { 0, 1024 } },
                        u"Number of threads that serve connections. 0: one for each core."_s));
    table.push_back(
        row(u"transport"_s, FIELD(transport),
            Choice<TransportKind> {
                { { u"native"_s, TransportKind::Native }, { u"qt"_s, TransportKind::Qt } } },
            u"Network implementation: native (Linux) for many clients and any address, qt for a "
            "developer's machine. A build may be without qt."_s));
    table.push_back(
        row(u"allow_insecure_transport"_s, FIELD(allowInsecureTransport), Boolean {},
            u"Allows transport \"qt\" to listen on addresses other than loopback. It buffers "
            "without limit and has no time-outs: use it only on trusted networks."_s));
    table.push_back(row(u"drain_period"_s, FIELD(drainPeriod), seconds(0ms),
                        u"Maximum duration of a stop. The server finishes requests and closes "
                        "clients with 1012."_s));
    table.push_back(row(u"trusted_proxies"_s, FIELD(trustedProxies), Networks {},
                        u"Addresses and networks of the reverse proxies in front of the connect "
                        "and endpoint listeners. Only from these, X-Forwarded-For is used as the "
                        "client's address."_s));
    table.push_back(
        row(u"proxy_protocol"_s, FIELD(proxyProtocol), Boolean {},
            u"Connections from trusted_proxies must begin with a PROXY header of "
            "HAProxy's PROXY protocol, version 1 or 2. Those without one are closed."_s));
}

void addConnect(std::vector<Setting> &table)
{
    table.push_back(row(u"connect.host"_s, FIELD(connect.host), ListenAddresses {},
                        u"Addresses of the listener for WebSocket clients. :: is all IPv6 and "
                        "IPv4 addresses."_s));
    table.push_back(row(u"connect.port"_s, FIELD(connect.port), Port {},
                        u"Port for WebSocket clients."_s,
                        { .autopush = { u"AUTOCONNECT__PORT"_s } }));
    table.push_back(row(u"connect.url"_s, FIELD(connect.url), WebSocketUrl {},
                        u"Public URL for clients, such as wss://push.example.com/. Shown at "
                        "start and on the test page. Empty: derived from connect.host and "
                        "connect.port."_s));
    table.push_back(row(u"connect.open_handshake_timeout"_s, FIELD(connect.openHandshakeTimeout),
                        seconds(), u"Time within which a client must send hello."_s,
                        { .autopush = { u"AUTOCONNECT__OPEN_HANDSHAKE_TIMEOUT"_s } }));
    table.push_back(row(u"connect.auto_ping_interval"_s, FIELD(connect.autoPingInterval), seconds(),
                        u"Interval at which the server pings a client."_s,
                        { .autopush = { u"AUTOCONNECT__AUTO_PING_INTERVAL"_s } }));
    table.push_back(row(u"connect.auto_ping_timeout"_s, FIELD(connect.autoPingTimeout), seconds(),
                        u"Time within which a client must answer a ping."_s,
                        { .autopush = { u"AUTOCONNECT__AUTO_PING_TIMEOUT"_s } }));
    table.push_back(row(u"connect.min_ping_interval"_s, FIELD(clients.minPingInterval),
                        seconds(0ms),
                        u"Minimum interval between pings of a client. Clients that "
                        "ping more often are closed."_s));
    table.push_back(row(u"connect.max_message_bytes"_s, FIELD(limits.webSocketMessageBytes),
                        Bytes { 1 << 10, 16 << 20 },
                        u"Maximum size of a message from a client."_s));
    table.push_back(row(u"connect.max_channels"_s, FIELD(connect.maxChannels),
                        Integer<int> { { 1, 1'000'000 } },
                        u"Maximum number of subscriptions of "
                        "a client."_s));
    table.push_back(row(u"connect.megaphone_api_url"_s, FIELD(megaphone.apiUrl), WebUrl {},
                        u"URL from which broadcast versions are read. Empty: there are no "
                        "broadcasts."_s,
                        { .autopush = { u"AUTOCONNECT__MEGAPHONE_API_URL"_s } }));
    table.push_back(row(u"connect.megaphone_poll_interval"_s, FIELD(megaphone.pollInterval),
                        seconds(10ms), u"Interval at which broadcast versions are read."_s,
                        { .autopush = { u"AUTOCONNECT__MEGAPHONE_POLL_INTERVAL"_s } }));
}

void addEndpoint(std::vector<Setting> &table)
{
    table.push_back(row(u"endpoint.host"_s, FIELD(endpoint.host), ListenAddresses {},
                        u"Addresses of the listener for senders. :: is all IPv6 and IPv4 "
                        "addresses."_s,
                        { .autopush = { u"AUTOEND__HOST"_s } }));
    table.push_back(row(u"endpoint.port"_s, FIELD(endpoint.port), Port {},
                        u"Port for senders. The default is 8000 if AUTOEND__ variables are set."_s,
                        { .autopush = { u"AUTOEND__PORT"_s } }));
    table.push_back(
        row(u"endpoint.url"_s, FIELD(endpoint.url), Origin {},
            u"Public URL of the endpoint. The URLs of all subscriptions begin with it, and the "
            "VAPID claim aud must be equal to it."_s,
            { .autopush = { u"AUTOEND__ENDPOINT_URL"_s, u"AUTOEND__SCHEME"_s,
                            u"AUTOCONNECT__ENDPOINT_SCHEME"_s, u"AUTOCONNECT__ENDPOINT_HOSTNAME"_s,
                            u"AUTOCONNECT__ENDPOINT_PORT"_s },
              .defaultText = u"http or https, endpoint.host and endpoint.port"_s }));
    table.push_back(row(u"endpoint.error_docs_url"_s, FIELD(endpoint.errorDocsUrl), UrlPrefix {},
                        u"URL of pages that explain errors, for more_info in the responses to "
                        "failed requests. The name of the error is appended. Empty: the server's "
                        "own pages, /errors/ under endpoint.url."_s));
    table.push_back(row(u"endpoint.max_data_bytes"_s, FIELD(endpoint.maxDataBytes),
                        Bytes { 0, 1 << 20 }, u"Maximum size of the body of a push."_s,
                        { .autopush = { u"AUTOEND__MAX_DATA_BYTES"_s } }));
    table.push_back(row(u"endpoint.max_notification_ttl"_s, FIELD(endpoint.maxNotificationTtl),
                        Duration<Seconds> { { InSeconds, 0ms } },
                        u"Maximum time for which a push is kept. Greater TTLs are lowered to it."_s,
                        { .autopush = { u"AUTOEND__MAX_NOTIFICATION_TTL"_s } }));
    table.push_back(
        row(u"router.host"_s, FIELD(router.host), ListenAddresses {},
            u"Addresses of the listener for other nodes. :: is all IPv6 and IPv4 addresses."_s));
    table.push_back(row(u"router.port"_s, FIELD(router.port), Port {}, u"Port for other nodes."_s,
                        { .autopush = { u"AUTOCONNECT__ROUTER_PORT"_s } }));
    table.push_back(
        row(u"router.url"_s, FIELD(router.url), Origin {},
            u"URL at which other nodes reach this "
            "one."_s,
            { .autopush = { u"AUTOCONNECT__ROUTER_HOSTNAME"_s, u"AUTOCONNECT__HOSTNAME"_s },
              .defaultText = u"http or https, router.host and router.port"_s }));
}

void addTls(std::vector<Setting> &table)
{
    table.push_back(row(u"tls.certificate"_s, FIELD(tls.certificate), File {},
                        u"PEM file with the server's certificate, followed by its chain. Read "
                        "again when it changes. Empty: the server does not use TLS, for example "
                        "behind a reverse proxy."_s));
    table.push_back(row(u"tls.key"_s, FIELD(tls.key), File {},
                        u"PEM file with the private key of the certificate, without a password."_s,
                        { .defaultText = u"tls.certificate, for both in one file"_s }));
    table.push_back(row(u"tls.listeners"_s, FIELD(tls.listeners),
                        Choices<ListenerName> { { { { u"connect"_s, ListenerName::Connect },
                                                    { u"endpoint"_s, ListenerName::Endpoint },
                                                    { u"router"_s, ListenerName::Router },
                                                    { u"admin"_s, ListenerName::Admin } } } },
                        u"Listeners that accept only TLS if there is a certificate."_s));
    table.push_back(row(u"tls.ca"_s, FIELD(tls.ca), File {},
                        u"PEM file with certificate authorities to trust for other nodes, in "
                        "addition to those that the system trusts."_s));
}

void addAdmin(std::vector<Setting> &table)
{
    table.push_back(
        row(u"admin.socket"_s, FIELD(admin.socket), File {},
            u"Unix socket of the admin API. root and the user of the server need no "
            "token there."_s,
            { .defaultText = u"admin.sock in RUNTIME_DIRECTORY, else "
                             "XDG_RUNTIME_DIR/carillon, else state.dir; with a role "
                             "of its own admin-connect.sock or admin-endpoint.sock"_s }));
    table.push_back(row(u"admin.group"_s, FIELD(admin.group), Name {},
                        u"Group of this machine whose members may use the socket without a "
                        "token. Empty: none."_s));
    table.push_back(row(u"admin.group_role"_s, FIELD(admin.groupRole),
                        Choice<AdminRole> { { { u"viewer"_s, AdminRole::Viewer },
                                              { u"operator"_s, AdminRole::Operator } } },
                        u"What members of admin.group may do: viewer to read, operator to act, "
                        "too."_s));
    table.push_back(row(u"admin.host"_s, FIELD(admin.host), ListenAddresses {},
                        u"Addresses of the admin API over TCP, which requires tokens. On "
                        "addresses other than loopback it requires TLS (tls.listeners), or a "
                        "proxy in trusted_proxies."_s));
    table.push_back(row(u"admin.port"_s, FIELD(admin.port), Port {}, u"Port of the admin API."_s,
                        { .defaultText = u"8083; 8084 with role endpoint"_s }));
}

void addStorage(std::vector<Setting> &table)
{
    table.push_back(row(u"storage.dsn"_s, FIELD(storage.dsn), Database {},
                        u"Storage of clients and messages. With memory: they are lost when the "
                        "server stops."_s,
                        { .autopush = { u"AUTOCONNECT__DB_DSN"_s, u"AUTOEND__DB_DSN"_s },
                          .defaultText = u"sqlite:, carillon.db in state.dir"_s,
                          .exposure = Exposure::ShownOrFile }));
    table.push_back(row(u"storage.sync"_s, FIELD(storage.fullSync),
                        Choice<bool> { { { u"full"_s, true }, { u"normal"_s, false } } },
                        u"full: a push that was answered 201 survives a power failure. normal: "
                        "the last pushes before a power failure may be lost."_s));
    table.push_back(row(u"storage.ack_wait"_s, FIELD(storage.ackWait),
                        Duration<Milliseconds> { { InMilliseconds, 0ms, 1s } },
                        u"How long the write of a push waits for the client's ack, which makes "
                        "the write unnecessary. Use 0 if acks usually take longer than this."_s));
    table.push_back(row(u"storage.wal_limit"_s, FIELD(storage.walLimit),
                        Bytes { 1 << 20, std::int64_t(1) << 40 },
                        u"Size of SQLite's write-ahead log above which it is restarted."_s));
    table.push_back(row(u"storage.max_database_size"_s, FIELD(storage.space.maxBytes),
                        Bytes { 0, std::int64_t(1) << 50 },
                        u"Size of the database above which new messages and subscriptions are "
                        "refused (docs/database.md). 0: no limit."_s));
    table.push_back(row(u"storage.min_free_disk"_s, FIELD(storage.space.minFreeDisk),
                        Bytes { 0, std::int64_t(1) << 50 },
                        u"Free space on the database's disk below which new messages and "
                        "subscriptions are refused. 0: no limit."_s));
    table.push_back(row(u"storage.max_messages"_s, FIELD(storage.limits.maxMessages),
                        Integer<int> { { 1, 10'000'000 } },
                        u"Maximum number of messages stored "
                        "for a client."_s,
                        { .autopush = { u"AUTOCONNECT__MSG_LIMIT"_s } }));
    table.push_back(row(u"storage.max_bytes"_s, FIELD(storage.limits.maxBytes),
                        Bytes { 1 << 10, std::int64_t(1) << 40 },
                        u"Maximum size of the bodies of the messages stored for a client."_s));
    table.push_back(
        row(u"storage.on_full"_s, FIELD(storage.limits.onFull),
            Choice<OnFull> { { { u"refuse"_s, OnFull::Refuse },
                               { u"drop-oldest"_s, OnFull::DropOldest },
                               { u"reset"_s, OnFull::Reset } } },
            u"What happens above max_messages or max_bytes. refuse: the push is answered 429. "
            "drop-oldest: the least urgent and oldest messages are dropped. reset: as in "
            "autopush, a client that has acknowledged max_messages and has more is forgotten; "
            "pushes above max_bytes are answered 429. AUTOCONNECT__MSG_LIMIT sets \"reset\"."_s));
    table.push_back(
        row(u"storage.max_bytes_per_address"_s, FIELD(storage.limits.maxGroupBytes),
            Bytes { 0, std::int64_t(1) << 50 },
            u"Maximum size of everything stored for the clients created at one IPv4 address or "
            "one /64 network of IPv6, including their rows (docs/limits.md). Above it, pushes to "
            "them and their registrations are answered 429. 0: no limit."_s));
    table.push_back(row(u"storage.client_lifetime"_s, FIELD(storage.clientLifetime),
                        Duration<Seconds> { { 24h, 1s } },
                        u"Time for which a client is kept after it was last seen."_s));
    table.push_back(row(u"storage.window"_s, FIELD(clients.window), Integer<int> { { 1, 10'000 } },
                        u"Maximum number of unacknowledged messages in flight to a client."_s));
}

void addHistory(std::vector<Setting> &table)
{
    table.push_back(row(u"history.events"_s, FIELD(history.events),
                        Integer<std::int64_t> { { 0, 100'000'000 } },
                        u"Number of events of messages and clients that are kept in memory "
                        "(docs/history.md), 80 bytes each. 0: there is no history."_s));
    table.push_back(row(u"history.path"_s, FIELD(history.path), File {},
                        u"SQLite file in which the history is kept longer than in memory. Empty: "
                        "none."_s));
    table.push_back(row(u"history.retention"_s, FIELD(history.retention),
                        Duration<Seconds> { { 24h, 1s } },
                        u"Time for which history.path keeps an event."_s));
    table.push_back(row(u"history.max_bytes"_s, FIELD(history.maxBytes),
                        Bytes { 1 << 20, std::int64_t(1) << 50 },
                        u"Size of history.path above which its oldest events are removed."_s));
    table.push_back(row(u"history.hash_uaids"_s, FIELD(history.hashUaids), Boolean {},
                        u"The history keeps a keyed hash in place of each UAID."_s));
}

void addKeys(std::vector<Setting> &table)
{
    table.push_back(row(u"keys.crypto_keys"_s, FIELD(keys.cryptoKeys), SecretList { true },
                        u"Fernet keys for the tokens in endpoint URLs. The first encrypts, all "
                        "decrypt. Required on public addresses."_s,
                        { .autopush = { u"AUTOCONNECT__CRYPTO_KEY"_s, u"AUTOEND__CRYPTO_KEYS"_s },
                          .defaultText = u"created at the first start, kept in state.dir"_s,
                          .exposure = Exposure::Secret }));
    table.push_back(row(u"keys.auth_keys"_s, FIELD(keys.authKeys), SecretList { false },
                        u"Keys that sign the secrets of mobile clients. The first signs, all "
                        "verify. They are used literally, not decoded from base64."_s,
                        { .autopush = { u"AUTOEND__AUTH_KEYS"_s },
                          .defaultText = u"created together with keys.crypto_keys"_s,
                          .exposure = Exposure::Secret }));
    table.push_back(
        row(u"keys.cluster_secret"_s, FIELD(keys.clusterSecret), SecretText { 16 },
            u"Key that signs the requests between nodes."_s,
            { .defaultText = u"derived from keys.crypto_keys"_s, .exposure = Exposure::Secret }));
}

void addReliability(std::vector<Setting> &table)
{
    table.push_back(row(u"reliability.tracking_keys"_s, FIELD(reliability.trackingKeys),
                        PublicKeys {},
                        u"VAPID public keys whose pushes are tracked: a timeline is recorded of "
                        "each message (docs/reliability.md)."_s,
                        { .autopush = { u"AUTOEND__TRACKING_KEYS"_s } }));
    table.push_back(row(u"reliability.track_all"_s, FIELD(reliability.trackAll), Boolean {},
                        u"Tracks the pushes of all senders, with or without a VAPID key. For tests "
                        "and small servers: it adds several writes to each push."_s));
    table.push_back(row(u"reliability.retention"_s, FIELD(reliability.retention),
                        Duration<Seconds> { { 24h, 1s } },
                        u"Time for which timelines of tracked messages are kept."_s));
}

void addRest(std::vector<Setting> &table)
{
    table.push_back(row(u"log.level"_s, FIELD(log.level),
                        Choice<LogLevel> { { { u"debug"_s, LogLevel::Debug },
                                             { u"info"_s, LogLevel::Info },
                                             { u"warning"_s, LogLevel::Warning },
                                             { u"error"_s, LogLevel::Error } } },
                        u"Minimum level of log messages."_s,
                        { .defaultText = u"info; debug with dev"_s }));
    table.push_back(row(
        u"log.format"_s, FIELD(log.format),
        Choice<LogFormat> { { { u"text"_s, LogFormat::Text }, { u"json"_s, LogFormat::Json } } },
        u"Log format: text for people, or one JSON object for each line, as autopush writes "
        "it (mozlog)."_s,
        { .autopush = { u"AUTOCONNECT__HUMAN_LOGS"_s, u"AUTOEND__HUMAN_LOGS"_s } }));
    table.push_back(row(u"log.requests"_s, FIELD(log.requests), Boolean {},
                        u"Logs a line for each HTTP request, in the category "
                        "carillon.requests."_s,
                        { .defaultText = u"false; true with dev"_s }));
    table.push_back(row(u"log.rules"_s, FIELD(log.rules), Rules {},
                        u"Levels of single log categories, such as [\"carillon.net=debug\"]."_s));
    table.push_back(row(u"limits.head_bytes"_s, FIELD(limits.head.bytes),
                        Bytes { 1 << 10, 1 << 20 }, u"Maximum size of the head of a request."_s));
    table.push_back(row(u"limits.header_fields"_s, FIELD(limits.head.fields),
                        Integer<int> { { 8, 10'000 } },
                        u"Maximum number of header fields of a "
                        "request."_s));
    table.push_back(row(u"limits.output_bytes"_s, FIELD(limits.webSocketOutputBytes),
                        Bytes { 64 << 10, 1 << 30 },
                        u"Size of the output waiting for a client above which the client is "
                        "closed."_s));
    table.push_back(row(u"limits.head_timeout"_s, FIELD(limits.headTimeout), seconds(),
                        u"Time within which the head of a request must arrive."_s));
    table.push_back(row(u"limits.body_timeout"_s, FIELD(limits.bodyTimeout), seconds(),
                        u"Time within which the body of a request must arrive."_s));
    table.push_back(row(u"limits.idle_timeout"_s, FIELD(limits.idleTimeout), seconds(),
                        u"Time after which a connection without a request is closed."_s));
    table.push_back(row(u"limits.close_timeout"_s, FIELD(limits.closeTimeout), seconds(),
                        u"Time from the server's Close frame to the end of the TCP connection."_s));
    table.push_back(row(u"limits.connections"_s, FIELD(connections.inAll),
                        Integer<std::int64_t> { { 0, 10'000'000 } },
                        u"Maximum number of connections of clients and senders. Further "
                        "connections wait until one ends. 0: as many as the descriptor limit "
                        "allows."_s));
    table.push_back(row(u"limits.connections_per_address"_s, FIELD(connections.perAddress),
                        Integer<std::int64_t> { { 0, 10'000'000 } },
                        u"Maximum number of connections from one IPv4 address or one /64 network "
                        "of IPv6. Further connections are closed at once. Does not apply to "
                        "loopback and trusted_proxies. 0: no limit."_s));
    table.push_back(row(u"limits.accept_rate"_s, FIELD(connections.acceptRate), Frequency {},
                        u"Rate at which each listener accepts connections. Further connections "
                        "wait."_s));
    table.push_back(row(u"rate_limits.sender"_s, FIELD(rateLimits.sender), Frequency {},
                        u"Rate of pushes signed with one VAPID key. Further pushes are answered "
                        "429. The limits in [rate_limits] do not apply to loopback."_s));
    table.push_back(row(u"rate_limits.subscription"_s, FIELD(rateLimits.subscription), Frequency {},
                        u"Rate of pushes to one subscription."_s));
    table.push_back(row(u"rate_limits.address"_s, FIELD(rateLimits.address), Frequency {},
                        u"Rate of pushes, DELETE requests and WebSocket upgrades from one IPv4 "
                        "address or one /64 network of IPv6."_s));
    table.push_back(row(u"rate_limits.registration"_s, FIELD(rateLimits.registration), Frequency {},
                        u"Rate of registrations of subscriptions from one address. Further ones "
                        "are answered with status 429; the connection stays open."_s));
    table.push_back(row(u"rate_limits.client_registration"_s, FIELD(rateLimits.clientRegistration),
                        Frequency {}, u"Rate of registrations of subscriptions by one client."_s));
    table.push_back(row(u"rate_limits.new_client"_s, FIELD(rateLimits.newClient), Frequency {},
                        u"Rate of clients from one address that register for the first time."_s));
    table.push_back(row(u"state.dir"_s, FIELD(state.dir), Directory {},
                        u"Directory for data that survives a restart: the keys created at the "
                        "first start, and the default database."_s,
                        { .defaultText = u"STATE_DIRECTORY, else XDG_STATE_HOME/carillon, else "
                                         "~/.local/state/carillon, else /var/lib/carillon"_s }));
}

void addMetrics(std::vector<Setting> &table)
{
    table.push_back(
        row(u"metrics.statsd_host"_s, FIELD(statsd.host), HostName {},
            u"Host to which metrics are sent over UDP under autopush's names "
            "(docs/metrics.md). Empty: none is sent. /metrics is there in any case."_s,
            { .autopush = { u"AUTOCONNECT__STATSD_HOST"_s, u"AUTOEND__STATSD_HOST"_s } }));
    table.push_back(
        row(u"metrics.statsd_port"_s, FIELD(statsd.port), Integer<quint16> { { 1, 65'535 } },
            u"Port of metrics.statsd_host."_s,
            { .autopush = { u"AUTOCONNECT__STATSD_PORT"_s, u"AUTOEND__STATSD_PORT"_s } }));
    table.push_back(row(u"metrics.statsd_interval"_s, FIELD(statsd.interval), seconds(100ms),
                        u"Interval at which metrics are sent."_s));
    table.push_back(row(u"metrics.statsd_connect_label"_s, FIELD(statsd.connectLabel),
                        MetricLabel {},
                        u"What the names of autoconnect's metrics begin with, before a dot."_s,
                        { .autopush = { u"AUTOCONNECT__STATSD_LABEL"_s } }));
    table.push_back(row(u"metrics.statsd_endpoint_label"_s, FIELD(statsd.endpointLabel),
                        MetricLabel {},
                        u"What the names of autoendpoint's metrics begin with, before a dot."_s,
                        { .autopush = { u"AUTOEND__STATSD_LABEL"_s } }));
    table.push_back(row(u"metrics.statsd_tags"_s, FIELD(statsd.tags), Boolean {},
                        u"Whether metrics have tags, in DogStatsD's format. Without them, metrics "
                        "that differ only in tags are added up."_s));
}

std::vector<Setting> makeTable()
{
    std::vector<Setting> table;
    addGeneral(table);
    addConnect(table);
    addEndpoint(table);
    addTls(table);
    addAdmin(table);
    addStorage(table);
    addHistory(table);
    addKeys(table);
    addReliability(table);
    addRest(table);
    addMetrics(table);
    return table;
}

} // namespace

std::span<const Setting> settingsTable()
{
    static const std::vector<Setting> table = makeTable();
    return table;
}

} // namespace Carillon
