// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/httpexchange.h"
#include "tests/soak/subscriber.h"

#include <optional>

namespace Carillon::Soak {

/// An application server: pushes to anyone, one after the other, and sometimes what must be
/// refused.
class Poster final : private Bench::HttpExchange
{
public:
    /// authorizations: VAPID header values for the scene's key.
    Poster(Scene &scene, int number, const std::vector<std::string> &authorizations);

    /// Connects and posts until the scene is ending.
    void begin();
    [[nodiscard]] bool isResting() const { return !isWaiting(); }
    /// What it waits for; empty while it rests.
    [[nodiscard]] std::string wait() const;

private:
    void opened() override { post(); }
    void answered(int status) override;
    void answeredUnasked() override { m_scene.book.complain("an answer without a request"); }
    void ended(std::string_view why) override;

    void post();
    void postOffence();
    void postLater(std::chrono::milliseconds delay);

    Scene &m_scene;
    int m_number;
    const std::vector<std::string> &m_authorizations;
    std::optional<std::uint32_t> m_push; // under way
    std::uint64_t m_visit = 0; // counts connections
    std::string m_asked; // what is under way, in words
    int m_refusal = 0; // the status that is expected instead
};

/// Says what is no HTTP or not all of it, and goes: over and over. An answer, if any, is a refusal.
class Vandal final : private Bench::Connection
{
public:
    Vandal(Scene &scene, int number) : Connection(scene.loop), m_scene(scene), m_number(number) { }
    void begin();

private:
    void opened() override;
    std::size_t received(std::string_view bytes) override;
    void ended(std::string_view) override { comeBack(); }
    void comeBack();

    Scene &m_scene;
    int m_number;
    std::uint64_t m_visit = 0;
};

} // namespace Carillon::Soak
