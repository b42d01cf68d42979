// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/message/messageid.h"
#include "core/storage/storagebrowser.h"
#include "server/admin/adminapi.h"
#include "server/admin/problem.h"
#include "server/routing/clientsnapshot.h"

#include <QJsonArray>
#include <QJsonObject>

namespace Carillon {

/// Server time as the API writes and reads it: as the wall time of the same moment. Thread: any; a
/// value for one answer.
class ApiTime
{
public:
    explicit ApiTime(const Clock &clock);

    [[nodiscard]] Time now() const { return m_now; }
    [[nodiscard]] QString text(Time time) const;
    /// Precondition: AdminTypes::time() accepts it.
    [[nodiscard]] Time read(const QString &text) const;

private:
    Time m_now;
    std::chrono::microseconds m_wallAhead;
};

[[nodiscard]] QJsonValue textOrNull(const QByteArray &utf8);
[[nodiscard]] QString hexText(QByteArrayView bytes);

/// A client as lists have it. stored: what storage knows, absent: nothing is stored. live: its
/// connection to this process, absent: there is none. Precondition: one of them is there.
[[nodiscard]] QJsonObject clientJson(const ClientSummary *stored, const ClientSnapshot *live,
                                     const NodeId &self, const ApiTime &time);
[[nodiscard]] std::vector<AdminField> clientFields();

/// A stored message as lists have it.
[[nodiscard]] QJsonObject messageJson(const StoredMessage &stored, const MessageIds &ids,
                                      const ApiTime &time);
[[nodiscard]] std::vector<AdminField> messageFields();

/// Where a list of storage goes on, as a cursor of the API carries it. sort: the key's value that
/// the API's schema wants.
[[nodiscard]] QJsonArray pageKey(const QJsonValue &sort, const QByteArray &next);
/// The opposite; empty: it is no such key.
[[nodiscard]] QByteArray nextOf(const QJsonArray &key);

/// What an error of storage is for a caller of the API.
[[nodiscard]] Problem problemOf(ErrorCode why);

/// 32 hexadecimal digits, with dashes or without. Precondition: AdminTypes::uuid() accepts it.
[[nodiscard]] Uaid uaidOf(const QString &text);
[[nodiscard]] ChannelId channelOf(const QString &text);

} // namespace Carillon
