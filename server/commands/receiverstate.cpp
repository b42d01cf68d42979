// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/base64url.h"
#include "server/commands/pushreceiver.h"

#include <QFile>
#include <QJsonDocument>
#include <QSaveFile>

namespace Carillon {

using namespace Qt::StringLiterals;

ReceiverState ReceiverState::fresh(const QUrl &server, const QString &vapidKey)
{
    ReceiverState state;
    state.server = server;
    state.vapidKey = vapidKey;
    state.keys = ReceiverKeys::generate();
    return state;
}

Result<ReceiverState, QString> ReceiverState::load(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Unexpected(u"%1 cannot be read: %2"_s.arg(path, file.errorString()));
    const QJsonObject object = QJsonDocument::fromJson(file.readAll()).object();
    const auto text = [&](QLatin1StringView key) { return object.value(key).toString(); };
    const auto keys =
        ReceiverKeys::load(text("privateKey"_L1).toLatin1(), text("auth"_L1).toLatin1());
    ReceiverState state;
    state.server = QUrl(text("server"_L1));
    if (!keys || state.server.isEmpty())
        return Unexpected(
            u"%1 is not a state file of `carillon listen`; use another file"_s.arg(path));
    state.keys = *keys;
    state.uaid = text("uaid"_L1);
    state.channelId = text("channelID"_L1);
    state.endpoint = text("endpoint"_L1);
    state.vapidKey = text("vapidKey"_L1);
    return state;
}

Result<void, QString> ReceiverState::save(const QString &path) const
{
    const QJsonObject object {
        { u"server"_s, server.toString() },
        { u"uaid"_s, uaid },
        { u"channelID"_s, channelId },
        { u"endpoint"_s, endpoint },
        { u"vapidKey"_s, vapidKey },
        { u"privateKey"_s, QString::fromLatin1(toBase64Url(keys.privateKey)) },
        { u"auth"_s, QString::fromLatin1(toBase64Url(keys.authSecret)) },
    };
    QSaveFile file(path);
    const bool saved = file.open(QIODevice::WriteOnly)
        && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)
        && file.write(QJsonDocument(object).toJson()) > 0 && file.commit();
    if (!saved)
        return Unexpected(u"%1 cannot be written: %2"_s.arg(path, file.errorString()));
    return {};
}

Subscription ReceiverState::subscription() const
{
    return { QUrl(endpoint), keys.publicKey, keys.authSecret };
}

} // namespace Carillon
