// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/event.h"

namespace Carillon {

/// Is told of each event as it enters the history. Thread: any, several at a time; it must not
/// wait. Events of different threads may arrive a little out of the order of their ids.
class EventListener
{
public:
    EventListener() = default;
    virtual ~EventListener() = default;
    EventListener(const EventListener &) = delete;
    EventListener &operator=(const EventListener &) = delete;

    virtual void happened(const Event &event) = 0;
};

} // namespace Carillon
