// SPDX-License-Identifier: MPL-2.0
#include "core/client/useragent.h"

#include <algorithm>

namespace Carillon {
namespace {

struct Family
{
    QByteArrayView sign;
    QByteArrayView name;
};

/// The digits and dots that follow the sign; at most so many as a version has.
QByteArrayView versionAfter(QByteArrayView field, qsizetype at)
{
    constexpr qsizetype MaxVersion = 16;
    const QByteArrayView rest = field.sliced(at);
    const auto *const end = std::find_if_not(
        rest.begin(), rest.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    return rest.first(std::min<qsizetype>(end - rest.begin(), MaxVersion));
}

} // namespace

UserAgent readUserAgent(QByteArrayView field)
{
    // Android's and iOS' fields also name the systems that they descend from.
    static constexpr Family Systems[] = {
        { "Android", "Android" }, { "iPhone", "iOS" },     { "iPad", "iOS" },
        { "Windows", "Windows" }, { "Mac OS X", "macOS" }, { "Linux", "Linux" },
    };
    static constexpr Family Browsers[] = { { "Firefox/", "Firefox" }, { "FxiOS/", "Firefox" } };
    UserAgent agent { "Other", "Other", {} };
    for (const Family &system : Systems) {
        if (field.contains(system.sign)) {
            agent.os = system.name;
            break;
        }
    }
    for (const Family &browser : Browsers) {
        const qsizetype at = field.indexOf(browser.sign);
        if (at < 0)
            continue;
        agent.browser = browser.name;
        agent.version = versionAfter(field, at + browser.sign.size());
        break;
    }
    return agent;
}

} // namespace Carillon
