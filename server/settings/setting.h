// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/settings/settings.h"

#include <QString>
#include <QStringList>

#include <functional>
#include <span>
#include <vector>

namespace Carillon {

/// A value as someone wrote it, not yet understood.
struct RawValue
{
    /// One text, or those of a list that its source could tell apart (a TOML array).
    QStringList items;
    bool isList = false;
    /// Where it was written, for people: "carillon.toml:7", "CARILLON__CONNECT__PORT".
    QString where;
};

/// Why a value was refused, as two parts of a sentence: `"abc" is not a number`, `give 0 to 10`.
struct SettingFault
{
    QString fault;
    QString remedy;
};

enum class Exposure {
    Shown,
    ShownOrFile, ///< may be shown, may also come from a file (name + "_file")
    Secret, ///< never shown, not taken as a flag, may come from a file
};

/// One row of the table that feeds the parser, check-config, the sample file, the environment names
/// and docs/configuration.md.
struct Setting
{
    /// "section.key", or "key" at the top of the file.
    QString name;
    /// What it takes, for people: "port", "seconds", "a | b".
    QString takes;
    /// One or two sentences.
    QString description;
    Exposure exposure = Exposure::Shown;
    /// autopush's variables that mean it, alone or with others.
    QStringList autopush;
    /// Shown instead of the default where that depends on the machine.
    QString defaultText;

    std::function<Result<void, SettingFault>(Settings &, const RawValue &)> read;
    /// As a TOML value; of secrets only how many there are: "(2 secrets, hidden)".
    std::function<QString(const Settings &)> write;

    [[nodiscard]] QString section() const;
    [[nodiscard]] QString key() const;
    /// "CARILLON__CONNECT__PORT".
    [[nodiscard]] QString environmentName() const;
    /// "--connect-port".
    [[nodiscard]] QString flag() const;
    [[nodiscard]] bool takesFile() const { return exposure != Exposure::Shown; }
};

/// All rows, in the order in which people read them; those of a section stand together.
[[nodiscard]] std::span<const Setting> settingsTable();
/// The row of this name; null if there is none.
[[nodiscard]] const Setting *findSetting(const QString &name);
/// What every complaint about settings looks like: "name: fault; remedy (where)", the place left
/// out where it is the name.
[[nodiscard]] QString complaint(const QString &name, const SettingFault &fault,
                                const QString &where = {});

/// The candidate that is likely meant by a mistyped word; empty if none is near.
[[nodiscard]] QString nearestName(const QString &word, const QStringList &candidates);

} // namespace Carillon
