// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <QObject>
#include <QTimer>

#include <chrono>

namespace Carillon {

class Stations;
struct OperationsState;

/// Takes a node out of service and puts it back, while its process runs on: it accepts no more
/// clients, closes those that it has, spread over a period, and tells load balancers so. Pushes are
/// served as before. (Drain ends the process.) Thread: main.
class NodeDrain final : public QObject
{
    Q_OBJECT
public:
    /// All of them outlive it.
    NodeDrain(Stations &stations, OperationsState &operations, const Clock &clock);

    void start(std::chrono::milliseconds period);
    void resume();

private:
    void closeSome();

    Stations &m_stations;
    OperationsState &m_operations;
    const Clock &m_clock;
    Instant m_until {};
    QTimer m_closing;
};

} // namespace Carillon
