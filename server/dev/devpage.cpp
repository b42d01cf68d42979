// SPDX-License-Identifier: MPL-2.0
#include "server/dev/devpage.h"

#include <QFile>

// The macro needs to stand outside of namespaces.
static void initResources()
{
    Q_INIT_RESOURCE(devpage);
}

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

QByteArray resource(const QString &name)
{
    QFile file(":/devpage/"_L1 + name);
    const bool opened = file.open(QIODevice::ReadOnly);
    Q_ASSERT(opened);
    return file.readAll();
}

} // namespace

std::vector<FirefoxPreference> firefoxPreferences(const QUrl &webSocket)
{
    return {
        { u"dom.push.serverURL"_s, u'"' + webSocket.toString(QUrl::FullyEncoded) + u'"' },
        // ws:// is refused without it.
        { u"dom.push.testing.allowInsecureServerURL"_s, u"true"_s },
        // Automation turns the connection off.
        { u"dom.push.connection.enabled"_s, u"true"_s },
        // Pages may subscribe without asking.
        { u"dom.push.testing.ignorePermission"_s, u"true"_s },
        // Pushes without a visible notification use up a quota.
        { u"dom.push.maxQuotaPerSubscription"_s, u"10000"_s },
        // Loopback works without a network.
        { u"network.manage-offline-status"_s, u"false"_s },
    };
}

std::vector<DevFile> devFiles(const QUrl &webSocket)
{
    initResources();
    QByteArray preferences;
    for (const auto &[name, value] : firefoxPreferences(webSocket))
        preferences += (name + u" = "_s + value).toHtmlEscaped().toUtf8() + '\n';
    QByteArray page = resource(u"index.html"_s);
    page.replace("@PREFERENCES@", preferences.trimmed());
    return {
        { "/", "text/html; charset=utf-8", page },
        { "/dev.css", "text/css; charset=utf-8", resource(u"dev.css"_s) },
        { "/dev.js", "text/javascript; charset=utf-8", resource(u"dev.js"_s) },
        { "/sw.js", "text/javascript; charset=utf-8", resource(u"sw.js"_s) },
    };
}

} // namespace Carillon
