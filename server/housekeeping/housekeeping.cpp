// SPDX-License-Identifier: MPL-2.0
#include "server/housekeeping/housekeeping.h"

#include "server/housekeeping/clockwatch.h"
#include "server/housekeeping/janitor.h"
#include "server/housekeeping/recordwatch.h"
#include "server/housekeeping/renewal.h"

#include <utility>

namespace Carillon {
namespace {

constexpr std::chrono::seconds FiguresInterval { 1 };

} // namespace

Housekeeping::Housekeeping(const Dependencies &dependencies) : m_dependencies(dependencies) { }

Housekeeping::~Housekeeping() = default;

void Housekeeping::startMegaphone(const MegaphoneOptions &options, Worker &worker,
                                  Megaphone::Changed changed)
{
    m_megaphone = std::make_unique<Megaphone>(options, m_dependencies.metrics, std::move(changed));
    m_megaphone->start(worker);
}

void Housekeeping::start(const Duties &duties)
{
    const auto &[storage, registry, clock, journal, metrics, mailbox] = m_dependencies;
    m_clockWatch = std::make_unique<ClockWatch>(clock, metrics, duties.keepClock);
    m_janitor = std::make_unique<Janitor>(storage, clock, journal, mailbox, duties.clientLifetime);
    m_janitor->start();
    QObject::connect(&m_figures, &QTimer::timeout, duties.publishFigures);
    m_figures.start(FiguresInterval);
    if (duties.renewsClients) {
        m_renewal = std::make_unique<Renewal>(storage, registry, mailbox, duties.clientLifetime);
        QObject::connect(m_janitor.get(), &Janitor::wasSuspended, m_renewal.get(),
                         &Renewal::beginRound);
        m_renewal->start();
    }
    if (duties.sharesRecordsAs) {
        m_recordWatch =
            std::make_unique<RecordWatch>(storage, registry, mailbox, *duties.sharesRecordsAs);
        m_recordWatch->start();
    }
}

void Housekeeping::stop()
{
    m_megaphone.reset();
    if (m_janitor)
        m_janitor->stop();
    if (m_renewal)
        m_renewal->stop();
    if (m_recordWatch)
        m_recordWatch->stop();
}

} // namespace Carillon
