// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QString>
#include <QUrl>

#include <utility>
#include <vector>

namespace Carillon {

/// A file that `serve --dev` answers GET with, on the endpoint listener.
struct DevFile
{
    QByteArray path;
    QByteArray contentType;
    QByteArray bytes;
};

/// The page that subscribes a browser and sends it pushes: "/", "/dev.js", "/sw.js", "/dev.css".
/// webSocket: where clients connect, "ws://127.0.0.1:8080/". Thread: any.
[[nodiscard]] std::vector<DevFile> devFiles(const QUrl &webSocket);

/// One of Firefox's preferences; value as user.js writes it.
struct FirefoxPreference
{
    QString name;
    QString value;
};

/// What makes Firefox use this push server, from http:// pages of this machine too.
[[nodiscard]] std::vector<FirefoxPreference> firefoxPreferences(const QUrl &webSocket);

} // namespace Carillon
