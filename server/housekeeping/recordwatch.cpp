// SPDX-License-Identifier: MPL-2.0
#include "server/housekeeping/recordwatch.h"

#include "core/base/log.h"
#include "server/net/mailbox.h"
#include "server/routing/clientport.h"
#include "server/routing/clientregistry.h"

#include <algorithm>
#include <utility>

namespace Carillon {
namespace {

using namespace std::chrono_literals;

/// Between two batches of a round.
constexpr std::chrono::milliseconds BatchPause = 150ms;
constexpr std::chrono::milliseconds HastyPause = 5ms;
/// A timer that fires later than this says that the process has stood still.
constexpr std::chrono::milliseconds StallBound = 2s;

Instant steadyNow()
{
    return std::chrono::steady_clock::now();
}

} // namespace

RecordWatch::RecordWatch(Storage &storage, const ClientRegistry &registry, Mailbox &mailbox,
                         NodeId node, std::chrono::milliseconds interval)
    : m_storage(storage), m_registry(registry), m_mailbox(mailbox), m_node(std::move(node)),
      m_interval(interval)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &RecordWatch::next);
}

void RecordWatch::start()
{
    m_isStopped = false;
    m_nextRound = steadyNow() + m_interval;
    wait(m_interval);
}

void RecordWatch::stop()
{
    m_isStopped = true;
    m_timer.stop();
    m_left.clear();
}

void RecordWatch::wait(std::chrono::milliseconds pause)
{
    m_due = steadyNow() + pause;
    m_timer.start(pause);
}

void RecordWatch::next()
{
    const Instant time = steadyNow();
    if (time - m_due > StallBound) {
        qCInfo(lcConnect, "this process was suspended; the records of its clients are read again");
        m_left.clear();
        m_nextRound = time;
        m_isHasty = true;
    }
    if (m_left.empty() && time >= m_nextRound) {
        m_left = m_registry.uaids();
        m_nextRound = time + m_interval;
    }
    if (!m_left.empty()) {
        readBatch();
        return;
    }
    m_isHasty = false;
    wait(std::chrono::ceil<std::chrono::milliseconds>(m_nextRound - time));
}

void RecordWatch::readBatch()
{
    const auto first = m_left.end() - std::min(std::ssize(m_left), BatchSize);
    std::vector<Uaid> batch(first, m_left.end());
    m_left.erase(first, m_left.end());
    m_storage.findNews(m_node, std::move(batch), [this](Result<std::vector<ClientNews>> news) {
        m_mailbox.post([this, news = std::move(news)] { batchRead(news); });
    });
}

/// What could not be read is read in the next round.
void RecordWatch::batchRead(const Result<std::vector<ClientNews>> &news)
{
    if (m_isStopped)
        return;
    if (news) {
        for (const ClientNews &each : *news) {
            if (const auto client = m_registry.find(each.uaid))
                client->port->review(client->connection, each);
        }
    }
    wait(m_isHasty ? HastyPause : BatchPause);
}

} // namespace Carillon
