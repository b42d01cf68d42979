// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/tokenbucket.h"

#include <QByteArray>
#include <QString>

namespace Carillon {

/// What an administrator has decided about a sender.
struct SenderRule
{
    /// SHA-256 of the sender's VAPID public key.
    QByteArray keyHash {};
    /// Its pushes are refused.
    bool isBlocked = false;
    /// How often it may push, for each process that takes pushes.
    Rate rate {};
    WallTime since {};
    QString who {};

    /// It says nothing.
    [[nodiscard]] bool isEmpty() const { return !isBlocked && !rate.isLimited(); }
    bool operator==(const SenderRule &) const = default;
};

} // namespace Carillon
