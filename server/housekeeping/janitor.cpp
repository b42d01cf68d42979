// SPDX-License-Identifier: MPL-2.0
#include "server/housekeeping/janitor.h"

#include "core/storage/storage.h"
#include "server/journal/journal.h"
#include "server/net/mailbox.h"

#include <algorithm>

namespace Carillon {
namespace {

using namespace std::chrono_literals;

constexpr int JanitorBatch = 500;

} // namespace

std::chrono::seconds patienceWithClients(std::chrono::seconds clientLifetime)
{
    return std::min<std::chrono::seconds>(1h, clientLifetime / 4);
}

Janitor::Janitor(Storage &storage, const Clock &clock, Journal &journal, Mailbox &mailbox,
                 std::chrono::seconds clientLifetime)
    : m_storage(storage), m_clock(clock), m_journal(journal), m_mailbox(mailbox),
      m_patience(patienceWithClients(clientLifetime)),
      m_interval(std::clamp<std::chrono::seconds>(clientLifetime / 4, 1s, 60s)),
      m_lastRound(clock.now()), m_sparesClientsUntil(m_lastRound + m_patience)
{
    connect(&m_round, &QTimer::timeout, this, &Janitor::beginRound);
}

void Janitor::start()
{
    m_round.start(m_interval);
}

void Janitor::beginRound()
{
    const Time now = m_clock.now();
    if (now - m_lastRound > m_interval + std::max<std::chrono::seconds>(m_patience, m_interval)) {
        m_sparesClientsUntil = now + m_patience;
        Q_EMIT wasSuspended();
    }
    m_lastRound = now;
    removeBatch();
}

void Janitor::removeBatch()
{
    const Expired which =
        m_clock.now() < m_sparesClientsUntil ? Expired::Messages : Expired::MessagesAndClients;
    m_storage.removeExpired(JanitorBatch, which, [this](const Result<ExpiredRows> &removed) {
        if (!removed)
            return;
        m_journal.record(Fact::MessagesExpired { removed->messages });
        m_journal.record(Fact::ClientsExpired { removed->clients });
        // A full batch says that there is more.
        if (removed->rows >= JanitorBatch)
            m_mailbox.post([this] {
                if (m_round.isActive()) // not stopped meanwhile
                    removeBatch();
            });
    });
}

} // namespace Carillon
