// SPDX-License-Identifier: MPL-2.0
#include "server/app/browsingresources.h"

#include "core/storage/adminstore.h"
#include "server/routing/senderrules.h"
#include "server/senders/senderbook.h"

namespace Carillon {

namespace {

/// How soon a rule that another process has made is in force here.
constexpr std::chrono::seconds RuleInterval { 5 };

KnownSender knownSender(const SenderRecord &record)
{
    return { .keyHash = record.keyHash,
             .subject = record.subject,
             .pushes = record.accepted,
             .refused = record.refused,
             .lastPush = record.last };
}

} // namespace

BrowsingResources::BrowsingResources(const Dependencies &dependencies, const Fernet &keys)
    : m_store(dependencies.store), m_rules(dependencies.senderRules), m_worker(dependencies.worker),
      m_messageIds(keys), m_browsing { .worker = dependencies.worker,
                                       .storage = dependencies.storage,
                                       .browser = dependencies.storage.browser(),
                                       .registry = dependencies.registry,
                                       .dispatcher = dependencies.dispatcher,
                                       .journal = dependencies.journal,
                                       .clock = dependencies.clock,
                                       .messageIds = m_messageIds,
                                       .self = dependencies.self },
      m_senders { .book = dependencies.senderBook,
                  .rules = dependencies.senderRules,
                  .store = dependencies.store,
                  .clock = dependencies.clock }
{
    addClients(dependencies.api, m_browsing);
    addClientActions(dependencies.api, m_browsing);
    addMessages(dependencies.api, m_browsing);
    addQueues(dependencies.api, m_browsing);
    addSenders(dependencies.api, m_senders);
    m_refresh.setInterval(RuleInterval);
    QObject::connect(&m_refresh, &QTimer::timeout, [this] { readRules(); });
}

void BrowsingResources::startRules(bool othersChangeThem)
{
    readRules();
    if (othersChangeThem)
        m_refresh.start();
}

void BrowsingResources::readRules()
{
    m_store.findSenderRules([&rules = m_rules](const Result<std::vector<SenderRule>> &found) {
        if (found)
            rules.set(*found);
    });
}

KnownSender BrowsingResources::findSender(const QByteArray &keyHash) const
{
    KnownSender known { keyHash };
    const auto records = m_senders.book.find(keyHash);
    if (!records.empty())
        known = knownSender(records.front());
    known.isBlocked = m_rules.find(keyHash).value_or(SenderRule()).isBlocked;
    return known;
}

std::vector<KnownSender> BrowsingResources::senders() const
{
    std::vector<KnownSender> known;
    for (const SenderRecord &record : m_senders.book.all()) {
        known.push_back(knownSender(record));
        known.back().isBlocked = m_rules.find(record.keyHash).value_or(SenderRule()).isBlocked;
    }
    return known;
}

void BrowsingResources::setKeys(const Fernet &keys)
{
    m_worker.post([this, keys] { m_messageIds = MessageIds(keys); });
}

} // namespace Carillon
