// SPDX-License-Identifier: MPL-2.0
#include "server/settings/setting.h"

#include <algorithm>
#include <numeric>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// How many letters must be inserted, removed or replaced to make one word of the other.
qsizetype distance(const QString &from, const QString &to)
{
    std::vector<qsizetype> row(static_cast<size_t>(to.size()) + 1);
    std::iota(row.begin(), row.end(), 0);
    for (qsizetype i = 0; i < from.size(); ++i) {
        qsizetype diagonal = row[0];
        row[0] = i + 1;
        for (qsizetype j = 0; j < to.size(); ++j) {
            const auto at = static_cast<size_t>(j) + 1;
            const qsizetype replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[at];
            row[at] = std::min({ replaced, row[at] + 1, row[at - 1] + 1 });
        }
    }
    return row.back();
}

} // namespace

QString Setting::section() const
{
    return name.contains(u'.') ? name.section(u'.', 0, 0) : QString();
}

QString Setting::key() const
{
    return name.section(u'.', -1);
}

QString Setting::environmentName() const
{
    return "CARILLON__"_L1 + QString(name).replace(u'.', "__"_L1).toUpper();
}

QString Setting::flag() const
{
    return "--"_L1 + QString(name).replace(u'.', u'-').replace(u'_', u'-');
}

const Setting *findSetting(const QString &name)
{
    const auto table = settingsTable();
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const Setting &setting) { return setting.name == name; });
    return found == table.end() ? nullptr : &*found;
}

QString complaint(const QString &name, const SettingFault &fault, const QString &where)
{
    const QString text = u"%1: %2; %3"_s.arg(name, fault.fault, fault.remedy);
    return where.isEmpty() || where == name ? text : text + u" (%1)"_s.arg(where);
}

QString nearestName(const QString &word, const QStringList &candidates)
{
    QString nearest;
    qsizetype best = std::max<qsizetype>(2, word.size() / 3) + 1;
    for (const QString &candidate : candidates) {
        const qsizetype far = distance(word, candidate);
        if (far < best) {
            best = far;
            nearest = candidate;
        }
    }
    // Short words are near to everything.
    return best < std::max<qsizetype>(word.size(), 1) ? nearest : QString();
}

} // namespace Carillon
