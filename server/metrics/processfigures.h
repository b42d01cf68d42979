// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace Carillon {

class Metrics;

/// What the kernel says of this process, as metrics: CPU, memory, descriptors, start. Without /proc
/// they stay 0. Thread: one; not for one that serves, as counting descriptors takes a while where
/// there are many.
class ProcessFigures
{
public:
    explicit ProcessFigures(Metrics &metrics);

    /// To be called about once a second.
    void publish();

private:
    void publishStat();
    void publishDescriptors();

    Metrics &m_metrics;
    int m_calls = 0;
};

} // namespace Carillon
