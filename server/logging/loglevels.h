// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "server/logging/logoptions.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <vector>

namespace Carillon {

/// The level of each log category: as the settings say, and as changed while the server runs. They
/// are those of Qt's categories, so that asking whether a line is wanted costs a load. One object
/// per process. Thread: any.
class LogLevels
{
public:
    struct Category
    {
        QByteArray name;
        LogLevel level;
        /// By set(), and not by the settings.
        bool isChanged;
    };

    /// Sets all levels as the settings say; what set() has changed is forgotten.
    void apply(const LogOptions &options);
    /// Changes the level of a category ("carillon.net") or of all of them ("carillon.*") until
    /// apply() or reset(). False: there is no such category.
    [[nodiscard]] bool set(QByteArrayView category, LogLevel level);
    /// Undoes all that set() has changed.
    void reset();
    /// Every category of the program.
    [[nodiscard]] std::vector<Category> all() const;

private:
    void install() CARILLON_REQUIRES(m_mutex);

    mutable Mutex m_mutex;
    LogOptions m_options CARILLON_GUARDED_BY(m_mutex);
    std::vector<LogRule> m_changes CARILLON_GUARDED_BY(m_mutex);
};

/// Rules for QLoggingCategory::setFilterRules() that let through what the settings say, and then
/// what `changes` say.
[[nodiscard]] QString filterRules(const LogOptions &options,
                                  const std::vector<LogRule> &changes = {});

} // namespace Carillon
