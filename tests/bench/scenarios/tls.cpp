// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/scenarios/scenarios.h"

#include "tests/support/testcertificate.h"

#include <QTemporaryDir>

#include <csignal>

namespace Carillon::Bench {

namespace {

struct Free
{
    void operator()(SSL_CTX *context) const { SSL_CTX_free(context); }
};

} // namespace

/// New clients connect by TLS, each with a handshake of its own, and are quiet.
Result<void, std::string> measureTls(const Options &options, Report &report)
{
    const auto transport = options.settings.find("transport");
    if (transport != options.settings.end() && transport->second == "qt")
        return {}; // speaks none
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to what the server has closed
    const QTemporaryDir directory;
    const QString file = directory.filePath(QStringLiteral("server.pem"));
    const auto pair = Testing::TestAuthority().issue();
    Testing::writeFile(file, pair.certificate + pair.key);
    const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                         | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);

    auto stage = Stage::open(
        options, { { "tls.certificate", file.toStdString() }, { "tls.listeners", "connect" } });
    if (!stage)
        return Unexpected(stage.error());
    Fleet &fleet = (*stage)->fleet();
    const Servers &servers = (*stage)->servers();
    fleet.setTls(context.get());
    constexpr int First = 100;
    const int count = size(options, 2'000, 500);
    if (auto done = (*stage)->populate(0, First); !done)
        return done;
    servers.settle((*stage)->loop());
    const Memory before = servers.memory();
    const auto fresh = (*stage)->measure([&] { return fleet.connect(First, First + count); });
    if (!fresh)
        return Unexpected(fresh.error());
    report.add("tls.hello.cpu", fresh->cpuMicros / count, clients(count));
    report.add("tls.hello.rate", count / fresh->seconds,
               clients(count) + ", the generator took " + readable(fresh->generatorMicros / count)
                   + " µs CPU each");
    const double grown = servers.memory().anonymousBytes - before.anonymousBytes;
    report.add("tls.idle.client", grown / count / 1e3, clients(count));
    return {};
}

} // namespace Carillon::Bench
