// SPDX-License-Identifier: MPL-2.0
#include "server/settings/reload.h"

#include "server/settings/setting.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

bool changesAtReload(const Setting &setting, const Settings &running)
{
    static const QStringList names { u"limits.connections"_s, u"limits.connections_per_address"_s,
                                     u"limits.accept_rate"_s };
    // Whether listeners use TLS is fixed at start; the certificate is not.
    static const QStringList certificates { u"tls.certificate"_s, u"tls.key"_s };
    if (certificates.contains(setting.name))
        return !running.tls.certificate.isEmpty();
    const QString section = setting.section();
    return section == "keys"_L1 || section == "log"_L1 || section == "rate_limits"_L1
        || names.contains(setting.name);
}

} // namespace

QStringList needRestart(const Settings &running, const Settings &wanted)
{
    QStringList names;
    for (const Setting &setting : settingsTable()) {
        const bool isTaken = changesAtReload(setting, running)
            && !(setting.name == "tls.certificate"_L1 && wanted.tls.certificate.isEmpty());
        if (!isTaken && setting.write(running) != setting.write(wanted))
            names << setting.name;
    }
    return names;
}

} // namespace Carillon
