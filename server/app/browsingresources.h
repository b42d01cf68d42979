// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/crypto/fernet.h"
#include "server/admin/browsing.h"
#include "server/admin/lookup.h"
#include "server/admin/sendersresource.h"

#include <QTimer>

namespace Carillon {

/// The resources of the admin API about clients, messages, queues and senders, and the sender rules
/// of this process, which it takes over from storage.
/// Owns: what the handlers of these resources refer to. It outlives storage, whose answers name it.
/// Thread: main; the handlers run on the admin thread.
class BrowsingResources
{
public:
    struct Dependencies
    {
        AdminApi &api;
        Worker &worker; // the admin thread
        Storage &storage;
        AdminStore &store;
        ClientRegistry &registry;
        Dispatcher &dispatcher;
        Journal &journal;
        const Clock &clock;
        SenderBook &senderBook;
        SenderRules &senderRules;
        NodeId self;
    };

    BrowsingResources(const Dependencies &dependencies, const Fernet &keys);
    BrowsingResources(const BrowsingResources &) = delete;
    BrowsingResources &operator=(const BrowsingResources &) = delete;

    /// Reads the sender rules now, and again and again if other processes may change them.
    void startRules(bool othersChangeThem);
    /// Does not ask storage any more.
    void stop() { m_refresh.stop(); }
    /// New crypto keys (SIGHUP).
    void setKeys(const Fernet &keys);

    // For look-ups. Thread: any.
    [[nodiscard]] KnownSender findSender(const QByteArray &keyHash) const;
    [[nodiscard]] std::vector<KnownSender> senders() const;

private:
    void readRules();

    AdminStore &m_store;
    SenderRules &m_rules;
    Worker &m_worker;
    MessageIds m_messageIds; // of the admin thread
    const Browsing m_browsing;
    const SendersWith m_senders;
    QTimer m_refresh;
};

} // namespace Carillon
