// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QString>
#include <QUrl>

namespace Carillon {

/// What a browser gives to senders (PushSubscription.toJSON() of the Push API).
struct Subscription
{
    QUrl endpoint;
    /// The raw point and secret; empty: only pushes without a body can be sent.
    QByteArray p256dh;
    QByteArray auth;

    [[nodiscard]] bool canEncrypt() const { return !p256dh.isEmpty() && !auth.isEmpty(); }
    [[nodiscard]] QJsonObject toJson() const;
};

/// Reads a subscription's JSON, alone or as the member "subscription", or a bare endpoint URL. The
/// error is a sentence for the user.
[[nodiscard]] Result<Subscription, QString> parseSubscription(const QByteArray &text);

/// What a person gives as a subscription: JSON, an endpoint URL, a file that holds one of both (its
/// first line counts), or "-" for stdin. Waits for a file that `carillon listen` may be about to
/// write: seconds, while it is missing, empty or ends within the subscription.
[[nodiscard]] Result<Subscription, QString> readSubscription(const QString &argument);

} // namespace Carillon
