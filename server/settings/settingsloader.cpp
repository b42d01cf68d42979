// SPDX-License-Identifier: MPL-2.0
#include "server/settings/settingsloader.h"

#include "server/settings/autopushsettings.h"
#include "server/settings/settingschecks.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

void override(Layer &lower, const Layer &upper)
{
    for (const auto &[name, value] : upper.asKeyValueRange())
        lower.insert(name, value);
}

/// Applies one value; false and a problem where it is refused.
bool apply(const Setting &setting, const RawValue &value, LoadedSettings &loaded,
           QStringList &problems)
{
    const auto read = setting.read(loaded.settings, value);
    if (!read)
        problems << complaint(setting.name, read.error(), value.where);
    else
        loaded.origins.insert(setting.name, value.where);
    return read.has_value();
}

} // namespace

Result<LoadedSettings, QStringList> loadSettings(const SettingsSource &source)
{
    QStringList problems;
    Layer configured;
    for (const QString &path : source.configFiles) {
        LayerBuilder file;
        readTomlFile(path, file);
        problems += file.problems();
        override(configured, file.layer());
    }
    LayerBuilder variables;
    readEnvironment(source.environment, variables);
    problems += variables.problems();
    override(configured, variables.layer());
    override(configured, source.flags);
    override(configured, source.sockets);

    LoadedSettings loaded;
    for (const Setting &setting : settingsTable())
        loaded.origins.insert(setting.name, u"default"_s);

    // The role comes first, because it says which of autopush's variables count.
    const QString role = u"role"_s;
    if (configured.contains(role))
        apply(*findSetting(role), configured.take(role), loaded, problems);

    AutopushLayer autopush =
        readAutopush(source.environment, source.autopushFiles, loaded.settings.role, configured);
    problems += autopush.problems;
    loaded.warnings += autopush.warnings;
    Layer merged = std::move(autopush.layer);
    override(merged, configured);
    for (const auto &[name, value] : merged.asKeyValueRange())
        apply(*findSetting(name), value, loaded, problems);

    deriveSettings(loaded, source.environment);
    // Rules between settings mean little while single ones are wrong.
    if (problems.isEmpty())
        problems += checkSettings(loaded);
    if (!problems.isEmpty())
        return Unexpected(problems);
    loaded.warnings += doubtsOfSettings(loaded);
    return loaded;
}

} // namespace Carillon
