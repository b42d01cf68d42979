// SPDX-License-Identifier: MPL-2.0
#include "server/settings/settingslayer.h"

#include <QFile>
#include <QRegularExpression>

#include <toml++/toml.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 LargestFile = 1 << 20;
constexpr QLatin1StringView KeyFileSuffix = "_file"_L1;

Result<QByteArray, QString> readWhole(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Unexpected(u"%1 cannot be read: %2"_s.arg(path, file.errorString()));
    QByteArray bytes = file.read(LargestFile + 1);
    if (bytes.size() > LargestFile)
        return Unexpected(u"%1 is larger than 1 MiB"_s.arg(path));
    return bytes;
}

QString scalarText(const toml::node &node)
{
    if (const auto *text = node.as_string())
        return QString::fromStdString(text->get());
    if (const auto *number = node.as_integer())
        return QString::number(number->get());
    if (const auto *number = node.as_floating_point())
        return QString::number(number->get(), 'g', 15);
    if (const auto *boolean = node.as_boolean())
        return boolean->get() ? u"true"_s : u"false"_s;
    return {};
}

RawValue rawValue(const toml::node &node, const QString &where)
{
    RawValue raw { {}, node.is_array(), where };
    if (const auto *array = node.as_array()) {
        for (const toml::node &item : *array)
            raw.items << scalarText(item);
    } else {
        raw.items << scalarText(node);
    }
    return raw;
}

void flatten(const toml::table &table, const QString &path, const QString &prefix,
             std::vector<TomlValue> &values)
{
    for (const auto &[key, node] : table) {
        const std::string_view bare = key.str();
        const QString name =
            prefix + QString::fromUtf8(bare.data(), static_cast<qsizetype>(bare.size()));
        const QString where = u"%1:%2"_s.arg(path).arg(key.source().begin.line);
        if (const auto *inner = node.as_table())
            flatten(*inner, path, name + u'.', values);
        else
            values.push_back({ name, rawValue(node, where) });
    }
}

QString spellToml(const QString &name)
{
    return name;
}

QString spellVariable(const QString &name)
{
    return "CARILLON__"_L1 + QString(name).replace(u'.', "__"_L1).toUpper();
}

/// "CONNECT__MAX_CHANNELS" and "connect.max_channels" as "connect_max_channels".
QString levelled(QString name)
{
    static const QRegularExpression separators(u"[._]+"_s);
    return name.replace(separators, u"_"_s).toLower();
}

QStringList knownNames()
{
    QStringList names;
    for (const Setting &setting : settingsTable()) {
        names << setting.name;
        if (setting.takesFile())
            names << setting.name + KeyFileSuffix;
    }
    return names;
}

/// The setting that somebody meant by a variable which begins with CARILLON and a single
/// underscore; empty: it belongs to somebody else, as those do that Kubernetes sets for a service
/// of that name.
QString settingMeantBy(const QString &variable, const QString &text)
{
    constexpr QLatin1StringView Prefix = "CARILLON_"_L1;
    if (!variable.startsWith(Prefix) || text.startsWith("tcp://"_L1)
        || text.startsWith("udp://"_L1))
        return {};
    const QString word = levelled(variable.mid(Prefix.size()));
    QStringList candidates;
    for (const QString &name : knownNames()) {
        if (levelled(name) == word)
            return name;
        // A mistyped name is recognised by its section only.
        if (name.contains(u'.') && word.startsWith(levelled(name.section(u'.', 0, 0)) + u'_'))
            candidates << name;
    }
    QStringList words;
    for (const QString &name : candidates)
        words << levelled(name);
    const qsizetype near = words.indexOf(nearestName(word, words));
    return near < 0 ? QString() : candidates[near];
}

} // namespace

void LayerBuilder::add(const QString &name, const QString &spelled, RawValue value, Spell spell)
{
    const Setting *setting = findSetting(name);
    const bool isFile = !setting && name.endsWith(KeyFileSuffix);
    if (isFile)
        setting = findSetting(name.chopped(KeyFileSuffix.size()));
    if (!setting || (isFile && !setting->takesFile())) {
        addUnknown(name, spelled, value.where, spell);
        return;
    }
    if (m_layer.contains(setting->name)) {
        const QString other = m_layer.value(setting->name).where;
        m_problems << complaint(
            spelled, { u"set twice"_s, u"remove this one or that of "_s + other }, value.where);
        return;
    }
    if (isFile) {
        auto content = readValueFile(value.items.value(0), value.where);
        if (!content) {
            m_problems << complaint(spelled,
                                    { content.error(), u"correct the path or the file's mode"_s },
                                    value.where);
            return;
        }
        value = std::move(*content);
    }
    m_layer.insert(setting->name, value);
}

void LayerBuilder::addUnknown(const QString &name, const QString &spelled, const QString &where,
                              Spell spell)
{
    const QString near = nearestName(name, knownNames());
    const QString remedy = near.isEmpty()
        ? u"remove it; `carillon check-config --sample` shows all settings"_s
        : u"did you mean %1?"_s.arg(spell(near));
    m_problems << complaint(spelled, { u"there is no such setting"_s, remedy }, where);
}

Result<RawValue, QString> readValueFile(const QString &path, const QString &where)
{
    const auto bytes = readWhole(path);
    if (!bytes)
        return Unexpected(bytes.error());
    return RawValue { { QString::fromUtf8(*bytes).trimmed() },
                      false,
                      u"%1, named by %2"_s.arg(path, where) };
}

Result<std::vector<TomlValue>, QString> parseTomlFile(const QString &path)
{
    const auto bytes = readWhole(path);
    if (!bytes)
        return Unexpected(bytes.error());
    // toml++ reports errors by exception; none leaves this function. Its text is not passed on,
    // because it may quote a secret.
    try {
        const toml::table table =
            toml::parse(std::string_view(bytes->constData(), static_cast<size_t>(bytes->size())));
        std::vector<TomlValue> values;
        flatten(table, path, {}, values);
        return values;
    } catch (const toml::parse_error &error) {
        return Unexpected(
            u"%1:%2:%3: this is not TOML; look for a missing quote, bracket or '='"_s.arg(path)
                .arg(error.source().begin.line)
                .arg(error.source().begin.column));
    }
}

void readTomlFile(const QString &path, LayerBuilder &builder)
{
    auto values = parseTomlFile(path);
    if (!values) {
        builder.addProblem(values.error());
        return;
    }
    for (TomlValue &entry : *values)
        builder.add(entry.name, entry.name, std::move(entry.value), spellToml);
}

void readEnvironment(const QMap<QString, QString> &environment, LayerBuilder &builder)
{
    constexpr QLatin1StringView Prefix = "CARILLON__"_L1;
    for (const auto &[variable, text] : environment.asKeyValueRange()) {
        if (!variable.startsWith(Prefix)) {
            if (const QString meant = settingMeantBy(variable, text); !meant.isEmpty())
                builder.addProblem(complaint(variable,
                                             { u"there is no such setting"_s,
                                               u"did you mean %1?"_s.arg(spellVariable(meant)) }));
            continue;
        }
        const QString name = variable.mid(Prefix.size()).toLower().replace("__"_L1, "."_L1);
        builder.add(name, variable, RawValue { { text }, false, variable }, spellVariable);
    }
}

} // namespace Carillon
