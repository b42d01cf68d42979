// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/servers.h"

#include "core/crypto/base64url.h"
#include "core/crypto/digest.h"

namespace Carillon::Bench {

Result<std::unique_ptr<Servers>, std::string> Servers::start(const std::string &program,
                                                             const std::filesystem::path &directory,
                                                             ServerProcess::Settings settings,
                                                             int connectProcesses)
{
    auto servers = std::make_unique<Servers>();
    if (connectProcesses > 0) {
        const QByteArray key = randomBytes(32).toBase64(QByteArray::Base64UrlEncoding);
        settings.insert({ { "role", "endpoint" }, { "keys.crypto_keys", key.toStdString() } });
    }
    auto endpoint = ServerProcess::start(program, directory, settings);
    if (!endpoint)
        return Unexpected(endpoint.error());
    servers->m_endpoint = std::move(*endpoint);
    settings["role"] = "connect";
    settings.insert({ { "endpoint.url", servers->origin() },
                      { "storage.dsn", servers->m_endpoint->database() } });
    for (int i = 0; i < connectProcesses; ++i) {
        auto connect = ServerProcess::start(program, directory, settings);
        if (!connect)
            return Unexpected(connect.error());
        servers->m_connect.push_back(std::move(*connect));
    }
    return servers;
}

std::vector<std::uint16_t> Servers::connectPorts() const
{
    if (m_connect.empty())
        return { m_endpoint->connectPort() };
    std::vector<std::uint16_t> ports;
    for (const auto &each : m_connect)
        ports.push_back(each->connectPort());
    return ports;
}

std::chrono::nanoseconds Servers::cpu() const
{
    std::chrono::nanoseconds sum = m_endpoint->cpu();
    for (const auto &each : m_connect)
        sum += each->cpu();
    return sum;
}

Memory Servers::memory() const
{
    Memory sum = m_endpoint->memory();
    for (const auto &each : m_connect) {
        const Memory memory = each->memory();
        sum.anonymousBytes += memory.anonymousBytes;
        sum.proportionalBytes += memory.proportionalBytes;
    }
    return sum;
}

void Servers::settle(Loop &loop) const
{
    Bench::settle(loop, 1 + static_cast<int>(m_connect.size()), [this] { return cpu(); });
}

std::string Servers::lastWords() const
{
    std::string words = m_endpoint->lastWords();
    for (const auto &each : m_connect)
        words += each->lastWords();
    return words;
}

} // namespace Carillon::Bench
