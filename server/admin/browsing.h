// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/crypto/fernet.h"
#include "core/message/messageid.h"
#include "core/storage/storagebrowser.h"
#include "server/admin/adminapi.h"
#include "server/net/worker.h"

#include <utility>

namespace Carillon {

class ClientRegistry;
class Dispatcher;
class Journal;

/// What the resources about clients, messages, queues and senders are made of. All of it outlives
/// the table.
struct Browsing
{
    /// The admin thread: answers are made there, not where storage and workers give theirs.
    Worker &worker;
    Storage &storage;
    StorageBrowser &browser;
    ClientRegistry &registry;
    Dispatcher &dispatcher;
    Journal &journal;
    const Clock &clock;
    /// Of the admin thread, which also changes them.
    const MessageIds &messageIds;
    /// This process among the nodes; empty: clients cannot connect to it.
    NodeId self;

    /// Brings the outcome of a call back to the admin thread.
    template<typename T, typename F> [[nodiscard]] Completion<T> here(F then) const
    {
        return [&to = worker, then = std::move(then)](Result<T> outcome) mutable {
            to.perform([then = std::move(then), outcome = std::move(outcome)]() mutable {
                then(std::move(outcome));
            });
        };
    }
};

/// Adds /clients and what can be done to them.
void addClients(AdminApi &api, const Browsing &with);
/// Adds /clients/{uaid}/disconnect and the other actions on clients.
void addClientActions(AdminApi &api, const Browsing &with);
/// Adds /messages.
void addMessages(AdminApi &api, const Browsing &with);
/// Adds /queues.
void addQueues(AdminApi &api, const Browsing &with);

} // namespace Carillon
