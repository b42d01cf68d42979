// SPDX-License-Identifier: MPL-2.0
#include "server/net/client/namelookup.h"

#include <QHostInfo>

namespace Carillon {

void NameLookUp::start(const QString &name, QObject *parent, Found found)
{
    // A slot by name: a functor Qt 6.4 leaks when the receiver goes first.
    QHostInfo::lookupHost(name, new NameLookUp(parent, std::move(found)), SLOT(take(QHostInfo)));
}

void NameLookUp::take(const QHostInfo &info)
{
    deleteLater();
    m_found(info.addresses());
}

} // namespace Carillon
