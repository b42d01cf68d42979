// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/facts.h"

namespace Carillon {

/// Is told what happens, as it happens. Thread: any, several at a time; it must not wait, nor call
/// back into what has recorded the fact.
class JournalListener
{
public:
    JournalListener() = default;
    virtual ~JournalListener() = default;
    JournalListener(const JournalListener &) = delete;
    JournalListener &operator=(const JournalListener &) = delete;

    /// What the fact refers to is valid during the call; a listener that keeps it makes a copy.
    virtual void recorded(const AnyFact &fact) = 0;
};

} // namespace Carillon
