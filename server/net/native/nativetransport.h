// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "server/net/epollloop.h"
#include "server/net/mailbox.h"
#include "server/net/native/nativeconnection.h"
#include "server/net/proxy/proxypreamble.h"
#include "server/net/slottable.h"
#include "server/net/timers.h"
#include "server/net/transport.h"

#include <memory>
#include <thread>
#include <vector>

namespace Carillon {

/// The transport for the open network and many connections (design.md §2.2): epoll within the
/// worker's Qt event loop, own parsers, buffers only while bytes are in flight.
/// Owns: listeners, connections, sessions. Thread: as Transport says.
class NativeTransport final : public Transport, private NativeConnectionOwner
{
public:
    NativeTransport(Timers &timers, const TransportLimits &limits);
    ~NativeTransport() override;

    [[nodiscard]] Result<quint16, QString> listen(const Listener &listener) override;
    void stopListening() override;
    void forEachSession(const std::function<void(WebSocketSession &)> &visit) override;
    [[nodiscard]] WebSocketSession *session(ConnectionId connection) override;
    void readNow(ConnectionId connection) override;
    [[nodiscard]] int openRequests() const override;
    void answerAll(const HttpResponse &response) override;
    void respond(ConnectionId connection, std::uint32_t request, HttpResponse response) override;

private:
    struct Port;
    struct Newcomer;
    /// An answer from another thread.
    struct Answer
    {
        ConnectionId connection;
        std::uint32_t request = 0;
        HttpResponse response;
    };

    void ready(std::uint64_t key, std::uint32_t events);
    void accept(Port &port);
    [[nodiscard]] bool mayAccept(Port &port, ConnectionTicket &ticket);
    void welcome(Port &port, int descriptor, const IpAddress &peer, ConnectionTicket ticket);
    void awaitProxyHeader(Port &port, int descriptor, const IpAddress &peer,
                          ConnectionTicket ticket);
    void readProxyHeader(ConnectionId id);
    void adopt(Port &port, int descriptor, const IpAddress &peer, ConnectionTicket ticket);
    void takeAnswers();
    void resumeAll();

    // NativeConnectionOwner
    void resumeLater(ConnectionId id) override;
    void remove(ConnectionId id) override;

    [[nodiscard]] bool isCurrent() const { return std::this_thread::get_id() == m_thread; }

    Timers &m_timers;
    TransportLimits m_limits;
    std::thread::id m_thread;
    EpollLoop m_loop;
    std::vector<std::unique_ptr<Port>> m_ports; // outlive their connections
    SlotTable<NativeConnection> m_connections;
    SlotTable<Newcomer> m_newcomers;
    std::vector<ConnectionId> m_resuming;
    Mutex m_answersMutex;
    std::vector<Answer> m_answers CARILLON_GUARDED_BY(m_answersMutex);
    Mailbox m_mailbox;
};

} // namespace Carillon
