// SPDX-License-Identifier: MPL-2.0
#include "server/logging/loglevels.h"

#include "core/base/log.h"

#include <QLoggingCategory>
#include <QStringList>

#include <algorithm>
#include <utility>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

const QString Every = u"carillon.*"_s;

LogLevel levelOf(const QLoggingCategory &category)
{
    if (category.isDebugEnabled())
        return LogLevel::Debug;
    if (category.isInfoEnabled())
        return LogLevel::Info;
    return category.isWarningEnabled() ? LogLevel::Warning : LogLevel::Error;
}

} // namespace

void LogLevels::apply(const LogOptions &options)
{
    const MutexLock lock(m_mutex);
    m_options = options;
    m_changes.clear();
    install();
}

bool LogLevels::set(QByteArrayView category, LogLevel level)
{
    const QString name = QString::fromUtf8(category);
    if (name != Every && !logCategories().contains(name))
        return false;
    const MutexLock lock(m_mutex);
    // A later rule wins, and one for all makes the earlier ones void: the list stays short.
    std::erase_if(m_changes,
                  [&](const LogRule &rule) { return name == Every || rule.category == name; });
    m_changes.push_back({ name, level });
    install();
    return true;
}

void LogLevels::reset()
{
    const MutexLock lock(m_mutex);
    m_changes.clear();
    install();
}

std::vector<LogLevels::Category> LogLevels::all() const
{
    const MutexLock lock(m_mutex);
    std::vector<Category> categories;
    for (const QLoggingCategory *const category : allLogCategories()) {
        const QString name = QString::fromLatin1(category->categoryName());
        const bool isChanged = std::ranges::any_of(m_changes, [&](const LogRule &rule) {
            return rule.category == Every || rule.category == name;
        });
        categories.push_back({ name.toLatin1(), levelOf(*category), isChanged });
    }
    return categories;
}

void LogLevels::install()
{
    QLoggingCategory::setFilterRules(filterRules(m_options, m_changes));
}

QString filterRules(const LogOptions &options, const std::vector<LogRule> &changes)
{
    static constexpr std::pair<QLatin1StringView, LogLevel> Types[] = {
        { "debug"_L1, LogLevel::Debug },
        { "info"_L1, LogLevel::Info },
        { "warning"_L1, LogLevel::Warning },
        { "critical"_L1, LogLevel::Error },
    };
    QStringList rules;
    const auto add = [&](const QString &category, LogLevel least) {
        for (const auto &[type, level] : Types)
            rules << category + u'.' + type + (level >= least ? "=true"_L1 : "=false"_L1);
    };
    // Qt's own categories at debug would drown ours.
    add(u"*"_s, std::max(options.level, LogLevel::Warning));
    add(Every, options.level);
    add(QString::fromLatin1(lcRequests().categoryName()),
        options.requests ? std::min(options.level, LogLevel::Info) : LogLevel::Warning);
    for (const LogRule &rule : options.rules)
        add(rule.category, rule.level);
    for (const LogRule &rule : changes)
        add(rule.category, rule.level);
    return rules.join(u'\n');
}

} // namespace Carillon
