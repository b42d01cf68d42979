// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QHostAddress>
#include <QList>
#include <QObject>
#include <QString>

#include <functional>

class QHostInfo;

namespace Carillon {

/// Asks the system, which may take its time, what addresses a name has.
/// Thread: that of its parent, with which it goes, its question unanswered.
class HostLookup final : public QObject
{
    Q_OBJECT
public:
    /// Empty: none are known.
    using Found = std::function<void(const QList<QHostAddress> &addresses)>;

    /// Calls `found` later, once, and goes.
    static void start(const QString &name, QObject *parent, Found found);

private Q_SLOTS:
    void take(const QHostInfo &info);

private:
    HostLookup(QObject *parent, Found found) : QObject(parent), m_found(std::move(found)) { }

    Found m_found;
};

} // namespace Carillon
