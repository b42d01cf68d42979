// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <string_view>

namespace Carillon::Bench {

enum class Bound { None, AtMost, AtLeast };

/// One kind of figure: what it is called, what it should be, and what autopush-rs needs for the
/// same (its release build on a machine of 2 cores, both daemons, the database's CPU not counted).
struct Figure
{
    std::string_view id;
    std::string_view name;
    std::string_view unit;
    Bound bound;
    double target;
    std::string_view autopush;
};

// clang-format off
inline constexpr Figure Figures[] = {
    { "start.own", "memory of its own at start, all roles", "MB", Bound::AtMost, 25, "90" },
    { "start.all", "the same with its share of the libraries' pages", "MB", Bound::None, 0, "" },
    { "idle.client", "memory per idle connected client with a channel", "KB", Bound::AtMost, 1.5, "29.2" },
    { "history.event", "memory of an event of the history", "B", Bound::AtMost, 96, "" },
    { "burst.drained", "memory after 32 KB to each has drained, more than before", "%", Bound::AtMost, 5, "" },
    { "hello.new.cpu", "connect + hello, new client, CPU each", "µs", Bound::AtMost, 50, "95–113" },
    { "hello.new.rate", "connect + hello, new client", "/s", Bound::None, 0, "" },
    { "hello.known.cpu", "connect + hello, known client, CPU each", "µs", Bound::AtMost, 50, "95–113" },
    { "hello.known.rate", "connect + hello, known client", "/s", Bound::None, 0, "" },
    { "register.cpu", "register, CPU each", "µs", Bound::AtMost, 80, "300–366" },
    { "register.rate", "register", "/s", Bound::None, 0, "" },
    { "tls.hello.cpu", "TLS handshake + hello, new client, CPU each", "µs", Bound::None, 0, "no TLS" },
    { "tls.hello.rate", "TLS handshake + hello, new client", "/s", Bound::AtLeast, 1'000, "no TLS" },
    { "tls.idle.client", "memory per idle connected client with TLS", "KB", Bound::AtMost, 20, "no TLS" },
    { "push.ttl0.small.cpu", "push, TTL 0, 300 B, CPU each", "µs", Bound::AtMost, 30, "" },
    { "push.ttl0.large.cpu", "push, TTL 0, 4 KiB, CPU each", "µs", Bound::AtMost, 30, "" },
    { "push.acked.small.cpu", "push, TTL 60, 300 B, acknowledged at once, CPU each", "µs", Bound::AtMost, 45, "690–820" },
    { "push.acked.large.cpu", "push, TTL 60, 4 KiB, acknowledged at once, CPU each", "µs", Bound::AtMost, 45, "690–820" },
    { "push.newtoken.cpu", "push, TTL 0, 300 B, every token new, CPU each", "µs", Bound::AtMost, 120, "740" },
    { "push.ttl0.rate", "pushes as fast as answered, 16 senders, TTL 0, 300 B", "/s", Bound::AtLeast, 15'000, "1,450" },
    { "push.acked.rate", "pushes as fast as answered, 16 senders, TTL 60, 300 B", "/s", Bound::None, 0, "1,450" },
    { "paced.saturated.cpu", "push, TTL 3600, 4 KiB, acknowledged after 20 ms, as fast as answered, CPU each", "µs", Bound::None, 0, "" },
    { "paced.cpu", "the same at a fixed rate, CPU each", "µs", Bound::None, 0, "" },
    { "paced.ratio", "that against the cost as fast as answered", "×", Bound::AtMost, 1.5, "" },
    { "scale.cpu", "push, TTL 0, 300 B, to 200 clients, CPU each", "µs", Bound::None, 0, "" },
    { "scale.ratio", "that against the cost without the idle others", "×", Bound::AtMost, 1.1, "1.1" },
    { "scale.all.cpu", "push, TTL 0, 300 B, to all in turn, CPU each", "µs", Bound::None, 0, "" },
    { "crowd.clients", "connected at once, several processes over one SQLite file", "clients", Bound::None, 0, "" },
    { "crowd.rate", "connect + hello + register, several processes", "/s", Bound::None, 0, "" },
    { "crowd.cpu", "connect + hello + register, several processes, CPU each", "µs", Bound::None, 0, "" },
    { "crowd.client", "memory per idle connected client, several processes", "KB", Bound::AtMost, 1.5, "29.2" },
    { "crowd.ttl0.cpu", "push handed to another process, TTL 0, 300 B, CPU each", "µs", Bound::None, 0, "" },
    { "crowd.ttl0.ratio", "the same, TTL 0, against the cost without the idle others", "×", Bound::AtMost, 1.1, "1.1" },
    { "crowd.acked.cpu", "push handed to another process, TTL 60, 300 B, acknowledged at once, CPU each", "µs", Bound::None, 0, "690–820" },
    { "crowd.acked.ratio", "the same, TTL 60, against the cost without the idle others", "×", Bound::AtMost, 1.1, "1.1" },
    { "latency.delivery.p50", "POST to frame, p50", "ms", Bound::AtMost, 0.3, "1.0" },
    { "latency.delivery.p99", "POST to frame, p99", "ms", Bound::AtMost, 1, "4.1" },
    { "latency.answer.p50", "POST to 201, p50", "ms", Bound::None, 0, "" },
    { "latency.answer.p99", "POST to 201, p99", "ms", Bound::None, 0, "" },
    { "absent.cpu", "client away: push stored and committed, CPU each", "µs", Bound::AtMost, 80, "1,060–1,120" },
    { "absent.rate", "client away: pushes stored and committed", "/s", Bound::AtLeast, 12'000, "800–960" },
    { "absent.p99", "client away: POST to 201, p99", "ms", Bound::AtMost, 30, "" },
    { "drain.cpu", "stored message drained to its client, CPU each", "µs", Bound::AtMost, 45, "675" },
    { "drain.rate", "stored messages drained", "/s", Bound::None, 0, "" },
    { "ping.cpu", "ping of an idle client and its pong, CPU each", "µs", Bound::None, 0, "" },
    { "broadcast.cpu", "broadcast, CPU per client", "µs", Bound::None, 0, "" },
    { "broadcast.time", "broadcast, until the last client was told", "s", Bound::None, 0, "" },
    { "admin.list", "admin API, page of 100", "ms", Bound::AtMost, 50, "no API" },
    { "admin.lookup", "admin API, look-up", "ms", Bound::AtMost, 50, "no API" },
    { "admin.slowest", "admin API, the slowest answer of all", "ms", Bound::AtMost, 50, "no API" },
};
// clang-format on

} // namespace Carillon::Bench
