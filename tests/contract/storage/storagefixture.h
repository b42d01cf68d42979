// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storage.h"

#include <QString>

#include <functional>
#include <memory>
#include <vector>

namespace Carillon {

/// A storage as the contract tests it. A new backend provides one for each way of opening it, in
/// storageFixtures(); the contract needs nothing else of it.
struct StorageFixture
{
    const char *name;
    /// Whether what was stored is there when it is opened again.
    bool keepsData;
    /// Whether storeWhileSending() waits for an ack (as long as it takes).
    bool waitsForAck;
    /// Whether storeWhileSending() gives keys at all.
    bool sends;
    /// Opens it over what it keeps in this directory, which is empty at first. A failure ends the
    /// test.
    std::function<std::unique_ptr<Storage>(const QString &directory, const Clock &clock,
                                           const QueueLimits &limits)>
        open;
};

[[nodiscard]] const std::vector<StorageFixture> &storageFixtures();

} // namespace Carillon
