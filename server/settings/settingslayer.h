// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/setting.h"

#include <QMap>

namespace Carillon {

/// What one source says: setting name → value.
using Layer = QMap<QString, RawValue>;

/// Collects what one source says and what is wrong with it: unknown names (with the nearest known
/// one), secrets given where they show, files that cannot be read.
class LayerBuilder
{
public:
    /// Takes a value for "section.key" or "section.key_file". spelled: the name as the source
    /// spells it, for messages; spell: how the source would spell another setting's name.
    using Spell = QString (*)(const QString &name);
    void add(const QString &name, const QString &spelled, RawValue value, Spell spell);
    void addProblem(const QString &problem) { m_problems << problem; }

    [[nodiscard]] const Layer &layer() const { return m_layer; }
    [[nodiscard]] const QStringList &problems() const { return m_problems; }

private:
    void addUnknown(const QString &name, const QString &spelled, const QString &where, Spell spell);

    Layer m_layer;
    QStringList m_problems;
};

/// The content of a file that holds a secret, without the spaces around it.
[[nodiscard]] Result<RawValue, QString> readValueFile(const QString &path, const QString &where);

/// Reads a TOML file with [section] tables as in docs/carillon.sample.toml.
void readTomlFile(const QString &path, LayerBuilder &builder);
/// Reads every CARILLON__ variable.
void readEnvironment(const QMap<QString, QString> &environment, LayerBuilder &builder);

/// One value of a TOML file: path of keys joined with '.', and where it stands.
struct TomlValue
{
    QString name;
    RawValue value;
};
/// All values of a TOML file, tables flattened; the error is a sentence with file and line.
[[nodiscard]] Result<std::vector<TomlValue>, QString> parseTomlFile(const QString &path);

} // namespace Carillon
