// SPDX-License-Identifier: MPL-2.0
#include "server/admin/snapshots.h"

#include "core/base/mutex.h"
#include "server/net/worker.h"
#include "server/routing/clientport.h"

#include <map>
#include <memory>

namespace Carillon {

namespace {

/// Collects the answers of the workers.
struct Gathering
{
    explicit Gathering(Worker &asker) : worker(asker) { }

    Worker &worker;
    Mutex mutex;
    Snapshots found CARILLON_GUARDED_BY(mutex);
    std::size_t missing CARILLON_GUARDED_BY(mutex) = 0;
    UniqueFunction<void(Snapshots)> done;
};

void add(const std::shared_ptr<Gathering> &gathering, const std::vector<ClientSnapshot> &snapshots)
{
    Snapshots found;
    {
        const MutexLock lock(gathering->mutex);
        for (const ClientSnapshot &one : snapshots)
            gathering->found.insert(one.uaid, one);
        if (--gathering->missing > 0)
            return;
        found = std::move(gathering->found);
    }
    gathering->worker.perform(
        [gathering, found = std::move(found)]() mutable { gathering->done(std::move(found)); });
}

} // namespace

void takeSnapshots(Worker &worker, const std::vector<ClientRegistry::Entry> &clients,
                   UniqueFunction<void(Snapshots)> done)
{
    std::map<ClientPort *, std::vector<ConnectionId>> byWorker;
    for (const ClientRegistry::Entry &client : clients)
        byWorker[client.address.port].push_back(client.address.connection);
    if (byWorker.empty()) {
        done({});
        return;
    }
    const auto gathering = std::make_shared<Gathering>(worker); // shared by the workers
    {
        const MutexLock lock(gathering->mutex);
        gathering->missing = byWorker.size();
        gathering->done = std::move(done);
    }
    for (auto &[port, connections] : byWorker) {
        port->describe(std::move(connections),
                       [gathering](const std::vector<ClientSnapshot> &snapshots) {
                           add(gathering, snapshots);
                       });
    }
}

void takeSnapshots(Worker &worker, const ClientRegistry &registry, const std::vector<Uaid> &uaids,
                   UniqueFunction<void(Snapshots)> done)
{
    std::vector<ClientRegistry::Entry> clients;
    for (const Uaid &uaid : uaids) {
        if (const auto address = registry.find(uaid))
            clients.push_back({ uaid, *address });
    }
    takeSnapshots(worker, clients, std::move(done));
}

} // namespace Carillon
