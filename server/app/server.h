// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/serverclock.h"
#include "core/crypto/fernet.h"
#include "server/app/adminstation.h"
#include "server/app/nodedrain.h"
#include "server/app/operations.h"
#include "server/app/ports.h"
#include "server/app/serverstorage.h"
#include "server/app/stations.h"
#include "server/app/trafficlimits.h"
#include "server/housekeeping/housekeeping.h"
#include "server/journal/journal.h"
#include "server/logging/requestlog.h"
#include "server/metrics/metrics.h"
#include "server/metrics/processfigures.h"
#include "server/net/mailbox.h"
#include "server/net/protocolfaults.h"
#include "server/reliability/messagetracker.h"
#include "server/reliability/reliabilityservice.h"
#include "server/responses/errorresponses.h"
#include "server/routing/clientregistry.h"
#include "server/routing/senderrules.h"
#include "server/senders/senderbook.h"
#include "server/settings/topology.h"

#include <QObject>

#include <memory>
#include <optional>
#include <vector>

namespace Carillon {

class BrowsingResources;
class CertificateWatch;
class DevTls;
class Dispatcher;
class Drain;
class Lookup;
struct LiveConnection;
class NodeClient;
class ServerHistory;
class ProcessLog;
class StatsdSender;

/// The running server: puts the rooms together, starts them and takes them apart.
/// Owns: workers, storage and everything on them. Thread: main.
class Server final : public QObject
{
    Q_OBJECT
public:
    /// Opens storage, starts the workers and listens, on the given sockets where there are some.
    /// loaded is complete and valid. The clock and the log outlive it. The error is a sentence
    /// for the operator.
    [[nodiscard]] static Result<std::unique_ptr<Server>, QString>
    start(LoadedSettings loaded, const std::vector<ActivatedSocket> &sockets, ServerClock &clock,
          ProcessLog &log);
    ~Server() override;

    /// The settings in force, with the ports that were taken.
    [[nodiscard]] const Settings &settings() const { return m_settings; }
    /// Whether senders may also speak TLS to the plain endpoint (devtls.h).
    [[nodiscard]] bool hasDevTls() const { return m_devTls != nullptr; }

    /// Takes over what a running server can: crypto keys, the certificate, limits of
    /// connections and rates. The error is a sentence.
    [[nodiscard]] Result<void, QString> reload(const LoadedSettings &loaded);

    /// Calls alive, on the main thread, once every worker has had its turn.
    void probe(Task alive);

    /// Ends in order (drain.h), then emits stopped().
    void drain();

Q_SIGNALS:
    void stopped();

private:
    Server(LoadedSettings loaded, std::vector<ActivatedSocket> sockets, ServerClock &clock,
           ProcessLog &log);
    [[nodiscard]] Result<void, QString> startTls();
    [[nodiscard]] Result<void, QString> startWorkers(const Fernet &keys);
    void startHistory();
    [[nodiscard]] Result<void, QString> startAdmin(const Fernet &keys);
    void startLookup(const Fernet &keys);
    void findLive(Uaid uaid, UniqueFunction<void(std::optional<LiveConnection>)> found);
    void startMegaphone();
    [[nodiscard]] Result<void, QString> listen(Station &station);
    void startHousekeeping();
    void publishHandshakes();

    LoadedSettings m_loaded;
    Settings &m_settings = m_loaded.settings;
    const Topology m_topology; // of the settings at the start
    Ports m_ports;
    ServerClock &m_clock;
    ProcessLog &m_log;
    RequestLog m_requestLog;
    Metrics m_metrics;
    std::unique_ptr<ServerHistory> m_history; // null: history.events is 0
    ProcessFigures m_processFigures { m_metrics };
    SenderBook m_senderBook { m_clock };
    SenderRules m_senderRules;
    Journal m_journal { m_metrics };
    MessageTracker m_tracker;
    ClientRegistry m_registry;
    OperationsState m_operations;
    TrafficLimits m_limits;
    ProtocolFaults m_protocolFaults;
    std::unique_ptr<CertificateWatch> m_certificate; // null: no TLS
    std::unique_ptr<DevTls> m_devTls; // null: not offered
    Mailbox m_mainMailbox;
    std::optional<ErrorResponses> m_errors; // has a value once the endpoint's URL is known
    // These outlive storage, whose answers name what they own.
    std::unique_ptr<Lookup> m_lookup;
    std::unique_ptr<AdminStation> m_admin;
    std::unique_ptr<BrowsingResources> m_browsing;
    Stations m_stations;
    NodeDrain m_nodeDrain { m_stations, m_operations, m_clock };
    std::unique_ptr<NodeClient> m_nodeClient; // null: there can be no other process
    std::unique_ptr<Dispatcher> m_dispatcher;
    std::optional<Housekeeping> m_housekeeping;
    std::unique_ptr<StatsdSender> m_statsd; // null: nobody wants it
    std::optional<ReliabilityService> m_reliability;
    ServerStorage m_storage;
    std::unique_ptr<Drain> m_drain; // null until it begins
};

} // namespace Carillon
