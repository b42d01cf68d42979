// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QHostAddress>
#include <QList>
#include <QObject>
#include <QString>

#include <functional>

class QHostInfo;

namespace Carillon {

/// Resolves a host name with the system's resolver, asynchronously.
/// Thread: that of its parent. If the parent is destroyed first, the lookup is dropped.
class HostLookup final : public QObject
{
    Q_OBJECT
public:
    /// Empty: the lookup failed or found none.
    using Found = std::function<void(const QList<QHostAddress> &addresses)>;

    /// Calls `found` once, later; the object then deletes itself.
    static void start(const QString &name, QObject *parent, Found found);

private Q_SLOTS:
    void take(const QHostInfo &info);

private:
    HostLookup(QObject *parent, Found found) : QObject(parent), m_found(std::move(found)) { }

    Found m_found;
};

} // namespace Carillon
