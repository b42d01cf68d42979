// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/metrics/metricssnapshot.h"
#include "server/metrics/statsdoptions.h"

#include <QByteArrayList>

namespace Carillon {

/// Most bytes of a packet: what one Ethernet frame holds, less the headers of IPv6 and UDP and some
/// room for tunnels.
inline constexpr qsizetype StatsdPacketBytes = 1'432;

/// What happened between two snapshots, as packets for StatsD:
///
///   packet = line *( newline line )
///   line   = label "." name ":" value "|" ( "c" / "ms" ) [ "|@" rate ] [ "|#" tag *( "," tag ) ]
///
/// A counter is one line with its change; one that has not changed is left out. A timing is one
/// line for each bucket of its histogram: a value that stands for the bucket, and a rate of 1/n for
/// n events. The values are chosen so that their mean is that of the events, as far as the buckets
/// allow.
[[nodiscard]] QByteArrayList statsdPackets(const MetricsChange &change,
                                           const StatsdOptions &options);

} // namespace Carillon
