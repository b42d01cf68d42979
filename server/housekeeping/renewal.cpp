// SPDX-License-Identifier: MPL-2.0
#include "server/housekeeping/renewal.h"

#include "core/storage/storage.h"
#include "server/net/mailbox.h"
#include "server/routing/clientregistry.h"

#include <algorithm>
#include <utility>

namespace Carillon {
namespace {

using namespace std::chrono_literals;

/// Between two batches, so that a round takes little of the writer's time while it lasts.
constexpr std::chrono::milliseconds Pause { 20 };
/// After a batch that storage could not write.
constexpr std::chrono::milliseconds RetryPause { 60'000 };
/// Of an interval: a round is through long before the next one begins, and what failed is tried
/// again in time.
constexpr int PausesInAnInterval = 8;

} // namespace

std::chrono::milliseconds renewalInterval(std::chrono::seconds clientLifetime)
{
    return std::min<std::chrono::milliseconds>(24h, std::chrono::milliseconds(clientLifetime) / 4);
}

Renewal::Renewal(Storage &storage, const ClientRegistry &registry, Mailbox &mailbox,
                 std::chrono::seconds clientLifetime)
    : m_storage(storage), m_registry(registry), m_mailbox(mailbox),
      m_interval(renewalInterval(clientLifetime))
{
    connect(&m_round, &QTimer::timeout, this, &Renewal::beginRound);
    m_next.setSingleShot(true);
    connect(&m_next, &QTimer::timeout, this, &Renewal::renewBatch);
}

void Renewal::start()
{
    m_round.start(m_interval);
}

void Renewal::stop()
{
    m_round.stop();
    m_next.stop();
    m_left.clear();
}

/// Unless the last one still goes on, because storage failed or there are very many clients.
void Renewal::beginRound()
{
    if (m_isBusy || !m_left.empty())
        return;
    m_left = m_registry.uaids();
    const auto batches = static_cast<std::int64_t>(m_left.size() / BatchSize + 1);
    m_pause = std::min(Pause, m_interval / PausesInAnInterval / batches);
    renewBatch();
}

void Renewal::renewBatch()
{
    if (m_left.empty())
        return;
    const auto first = m_left.end() - std::min(std::ssize(m_left), BatchSize);
    std::vector<Uaid> batch(first, m_left.end());
    m_left.erase(first, m_left.end());
    m_isBusy = true;
    std::vector<Uaid> copy = batch;
    m_storage.renewClients(
        std::move(copy), [this, batch = std::move(batch)](const Result<void> &renewed) mutable {
            m_mailbox.post([this, batch = std::move(batch), done = renewed.has_value()] {
                batchDone(batch, done);
            });
        });
}

void Renewal::batchDone(const std::vector<Uaid> &batch, bool done)
{
    m_isBusy = false;
    if (!m_round.isActive())
        return; // stopped meanwhile
    if (!done)
        m_left.insert(m_left.end(), batch.begin(), batch.end());
    m_next.start(done ? m_pause : std::min(RetryPause, m_interval / PausesInAnInterval));
}

} // namespace Carillon
