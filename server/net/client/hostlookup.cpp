// SPDX-License-Identifier: MPL-2.0
#include "server/net/client/hostlookup.h"

#include <QHostInfo>

namespace Carillon {

void HostLookup::start(const QString &name, QObject *parent, Found found)
{
    // A slot by name: a functor Qt 6.4 leaks when the receiver goes first.
    QHostInfo::lookupHost(name, new HostLookup(parent, std::move(found)), SLOT(take(QHostInfo)));
}

void HostLookup::take(const QHostInfo &info)
{
    deleteLater();
    m_found(info.addresses());
}

} // namespace Carillon
