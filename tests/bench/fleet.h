// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "tests/bench/ledger.h"
#include "tests/bench/websocketclient.h"

#include <memory>
#include <string>
#include <vector>

namespace Carillon::Bench {

class Fleet;

/// A user agent with one subscription. It outlives its connections, as a browser profile does.
class PushClient final : public WebSocketClient
{
public:
    PushClient(Loop &loop, Fleet &fleet, int number);

    [[nodiscard]] int number() const { return m_number; }
    /// Path of its endpoint; empty before it is registered.
    [[nodiscard]] const std::string &path() const { return m_path; }

    /// Connects and says hello, with its UAID if it has one.
    [[nodiscard]] bool connect(const Dial &dial);
    void subscribe();

private:
    void upgraded() override;
    void text(std::string_view message) override;
    void lost(std::string_view why) override;

    void greeted(std::string_view answer);
    void registered(std::string_view answer);
    void notified(std::string_view message);

    Loop &m_loop;
    Fleet &m_fleet;
    int m_number;
    std::string m_uaid;
    std::string m_path;
};

/// The clients of a scenario.
/// Owns: them. A step is done with a bounded number of clients at a time; its error says what
/// went wrong first.
class Fleet
{
public:
    /// ports: of servers, for the clients in turn. key: the sender's public key in base64url, that
    /// all subscribe with.
    Fleet(Loop &loop, std::vector<std::uint16_t> ports, std::string key);

    /// Clients [first, end) connect and say hello; new ones are made.
    [[nodiscard]] Result<void, std::string> connect(int first, int end);
    [[nodiscard]] Result<void, std::string> subscribe(int first, int end);
    /// Those leave without a word.
    void disconnect(int first, int end);
    /// They stop reading, or read what has come.
    void setReading(bool reading);

    [[nodiscard]] const PushClient &client(int number) const
    {
        return *m_clients[static_cast<std::size_t>(number)];
    }
    /// Where deliveries are noted from now on.
    void setLedger(Ledger *ledger) { m_ledger = ledger; }
    [[nodiscard]] Ledger *ledger() const { return m_ledger; }
    /// How long clients take to acknowledge a message; 0: they do it at once.
    void setAckDelay(std::chrono::milliseconds delay) { m_ackDelay = delay; }
    void setReceiveBuffer(int bytes) { m_receiveBuffer = bytes; }
    /// They speak TLS, with this context of a client's; it outlives them.
    void setTls(SSL_CTX *tls) { m_tls = tls; }
    /// The broadcast that all ask for in hello, with this version; empty: none.
    void setBroadcast(std::string id, std::string version);
    /// How many clients were told this version.
    [[nodiscard]] int told(const std::string &version) const;
    /// What went wrong since the last step; empty if nothing did.
    [[nodiscard]] const std::string &problem() const { return m_problem; }

private:
    friend class PushClient;
    enum class Step { None, Connect, Subscribe };

    [[nodiscard]] Result<void, std::string> perform(Step step, int first, int end);
    void begin(int number);
    void stepDone(Step step);
    void complain(std::string_view what);
    void broadcastCame(std::string_view message);

    Loop &m_loop;
    std::vector<std::uint16_t> m_ports;
    std::string m_key;
    std::string m_broadcastId;
    std::string m_broadcastVersion;
    std::vector<std::string> m_told;
    std::vector<std::unique_ptr<PushClient>> m_clients;
    Ledger *m_ledger = nullptr;
    int m_receiveBuffer = 0;
    std::chrono::milliseconds m_ackDelay { 0 };
    SSL_CTX *m_tls = nullptr;
    Step m_step = Step::None;
    int m_next = 0;
    int m_end = 0;
    int m_open = 0;
    std::string m_problem;
};

} // namespace Carillon::Bench
