// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/websocketclient.h"
#include "tests/soak/agenda.h"
#include "tests/soak/book.h"

namespace Carillon::Soak {

/// What all subscribers share. Outlives them.
struct Scene
{
    Bench::Loop &loop;
    Agenda &agenda;
    Book &book;
    std::uint16_t connectPort;
    std::uint16_t endpointPort;
    std::string key; // of the sender, base64url
    std::string broadcast;
    bool isEnding = false; // all stay, acknowledge everything and do nothing wrong
};

/// A client that lives: it comes, stays for a while, acknowledges promptly, late, in groups or not
/// at all, refuses, reads slowly, breaks the protocol, leaves with and without a word, and begins
/// anew as another. Writes what it sees into the book.
class Subscriber final : private Bench::WebSocketClient
{
public:
    /// mostAway: how long it stays away at most, in ms.
    Subscriber(Scene &scene, int number, int mostAway);

    /// Connects, and again whenever that ended.
    void visit();
    /// Leaves at once; a visit follows.
    void leave();
    /// Asks for an answer that comes after its acks are committed.
    void askBarrier();
    [[nodiscard]] bool isBarrierPassed() const { return m_barrier.empty(); }
    /// Connected, greeted and subscribed.
    [[nodiscard]] bool isLive() const { return m_isLive; }

private:
    void upgraded() override;
    void text(std::string_view message) override;
    void lost(std::string_view why) override;

    void registerNext();
    void registered(std::string_view answer);
    void unregistered(std::string_view answer);
    void goLive();
    void notified(std::string_view message);
    void sendAcks();
    void misbehave();
    void depart();
    void comeBackLater();
    void retireOne();
    /// Does it later, if this connection is still the same then.
    void later(std::chrono::milliseconds delay, void (Subscriber::*what)());

    Scene &m_scene;
    int m_number;
    int m_mostAway;
    std::string m_uaid;
    std::vector<int> m_channels; // in the book
    int m_wanted = 0; // channels that it wants
    std::uint32_t m_connection = 0; // no other has its number
    bool m_isLive = false;
    bool m_isOffending = false; // its next words are the server's last
    std::string m_acks; // updates of an ack to be sent
    std::vector<std::uint32_t> m_acked; // in m_acks
    std::vector<std::uint32_t> m_sent; // acknowledged since the last barrier
    std::vector<std::uint32_t> m_settling; // before the barrier that is under way
    std::string m_barrier; // the channel whose unregister is it
};

} // namespace Carillon::Soak
