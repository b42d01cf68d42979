// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/serverclock.h"
#include "core/crypto/fernet.h"
#include "core/storage/storage.h"
#include "server/app/activation.h"
#include "server/app/admission.h"
#include "server/app/operations.h"
#include "server/app/stations.h"
#include "server/metrics/metrics.h"
#include "server/net/protocolfaults.h"
#include "server/net/worker.h"
#include "server/routing/clientregistry.h"
#include "server/settings/settings.h"
#include "server/storage/sqlite/databaselock.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <vector>

namespace Carillon {

class CertificateWatch;
class ClockWatch;
class DevTls;
class Drain;
class Dispatcher;
class Janitor;
class Megaphone;
class NodeClient;
class SqliteStorage;
class RecordWatch;
class Renewal;

/// The running server: puts the rooms together, starts them and takes them apart.
/// Owns: workers, storage and everything on them. Thread: main.
class Server final : public QObject
{
    Q_OBJECT
public:
    /// Opens storage, starts the workers and listens, on the given sockets where there are some.
    /// settings are complete and valid. The error is a sentence for the operator.
    [[nodiscard]] static Result<std::unique_ptr<Server>, QString>
    start(Settings settings, const std::vector<ActivatedSocket> &sockets, ServerClock &clock);
    ~Server() override;

    /// The settings in force, with the ports that were taken.
    [[nodiscard]] const Settings &settings() const { return m_settings; }
    /// Whether senders may also speak TLS to the plain endpoint (devtls.h).
    [[nodiscard]] bool hasDevTls() const { return m_devTls != nullptr; }

    /// Takes over what a running server can: crypto keys, the certificate, limits of
    /// connections and rates. The error is a sentence.
    [[nodiscard]] Result<void, QString> reload(const Settings &settings);

    /// Calls alive, on the main thread, once every worker has had its turn.
    void probe(Task alive);

    /// Ends in order (drain.h), then emits stopped().
    void drain();

Q_SIGNALS:
    void stopped();

private:
    Server(Settings settings, std::vector<ActivatedSocket> sockets, ServerClock &clock);
    [[nodiscard]] std::vector<int> inherited(ListenerName listener) const;
    [[nodiscard]] Result<void, QString> startTls();
    [[nodiscard]] Result<void, QString> takePorts();
    [[nodiscard]] Result<void, QString> openStorage();
    [[nodiscard]] Result<void, QString> startWorkers(const Fernet &keys);
    void startMegaphone();
    [[nodiscard]] Result<void, QString> listen(Station &station);
    void startHousekeeping();
    void publishStorageStats();

    Settings m_settings;
    std::vector<ActivatedSocket> m_sockets;
    ServerClock &m_clock;
    Metrics m_metrics;
    ClientRegistry m_registry;
    OperationsState m_operations;
    Admission m_admission;
    ProtocolFaults m_protocolFaults;
    std::unique_ptr<CertificateWatch> m_certificate; // null: no TLS
    std::unique_ptr<DevTls> m_devTls; // null: not offered
    Stations m_stations; // outlive storage, whose answers name them
    std::unique_ptr<NodeClient> m_nodeClient; // null: there can be no other process
    std::unique_ptr<Dispatcher> m_dispatcher;
    DatabaseLock m_databaseLock; // of m_sqlite
    std::unique_ptr<Storage> m_storage;
    SqliteStorage *m_sqlite = nullptr; // m_storage, if it is that
    std::unique_ptr<Megaphone> m_megaphone;
    Mailbox m_mainMailbox;
    std::unique_ptr<ClockWatch> m_clockWatch;
    std::unique_ptr<Janitor> m_janitor;
    std::unique_ptr<Renewal> m_renewal; // null without the connect role
    std::unique_ptr<RecordWatch> m_recordWatch; // null unless other processes share the records
    QTimer m_storageStats;
    std::unique_ptr<Drain> m_drain; // null until it begins
};

} // namespace Carillon
