// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/diagnosis/diagnosis.h"
#include "core/diagnosis/lookuptext.h"
#include "core/diagnosis/senderdiagnosis.h"
#include "core/storage/storagebrowser.h"
#include "server/admin/adminapi.h"
#include "server/history/history.h"

#include <functional>
#include <optional>
#include <vector>

namespace Carillon {

/// What this process knows of a sender.
struct KnownSender
{
    QByteArray keyHash;
    QByteArray subject = {};
    std::int64_t pushes = 0;
    std::int64_t refused = 0;
    std::optional<Time> lastPush {};
    bool isBlocked = false;
};

/// Answers GET /lookup: finds out what a text names, collects what is known of it, and has it
/// diagnosed.
/// Owns: its reader of texts. Thread: the admin thread; answers are given on any.
class Lookup
{
public:
    struct Dependencies
    {
        StorageBrowser &storage;
        const Clock &clock;
        /// Null: history.events is 0.
        History *history = nullptr;
        /// This process's name in client records, and the origin of endpoint URLs.
        NodeId node;
        QByteArray origin;
        /// The client's connection to this process; calls back on any thread.
        std::function<void(Uaid, UniqueFunction<void(std::optional<LiveConnection>)>)> findLive;
        /// The sender of this key, even if nothing is known of it but its hash.
        std::function<KnownSender(const QByteArray &keyHash)> findSender;
        /// The senders that this process has seen.
        std::function<std::vector<KnownSender>()> senders;
    };

    Lookup(Dependencies dependencies, const Fernet &keys);

    /// New crypto keys (SIGHUP).
    void setKeys(const Fernet &keys) { m_text = LookupText(keys); }
    /// q: the text.
    void answer(const AdminRequest &request, AdminResponder responder);

private:
    /// A look-up that is under way. Shared by the completions that carry it on, one at a time.
    struct Inquiry;
    using Shared = std::shared_ptr<Inquiry>;

    void lookUp(const Named &named, const Shared &inquiry);
    void lookUpTopic(const MessageName &name, const Shared &inquiry);
    void lookUpUuid(const NamedUuid &id, const Shared &inquiry);
    void lookUpPrefix(const QByteArray &digits, const Shared &inquiry);
    void lookUpNumber(const QByteArray &digits, const Shared &inquiry);
    void lookUpContact(const QByteArray &subject, const Shared &inquiry);
    void lookUpSender(const QByteArray &keyHash, const Shared &inquiry);

    // The steps by which findings about a client are collected.
    void collect(const Shared &inquiry);
    void collectStored(const Shared &inquiry);
    void collectLive(const Shared &inquiry);
    void collectEvents(const Shared &inquiry);

    Dependencies m_deps;
    LookupText m_text;
};

void addLookup(AdminApi &api, Lookup &lookup);

} // namespace Carillon
