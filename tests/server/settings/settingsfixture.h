// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settingsloader.h"

#include <QFile>
#include <QTemporaryDir>

namespace Carillon::Testing {

/// A Fernet key that no server uses, and another one.
inline const QString SomeKey = QStringLiteral("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
inline const QString OtherKey = QStringLiteral("Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=");

/// Sources of settings on paper: nothing of this machine's environment is among them.
class Sources
{
public:
    Sources() { m_source.environment.insert(QStringLiteral("HOME"), QStringLiteral("/home/me")); }

    Sources &variable(const QString &name, const QString &value)
    {
        m_source.environment.insert(name, value);
        return *this;
    }
    Sources &toml(const QString &text)
    {
        m_source.configFiles << write(QStringLiteral("carillon%1.toml").arg(m_files++), text);
        return *this;
    }
    Sources &autopushFile(const QString &text)
    {
        m_source.autopushFiles << write(QStringLiteral("autopush%1.toml").arg(m_files++), text);
        return *this;
    }
    Sources &flags(QStringList arguments)
    {
        auto taken = takeSettingFlags(arguments);
        if (!taken) {
            m_problems += taken.error();
            return *this;
        }
        m_source.flags = taken->flags;
        m_source.configFiles += taken->configFiles;
        m_source.autopushFiles += taken->autopushFiles;
        return *this;
    }

    /// A file for the settings to name.
    QString write(const QString &name, const QString &text)
    {
        QFile file(path(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text.toUtf8()) < 0)
            qFatal("the test's directory is not writable");
        return file.fileName();
    }
    [[nodiscard]] QString path(const QString &name) const { return m_directory.filePath(name); }

    [[nodiscard]] Result<LoadedSettings, QStringList> load() const
    {
        if (!m_problems.isEmpty())
            return Unexpected(m_problems);
        return loadSettings(m_source);
    }
    /// The settings; the defaults, and a message, where they were refused.
    [[nodiscard]] LoadedSettings loaded() const
    {
        const auto result = load();
        if (result)
            return *result;
        qWarning("refused: %s", qUtf8Printable(result.error().join(QLatin1Char('\n'))));
        return {};
    }
    /// What is wrong, without the test's directory; empty: nothing.
    [[nodiscard]] QStringList problems() const
    {
        const auto result = load();
        if (result)
            return {};
        return QStringList(result.error()).replaceInStrings(m_directory.path() + u'/', QString());
    }

private:
    QTemporaryDir m_directory;
    SettingsSource m_source;
    QStringList m_problems;
    int m_files = 1;
};

} // namespace Carillon::Testing
