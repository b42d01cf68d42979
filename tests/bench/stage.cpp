// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/stage.h"

#include "core/crypto/base64url.h"

namespace Carillon::Bench {

using namespace std::chrono_literals;

Result<std::unique_ptr<Stage>, std::string>
Stage::open(const Options &options, const ServerProcess::Settings &extra, int connectProcesses)
{
    std::unique_ptr<Stage> stage(new Stage);
    stage->m_loop.setLimit(options.limit);
    ServerProcess::Settings settings = options.settings;
    settings.insert(extra.begin(), extra.end());
    auto server =
        Servers::start(options.server, options.directory, std::move(settings), connectProcesses);
    if (!server)
        return Unexpected(server.error());
    stage->m_servers = std::move(*server);
    stage->m_key = VapidKey::generate();
    stage->m_ledger = std::make_unique<Ledger>();
    stage->m_fleet =
        std::make_unique<Fleet>(stage->m_loop, stage->m_servers->connectPorts(), stage->key());
    stage->m_fleet->setLedger(stage->m_ledger.get());
    return stage;
}

std::string Stage::key() const
{
    return toBase64Url(m_key->publicKey()).toStdString();
}

Result<void, std::string> Stage::populate(int first, int end)
{
    if (auto connected = m_fleet->connect(first, end); !connected)
        return connected;
    return m_fleet->subscribe(first, end);
}

Result<Cost, std::string> Stage::push(const Pushes &pushes)
{
    SenderPool pool(m_loop, m_servers->endpointPort());
    if (auto opened = pool.open(pushes.senders); !opened)
        return Unexpected(opened.error());
    // What comes once – a first request, a first token, a page cache – is not measured.
    Pushes warmUp = pushes;
    warmUp.count = pushes.senders * 4;
    warmUp.ttl = 0s;
    warmUp.perSecond = 0;
    warmUp.newTokens = false;
    warmUp.arrives = pushes.arrives;
    const std::vector<std::string> known = tokens(1);
    const std::vector<std::string> fresh = tokens(pushes.newTokens ? pushes.count : 0);
    if (pushes.arrives) {
        *m_ledger = Ledger();
        if (auto warm = push(pool, warmUp, known); !warm)
            return Unexpected(warm.error() + m_servers->lastWords());
    }
    m_servers->settle(m_loop);
    *m_ledger = Ledger();
    return measure([&] { return push(pool, pushes, pushes.newTokens ? fresh : known); });
}

Result<void, std::string> Stage::push(SenderPool &pool, const Pushes &pushes,
                                      const std::vector<std::string> &authorizations)
{
    const Volley volley { *m_fleet,   pushes.first,     pushes.end,   authorizations,
                          pushes.ttl, pushes.bodyBytes, pushes.count, pushes.arrives };
    if (pushes.perSecond > 0)
        return pool.pushSteadily(volley, pushes.perSecond, *m_ledger);
    return pool.push(volley, *m_ledger);
}

std::vector<std::string> Stage::tokens(int count) const
{
    const std::string origin = m_servers->origin();
    const auto expires = std::chrono::system_clock::now() + 12h;
    std::vector<std::string> values;
    for (int i = 0; i < count; ++i) {
        const QByteArray subject = "mailto:sender" + QByteArray::number(i) + "@example.com";
        values.push_back(m_key
                             ->authorization(QByteArrayView(origin.data(), std::ssize(origin)),
                                             subject,
                                             std::chrono::time_point_cast<Time::duration>(expires))
                             .toStdString());
    }
    return values;
}

std::string clients(int count)
{
    return readable(count) + (count == 1 ? " client" : " clients");
}

} // namespace Carillon::Bench
