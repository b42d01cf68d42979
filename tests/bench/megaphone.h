// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/connection.h"

#include <memory>
#include <string>
#include <vector>

namespace Carillon::Bench {

/// Serves broadcast versions, as the service does that servers poll. It listens from the start and
/// answers while its loop runs.
/// Owns: its listener and connections.
class Megaphone final : private Watched
{
public:
    Megaphone(std::string id, std::string version);
    ~Megaphone() override;
    Megaphone(const Megaphone &) = delete;
    Megaphone &operator=(const Megaphone &) = delete;

    /// 0: it cannot listen.
    [[nodiscard]] std::uint16_t port() const { return m_port; }
    [[nodiscard]] std::string url() const;
    /// The loop must outlive it or never run again.
    void serve(Loop &loop);
    void setVersion(std::string version) { m_version = std::move(version); }
    [[nodiscard]] int answered() const { return m_answered; }

private:
    class Asker;

    void ready(std::uint32_t events) override;
    [[nodiscard]] std::string answer();

    std::string m_id;
    std::string m_version;
    int m_listener = -1;
    std::uint16_t m_port = 0;
    int m_answered = 0;
    Loop *m_loop = nullptr;
    std::vector<std::unique_ptr<Asker>> m_askers;
};

} // namespace Carillon::Bench
