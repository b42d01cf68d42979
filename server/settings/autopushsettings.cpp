// SPDX-License-Identifier: MPL-2.0
#include "server/settings/autopushsettings.h"

#include "server/settings/settingkinds.h"

#include <QSysInfo>

#include <optional>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr QLatin1StringView ConnectPrefix = "AUTOCONNECT__"_L1;
constexpr QLatin1StringView EndPrefix = "AUTOEND__"_L1;
constexpr QLatin1StringView VariableFileSuffix = "_FILE"_L1;
const QString AutopushDefault = u"autopush's default"_s;
const QString MessageLimit = u"AUTOCONNECT__MSG_LIMIT"_s;

/// Settings of autopush that Carillon ignores. A '*' at the end matches any text.
const QStringList &withoutEffect()
{
    static const QStringList names {
        u"RESOLVE_HOSTNAME"_s,
        u"CLIENT_CHANNEL_CAPACITY"_s,
        u"ACTIX_*"_s,
        u"POOL_*"_s,
        u"DB_SETTINGS"_s,
        u"CONNECTION_TIMEOUT_MILLIS"_s,
        u"LOG_CHAN_SIZE"_s,
        u"REQUEST_TIMEOUT_MILLIS"_s,
        u"DISABLE_SENTRY"_s,
        u"KUBERNETES_MEMORY_PATH"_s,
        u"RELIABILITY_*"_s,
        u"MESSAGE_TABLE_NAME"_s,
        u"ROUTER_TABLE_NAME"_s,
        u"MEGAPHONE_API_TOKEN"_s,
        u"FCM__*"_s,
        u"FCM"_s,
        u"APNS__*"_s,
        u"APNS"_s,
        u"STUB__*"_s,
        u"STUB"_s,
    };
    return names;
}

bool isWithoutEffect(const QString &key)
{
    for (const QString &name : withoutEffect()) {
        if (name.endsWith(u'*') ? key.startsWith(QStringView(name).chopped(1)) : key == name)
            return true;
    }
    return false;
}

/// The setting that has this variable among its autopush names.
const Setting *settingOf(const QString &variable)
{
    for (const Setting &setting : settingsTable()) {
        if (setting.autopush.contains(variable))
            return &setting;
    }
    return nullptr;
}

using Variables = QMap<QString, RawValue>;

/// Which daemon of autopush a file belongs to: the one that has a key of the file to itself.
QLatin1StringView prefixOfFile(const std::vector<TomlValue> &values, Role role)
{
    if (role != Role::All)
        return role == Role::Connect ? ConnectPrefix : EndPrefix;
    for (const TomlValue &value : values) {
        const QString key = value.name.toUpper();
        const bool connect = settingOf(ConnectPrefix + key) != nullptr;
        const bool end = settingOf(EndPrefix + key) != nullptr;
        if (connect != end)
            return connect ? ConnectPrefix : EndPrefix;
    }
    return {};
}

class Translation
{
public:
    Translation(Role role, const Layer &configured) : m_role(role), m_configured(configured) { }

    void readFile(const QString &path)
    {
        const auto values = parseTomlFile(path);
        if (!values) {
            m_result.problems << values.error();
            return;
        }
        const QLatin1StringView prefix = prefixOfFile(*values, m_role);
        if (prefix.isEmpty()) {
            m_result.problems << complaint(path,
                                           { u"it may belong to autoconnect or to autoendpoint"_s,
                                             u"give --role connect or --role endpoint"_s });
            return;
        }
        for (const TomlValue &value : *values) {
            const QString key = QString(value.name).replace(u'.', "__"_L1).toUpper();
            take(prefix + key, value.value);
        }
    }

    void readVariables(const QMap<QString, QString> &environment)
    {
        for (const auto &[name, text] : environment.asKeyValueRange()) {
            const QString variable = name.toUpper();
            if (variable.startsWith(ConnectPrefix) || variable.startsWith(EndPrefix))
                take(variable, RawValue { { text }, false, name });
        }
    }

    [[nodiscard]] AutopushLayer run()
    {
        if (m_variables.isEmpty() || (!m_connectSeen && !m_endSeen))
            return m_result;
        readCombined();
        for (const auto &[variable, value] : m_variables.asKeyValueRange())
            readOne(variable, value);
        addDefaults();
        warn();
        return m_result;
    }

private:
    void take(const QString &variable, const RawValue &value)
    {
        const bool isConnect = variable.startsWith(ConnectPrefix);
        const bool isOthers = m_role == (isConnect ? Role::Endpoint : Role::Connect);
        // The limit applies where pushes are stored, which is the endpoint's process here.
        if (isOthers && variable != MessageLimit)
            return;
        if (!isOthers)
            (isConnect ? m_connectSeen : m_endSeen) = true;
        // An empty text unsets, except where that would silently drop a key.
        const Setting *setting = settingOf(variable);
        const bool isSecret = setting && setting->exposure == Exposure::Secret;
        if (!isSecret && !value.isList && value.items.value(0).trimmed().isEmpty())
            m_variables.remove(variable);
        else
            m_variables.insert(variable, value);
    }

    /// Settings for which several variables are read together.
    void readCombined()
    {
        readEndpointUrl();
        readNodeName();
        for (const QLatin1StringView prefix : { ConnectPrefix, EndPrefix }) {
            if (auto human = takeOut(prefix + "HUMAN_LOGS"_L1)) {
                const auto isHuman = SettingKinds::Boolean {}.read(*human);
                if (!isHuman)
                    m_result.problems << complaint(human->where, isHuman.error());
                else
                    put(u"log.format"_s, *isHuman ? u"text"_s : u"json"_s, human->where);
            }
        }
        if (m_variables.contains(MessageLimit))
            put(u"storage.on_full"_s, u"reset"_s, m_variables.value(MessageLimit).where);
    }

    std::optional<RawValue> takeOut(const QString &variable)
    {
        if (!m_variables.contains(variable))
            return std::nullopt;
        return m_variables.take(variable);
    }

    [[nodiscard]] QString text(const QString &variable, const QString &fallback) const
    {
        return m_variables.contains(variable) ? m_variables.value(variable).items.value(0).trimmed()
                                              : fallback;
    }

    /// autopush has two sources of the public URL, one for each daemon.
    void readEndpointUrl()
    {
        const QString scheme = ConnectPrefix + "ENDPOINT_SCHEME"_L1;
        const QString name = ConnectPrefix + "ENDPOINT_HOSTNAME"_L1;
        const QString port = ConnectPrefix + "ENDPOINT_PORT"_L1;
        QString fromConnect;
        if (m_variables.contains(scheme) || m_variables.contains(name)
            || m_variables.contains(port)) {
            fromConnect = originText(text(scheme, u"http"_s), text(name, u"localhost"_s),
                                     text(port, u"8082"_s), port);
        }
        const QString fromEnd = endUrl();
        for (const QString &part :
             { scheme, name, port, EndPrefix + "SCHEME"_L1, EndPrefix + "ENDPOINT_URL"_L1 })
            m_variables.remove(part);

        if (m_configured.contains(u"endpoint.url"_s))
            return;
        if (!fromConnect.isEmpty() && !fromEnd.isEmpty() && fromConnect != fromEnd) {
            m_result.problems << complaint(
                u"endpoint.url"_s,
                { u"AUTOCONNECT__ENDPOINT_* give %1, AUTOEND__ENDPOINT_URL (or scheme, host, "
                  "port) gives %2"_s.arg(fromConnect, fromEnd),
                  u"make them equal, or set CARILLON__ENDPOINT__URL"_s });
            return;
        }
        const bool isConnect = !fromConnect.isEmpty();
        if (const QString url = isConnect ? fromConnect : fromEnd; !url.isEmpty())
            put(u"endpoint.url"_s, url,
                isConnect ? u"AUTOCONNECT__ENDPOINT_*"_s : u"AUTOEND__ENDPOINT_URL"_s);
    }

    QString endUrl()
    {
        const QString url = EndPrefix + "ENDPOINT_URL"_L1;
        const QString scheme = EndPrefix + "SCHEME"_L1;
        const QString host = EndPrefix + "HOST"_L1;
        const QString port = EndPrefix + "PORT"_L1;
        if (m_variables.contains(url)) {
            const auto origin = SettingKinds::Origin {}.read(m_variables.value(url));
            if (!origin)
                m_result.problems << complaint(m_variables.value(url).where, origin.error());
            return origin ? QString::fromLatin1(*origin) : QString();
        }
        if (!m_variables.contains(scheme) && !m_variables.contains(host)
            && !m_variables.contains(port))
            return {};
        // A wildcard address is where it listens, not how senders reach it.
        const QString name = text(host, u"127.0.0.1"_s);
        if (name == "0.0.0.0"_L1 || name == "::"_L1)
            return {};
        return originText(text(scheme, u"http"_s), name, text(port, u"8000"_s), port);
    }

    QString originText(const QString &scheme, const QString &host, const QString &port,
                       const QString &portVariable)
    {
        const auto number =
            SettingKinds::Integer<int> { { 1, 65'535 } }.read(RawValue { { port }, false, {} });
        if (!number) {
            m_result.problems << complaint(portVariable, number.error());
            return {};
        }
        const QString where = portVariable.startsWith(ConnectPrefix)
            ? u"AUTOCONNECT__ENDPOINT_*"_s
            : u"AUTOEND__SCHEME, HOST, PORT"_s;
        const RawValue raw { { QString::fromLatin1(httpOrigin(scheme, host, *number)) },
                             false,
                             where };
        const auto origin = SettingKinds::Origin {}.read(raw);
        if (!origin)
            m_result.problems << complaint(where, origin.error());
        return origin ? QString::fromLatin1(*origin) : QString();
    }

    /// The name of this machine for other nodes.
    void readNodeName()
    {
        const auto hostname = takeOut(ConnectPrefix + "HOSTNAME"_L1);
        const auto routerHostname = takeOut(ConnectPrefix + "ROUTER_HOSTNAME"_L1);
        const auto &given = routerHostname ? routerHostname : hostname;
        if (!given && !listensEverywhere(u"router.host"_s))
            return;
        const RawValue name =
            given.value_or(RawValue { { QSysInfo::machineHostName() }, false, AutopushDefault });
        const QString host = name.items.value(0).trimmed();
        const QString port = m_configured.contains(u"router.port"_s)
            ? m_configured.value(u"router.port"_s).items.value(0)
            : text(ConnectPrefix + "ROUTER_PORT"_L1, u"8081"_s);
        put(u"router.url"_s, originText(u"http"_s, host, port, ConnectPrefix + "ROUTER_PORT"_L1),
            name.where);
    }

    /// Whether this listener is on all addresses because nothing said where, as autoconnect's are.
    [[nodiscard]] bool listensEverywhere(const QString &host) const
    {
        const auto dev = SettingKinds::Boolean {}.read(m_configured.value(u"dev"_s));
        return m_connectSeen && !m_configured.contains(host) && !(dev && *dev);
    }

    void readOne(const QString &variable, const RawValue &value)
    {
        if (const Setting *setting = settingOf(variable)) {
            putShared(setting->name, value);
            return;
        }
        const Setting *inFile = variable.endsWith(VariableFileSuffix)
            ? settingOf(variable.chopped(VariableFileSuffix.size()))
            : nullptr;
        if (inFile && inFile->takesFile()) {
            const auto content = readValueFile(value.items.value(0), value.where);
            if (content)
                putShared(inFile->name, *content);
            else
                m_result.problems << complaint(
                    variable, { content.error(), u"correct the path or the file's mode"_s });
            return;
        }
        const QString key = variable.section("__"_L1, 1);
        (isWithoutEffect(key) ? m_withoutEffect : m_unknown) << value.where;
    }

    /// What both daemons have must agree where both are one process.
    void putShared(const QString &name, const RawValue &value)
    {
        const auto earlier = m_result.layer.constFind(name);
        const bool differs = earlier != m_result.layer.cend()
            && SettingKinds::listItems(*earlier) != SettingKinds::listItems(value);
        if (differs && !m_configured.contains(name)) {
            m_result.problems << complaint(
                name,
                { u"%1 and %2 differ"_s.arg(earlier->where, value.where),
                  u"make them equal, or set "_s + findSetting(name)->environmentName() });
            return;
        }
        m_result.layer.insert(name, value);
    }

    void put(const QString &name, const QString &text, const QString &where)
    {
        if (!text.isEmpty())
            m_result.layer.insert(name, RawValue { { text }, false, where });
    }

    void addDefaults()
    {
        if (m_endSeen && !m_result.layer.contains(u"endpoint.port"_s))
            put(u"endpoint.port"_s, u"8000"_s, AutopushDefault);
        for (const QString &host : { u"connect.host"_s, u"router.host"_s }) {
            if (listensEverywhere(host))
                put(host, u"0.0.0.0"_s, AutopushDefault);
        }
        const QString dsn = u"storage.dsn"_s;
        if (!m_result.layer.contains(dsn) && !m_configured.contains(dsn)) {
            const QLatin1StringView prefix = m_connectSeen ? ConnectPrefix : EndPrefix;
            m_result.problems << complaint(
                prefix + "DB_DSN"_L1,
                { u"it is not set, and Carillon does not support autopush's default database"_s,
                  u"set it or CARILLON__STORAGE__DSN to sqlite:PATH, or to memory: for no "
                  "permanent storage"_s });
        }
    }

    void warn()
    {
        if (!m_withoutEffect.isEmpty() || !m_unknown.isEmpty()) {
            QStringList parts;
            if (!m_withoutEffect.isEmpty())
                parts << u"without effect here: "_s + m_withoutEffect.join(u", "_s);
            if (!m_unknown.isEmpty())
                parts << u"unknown: "_s + m_unknown.join(u", "_s);
            m_result.warnings << u"ignored settings of autopush: "_s + parts.join(u"; "_s);
        }
    }

    Role m_role;
    const Layer &m_configured;
    Variables m_variables;
    bool m_connectSeen = false;
    bool m_endSeen = false;
    QStringList m_withoutEffect;
    QStringList m_unknown;
    AutopushLayer m_result;
};

} // namespace

AutopushLayer readAutopush(const QMap<QString, QString> &environment, const QStringList &files,
                           Role role, const Layer &configured)
{
    Translation translation(role, configured);
    for (const QString &path : files)
        translation.readFile(path);
    translation.readVariables(environment);
    return translation.run();
}

} // namespace Carillon
