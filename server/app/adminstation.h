// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/message/messageid.h"
#include "server/admin/adminaccess.h"
#include "server/admin/adminapi.h"
#include "server/admin/adminservice.h"
#include "server/admin/livefeed.h"
#include "server/admin/nodesresource.h"
#include "server/admin/serverfacts.h"
#include "server/admin/statssampler.h"
#include "server/admin/tokensresource.h"
#include "server/net/listener.h"
#include "server/net/timer.h"
#include "server/net/timers.h"
#include "server/net/transport.h"
#include "server/net/unixsocket.h"
#include "server/net/worker.h"
#include "server/settings/settingsloader.h"

#include <memory>

namespace Carillon {

class AdminStore;
class History;
class LogLevels;
class LogRing;
class Metrics;
class Ports;
struct OperationsState;

/// The admin API of this process: its table, its thread and its listeners. It has a thread of its
/// own, so that no list of its delays a push.
/// Owns: all of that. Thread: main.
class AdminStation
{
public:
    /// All of them outlive the station.
    struct Dependencies
    {
        Storage &storage;
        AdminStore &store;
        History *history; // null: there is none
        LogRing &log;
        LogLevels &logLevels;
        const Metrics &metrics;
        const Clock &clock;
        const OperationsState &operations;
        NodeControl node;
    };

    AdminStation(const LoadedSettings &loaded, const Fernet &keys,
                 const Dependencies &dependencies);
    /// Precondition: stopped.
    ~AdminStation();
    AdminStation(const AdminStation &) = delete;
    AdminStation &operator=(const AdminStation &) = delete;

    /// The table, for resources of other rooms. Before listen().
    [[nodiscard]] AdminApi &api() { return m_api; }
    /// The admin thread.
    [[nodiscard]] Worker &worker() { return m_worker; }
    /// Message ids, for resources. Thread: the admin thread.
    [[nodiscard]] const MessageIds &messageIds() const { return m_messageIds; }
    /// Takes over what was reloaded (SIGHUP).
    void reload(const LoadedSettings &loaded, const Fernet &keys);

    /// Listens on the Unix socket and on TCP, after all other listeners. `tcp`: its TLS, policy and
    /// faults. Sets the port and the socket that were taken. The error is a sentence for the
    /// operator.
    [[nodiscard]] Result<void, QString> listen(LoadedSettings &loaded, const Ports &ports,
                                               const Listener &tcp);
    /// Ends the thread. Answers that storage gives later have no receiver.
    void stop();

private:
    [[nodiscard]] Result<void, QString> listenLocally(AdminOptions &options,
                                                      const QString &stateDirectory);
    [[nodiscard]] Result<void, QString> listenOnTcp(AdminOptions &options, const Ports &ports,
                                                    const Listener &tcp);

    void secondPassed();
    void loadTokens();

    const Dependencies m_with;
    const bool m_sharesTokens; // with other processes, which may change them
    ServerFacts m_facts;
    QJsonArray m_configuration;
    MessageIds m_messageIds;
    AdminApi m_api;
    AdminAccess m_access;
    StatsSampler m_stats;
    LiveFeed m_live;
    std::unique_ptr<UnixSocket> m_socket; // null: another server has its place
    Worker m_worker;
    AdminService m_service;
    TokenKeeping m_tokens;
    Timer m_second = Timer::of<&AdminStation::secondPassed>(this);
    bool m_isStopped = false;
    // Made, used and destroyed on the worker.
    std::unique_ptr<Timers> m_timers;
    std::unique_ptr<Transport> m_transport;
};

} // namespace Carillon
