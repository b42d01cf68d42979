// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settingslayer.h"

namespace Carillon {

/// Everything outside the program that settings come from.
struct SettingsSource
{
    /// All variables; CARILLON__*, AUTOCONNECT__*, AUTOEND__* and those that name directories
    /// count.
    QMap<QString, QString> environment;
    /// TOML files; a later one overrides an earlier one.
    QStringList configFiles;
    /// autopush's own files (flat keys).
    QStringList autopushFiles;
    /// From the command line.
    Layer flags;
    /// Where sockets listen that were opened for us: stronger than all that is said.
    Layer sockets = {};
};

/// Settings that are complete and valid, and how they came to be.
struct LoadedSettings
{
    Settings settings;
    /// Sentences for the operator, in the order found.
    QStringList warnings;
    /// Where each setting comes from, by name: "default", "carillon.toml:7", "--role", ….
    QMap<QString, QString> origins;
};

/// Reads all sources, weakest first: defaults, autopush's files and variables, TOML files,
/// CARILLON__ variables, flags, sockets. The error holds every problem found, each a sentence with
/// the setting's name, what is wrong, how to correct it, and where it was written; no secrets.
/// Thread: any.
[[nodiscard]] Result<LoadedSettings, QStringList> loadSettings(const SettingsSource &source);

/// The variables of this process.
[[nodiscard]] QMap<QString, QString> processEnvironment();

/// Takes settings out of command line arguments: "--section-key VALUE" or "--section-key=VALUE",
/// "--set section.key=VALUE", --config FILE, --autopush-config FILE, --db DSN. Other arguments
/// stay. The error holds every problem found.
[[nodiscard]] Result<SettingsSource, QStringList> takeSettingFlags(QStringList &arguments);

} // namespace Carillon
