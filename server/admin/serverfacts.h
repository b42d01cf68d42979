// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <QString>
#include <QStringList>

#include <functional>

namespace Carillon {

/// What the API says of the process that it is in; given by the composition root. Thread: any.
struct ServerFacts
{
    QString version;
    /// Compiler, Qt and kind of the build.
    QString build;
    /// "connect", "endpoint".
    QStringList roles;
    /// Its name among the nodes: the URL of its router listener, or else that of its endpoint.
    QString node;
    QString transport;
    /// "sqlite", "memory".
    QString storage;
    WallTime started {};
    Instant startedAt {};
    /// What was doubtful at start, as sentences.
    QStringList warnings;
    std::function<bool()> isDraining;
};

} // namespace Carillon
