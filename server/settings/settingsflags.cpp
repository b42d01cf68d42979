// SPDX-License-Identifier: MPL-2.0
#include "server/settings/settingsloader.h"

#include <QProcessEnvironment>

#include <optional>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr QLatin1StringView FlagFileSuffix = "-file"_L1;

QString spellFlag(const QString &name)
{
    return "--"_L1 + QString(name).replace(u'.', u'-').replace(u'_', u'-');
}

/// "section.key" or "section.key_file" for a flag; empty if there is no such setting.
QString settingName(const QString &flag)
{
    if (flag == "--db"_L1)
        return u"storage.dsn"_s;
    for (const Setting &setting : settingsTable()) {
        if (setting.flag() == flag)
            return setting.name;
        if (setting.takesFile() && setting.flag() + FlagFileSuffix == flag)
            return setting.name + "_file"_L1;
    }
    return {};
}

/// Walks the arguments and sorts each to where it belongs.
class FlagReader
{
public:
    explicit FlagReader(QStringList arguments) : m_arguments(std::move(arguments)) { }

    void run()
    {
        while (!m_arguments.isEmpty()) {
            const QString argument = m_arguments.takeFirst();
            const QString flag = argument.section(u'=', 0, 0);
            m_inlineValue.reset();
            if (argument.contains(u'='))
                m_inlineValue = argument.section(u'=', 1);
            if (argument.startsWith("--"_L1))
                read(flag, argument);
            else
                m_rest << argument;
        }
    }

    [[nodiscard]] const QStringList &rest() const { return m_rest; }
    [[nodiscard]] QStringList problems() const { return m_problems + m_builder.problems(); }
    [[nodiscard]] SettingsSource source() const
    {
        return { {}, m_configFiles, m_autopushFiles, m_builder.layer() };
    }

private:
    void read(const QString &flag, const QString &argument)
    {
        if (flag == "--config"_L1) {
            m_configFiles += takeValue(flag);
        } else if (flag == "--autopush-config"_L1) {
            m_autopushFiles += takeValue(flag);
        } else if (flag == "--set"_L1) {
            for (const QString &assignment : takeValue(flag)) {
                const QString name = assignment.section(u'=', 0, 0).trimmed();
                add(name, u"--set "_s + name, assignment.section(u'=', 1));
            }
        } else if (const QString name = settingName(flag); name.isEmpty()) {
            m_rest << argument;
        } else if (isSwitch(name) && !m_inlineValue) {
            add(name, flag, u"true"_s);
        } else {
            for (const QString &value : takeValue(flag))
                add(name, flag, value);
        }
    }

    static bool isSwitch(const QString &name)
    {
        const Setting *setting = findSetting(name);
        return setting && setting->takes.startsWith("true"_L1);
    }

    /// One value, or none where it is missing (which is then a problem).
    QStringList takeValue(const QString &flag)
    {
        if (m_inlineValue)
            return { *m_inlineValue };
        if (!m_arguments.isEmpty() && !m_arguments.first().startsWith("--"_L1))
            return { m_arguments.takeFirst() };
        m_problems << u"%1: the value is missing; write %1 VALUE"_s.arg(flag);
        return {};
    }

    void add(const QString &name, const QString &spelled, const QString &text)
    {
        const Setting *setting = findSetting(name);
        if (setting && setting->exposure == Exposure::Secret) {
            m_problems << u"%1: other users can see a secret on the command line; write it to a "
                          "file and use %2%3 FILE"_s.arg(spelled, setting->flag(), FlagFileSuffix);
            return;
        }
        m_builder.add(name, spelled, RawValue { { text }, false, spelled }, spellFlag);
    }

    QStringList m_arguments;
    QStringList m_rest;
    QStringList m_problems;
    std::optional<QString> m_inlineValue;
    QStringList m_configFiles;
    QStringList m_autopushFiles;
    LayerBuilder m_builder;
};

} // namespace

Result<SettingsSource, QStringList> takeSettingFlags(QStringList &arguments)
{
    FlagReader reader(arguments);
    reader.run();
    arguments = reader.rest();
    if (const QStringList problems = reader.problems(); !problems.isEmpty())
        return Unexpected(problems);
    return reader.source();
}

QMap<QString, QString> processEnvironment()
{
    const QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    QMap<QString, QString> variables;
    for (const QString &name : environment.keys())
        variables.insert(name, environment.value(name));
    return variables;
}

} // namespace Carillon
