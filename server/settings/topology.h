// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settings.h"

namespace Carillon {

/// What this process does in its deployment, and what it shares with the other processes. Whatever
/// depends on the role asks here. The rooms that may not include settings are given single answers
/// by app, such as ConnectSettings::sharesRecords.
/// Thread: any; a value.
class Topology
{
public:
    explicit Topology(const Settings &settings);

    /// Whether clients connect to this process: it has the connect and router listeners.
    [[nodiscard]] bool holdsClients() const { return m_holdsClients; }
    /// Whether senders push to this process: it has the endpoint listener.
    [[nodiscard]] bool takesPushes() const { return m_takesPushes; }
    [[nodiscard]] bool hasListener(ListenerName listener) const;

    /// Whether other processes may hold clients that are pushed to from here, or push to clients
    /// that are connected here.
    [[nodiscard]] bool hasOtherProcesses() const { return m_hasOtherProcesses; }
    /// Whether other processes read and write the same database. Then sort keys are assigned in
    /// transactions, and records may change without this process.
    [[nodiscard]] bool sharesStorage() const { return m_sharesStorage; }
    /// Whether other processes must sign what they ask of this one. Without a cluster secret,
    /// autopush's nodes, which do not sign, are accepted if the router listener is on loopback: on
    /// any other address a proxy of this machine would lend strangers its own.
    [[nodiscard]] bool requiresSignatures() const { return m_requiresSignatures; }

private:
    bool m_holdsClients;
    bool m_takesPushes;
    bool m_hasOtherProcesses;
    bool m_sharesStorage;
    bool m_requiresSignatures;
};

} // namespace Carillon
