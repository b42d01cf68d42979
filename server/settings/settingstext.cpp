// SPDX-License-Identifier: MPL-2.0
#include "server/settings/settingstext.h"

#include <QJsonObject>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Calls `section` at the first row of each section and `row` for every row.
template<typename Section, typename Row> void forEachRow(Section section, Row row)
{
    QString current;
    for (const Setting &setting : settingsTable()) {
        if (setting.section() != current) {
            current = setting.section();
            section(current);
        }
        row(setting);
    }
}

QString defaultOf(const Setting &setting)
{
    static const Settings defaults;
    return setting.write(defaults);
}

QString unescaped(QString takes)
{
    return takes.replace("\\|"_L1, "|"_L1);
}

QString wrapped(const QString &text, const QString &prefix, qsizetype width)
{
    QString lines;
    QString line = prefix;
    for (const QString &word : text.split(u' ')) {
        if (line.size() > prefix.size() && line.size() + word.size() >= width) {
            lines += line + u'\n';
            line = prefix;
        }
        line += (line.size() > prefix.size() ? u" "_s : QString()) + word;
    }
    return lines + line + u'\n';
}

QString exampleValue(const Setting &setting)
{
    if (setting.exposure == Exposure::Secret)
        return setting.takes.startsWith("list"_L1) ? u"[\"…\"]"_s : u"\"…\""_s;
    if (setting.name == "storage.dsn"_L1)
        return u"\"sqlite:/var/lib/carillon/carillon.db\""_s;
    if (setting.name == "state.dir"_L1)
        return u"\"/var/lib/carillon\""_s;
    if (setting.name == "endpoint.url"_L1)
        return u"\"https://push.example.com\""_s;
    if (setting.name == "tls.certificate"_L1)
        return u"\"/etc/letsencrypt/live/push.example.com/fullchain.pem\""_s;
    if (setting.name == "tls.key"_L1)
        return u"\"/etc/letsencrypt/live/push.example.com/privkey.pem\""_s;
    if (setting.name == "router.url"_L1)
        return u"\"http://node1.example.com:8081\""_s;
    return defaultOf(setting);
}

const QString PageHead = uR"(# Configuration

`carillon serve` works without configuration: it listens on loopback only, creates its keys and its database in the state
directory, and prints where they are.

Each setting has a name, `section.key`, and can be set in four places. Later ones take precedence:

1. autopush's variables `AUTOCONNECT__*` and `AUTOEND__*`, or its files, given by `--autopush-config`
2. TOML files, given by `--config`, in their order: `[connect]` and `port = 8080`
3. environment variables: `CARILLON__CONNECT__PORT=8080`
4. flags: `--connect-port 8080`, or `--set connect.port=8080`

`carillon check-config` with the same files, variables and flags prints the settings in force and where each comes from,
or what is wrong. `carillon check-config --sample` prints a file with all settings
([carillon.sample.toml](carillon.sample.toml)). Unknown names are errors. So is a variable that lacks an underscore
(`CARILLON_CONNECT_PORT`).

A duration is a number in the unit given below, or a number with `ms`, `s`, `m`, `h` or `d` (`"1.5s"`). A size is a
number of bytes, or a number with `KiB`, `MiB` or `GiB`. A list is a TOML array. In variables, flags and files named by
`_file` settings it is written `[a,b]`; the brackets, quotes and spaces are optional.

Secrets (marked 🔒) cannot be given as flags, because other users can see the command line. Secrets and `storage.dsn` can
be read from a file: add `_file` to the key (`crypto_keys_file = "/run/secrets/crypto"`), `_FILE` to the variable, or
`-file` to the flag. Secrets are never printed.

## Public addresses

A listener on an address other than loopback requires keys that you made. Run `carillon keygen --out keys.toml`, then
`carillon serve --config keys.toml --config carillon.toml`. With `transport = "qt"` it also requires
`allow_insecure_transport = true`. Behind a reverse proxy, listen on loopback, set `endpoint.url` to the public URL, and
name the proxy in `trusted_proxies` ([limits.md](limits.md)).
)"_s;

const QString PageTail = uR"(
## Settings of autopush

The variables of autoconnect and autoendpoint named above keep their meaning and format. Role `connect` reads only
`AUTOCONNECT__*`, and role `endpoint` only `AUTOEND__*`. In role `all`, settings that both define must be equal. Names are
not case-sensitive. The differences are:

- If any `AUTOCONNECT__*` variable is set, the default of `connect.host` and `router.host` is 0.0.0.0, as in autoconnect.
  With `dev` it is still 127.0.0.1.
- `DB_DSN` is required, and must be `sqlite:PATH` or `memory:`.
- `AUTOCONNECT__MSG_LIMIT` sets `storage.max_messages`, and sets `storage.on_full` to `reset`. Role `endpoint` reads it
  too, because otherwise it would refuse pushes: set it for both processes.
- `HUMAN_LOGS` sets `log.format` to `text`, or to `json` if it is false.
- The public URL is made from `AUTOCONNECT__ENDPOINT_*`, or is `AUTOEND__ENDPOINT_URL`, or else is made from
  `AUTOEND__SCHEME`, `HOST` and `PORT`.
- The node's name is `AUTOCONNECT__ROUTER_HOSTNAME`, or else `HOSTNAME`, or else the name of the machine.
- Metrics are sent to StatsD only if `STATSD_HOST` is set; autoconnect's default is `localhost`. The labels of the two
  daemons may differ in role `all` ([metrics.md](metrics.md)).
- Settings without effect here, and settings that autopush does not know, are ignored with one warning.

`--autopush-config FILE` reads a configuration file of autopush (flat keys). In role `all`, the keys of a file show which
of the two daemons it belongs to, and one file of each can be given.
)"_s;

} // namespace

QString sampleConfiguration()
{
    QString text =
        u"# All settings of Carillon with their defaults. docs/configuration.md describes "
        "them.\n# `carillon check-config --config FILE` checks a file.\n"_s;
    forEachRow([&](const QString &section) { text += u"\n[%1]\n"_s.arg(section); },
               [&](const Setting &setting) {
                   text += u'\n' + wrapped(setting.description, u"# "_s, 90);
                   const QString fallback = setting.defaultText;
                   text += "# Takes: "_L1 + unescaped(setting.takes)
                       + (fallback.isEmpty() ? QString() : ". Default: "_L1 + fallback) + u'\n';
                   text += u"# %1 = %2\n"_s.arg(setting.key(), exampleValue(setting));
               });
    return text;
}

QString configurationPage()
{
    QString text = PageHead;
    const QString tableHead = u"\n| setting | takes | default | autopush |\n|---|---|---|---|\n"_s;
    text += u"\n## General\n"_s + tableHead;
    forEachRow([&](const QString &section) { text += u"\n## [%1]\n"_s.arg(section) + tableHead; },
               [&](const Setting &setting) {
                   const QString fallback = setting.defaultText.isEmpty()
                       ? u"`%1`"_s.arg(defaultOf(setting))
                       : setting.defaultText;
                   const QString lock = setting.exposure == Exposure::Secret ? u" 🔒"_s : QString();
                   QStringList variables;
                   for (const QString &variable : setting.autopush)
                       variables << u"`%1`"_s.arg(variable);
                   text += u"| `%1`%2<br>%3 | %4 | %5 | %6 |\n"_s.arg(
                       setting.key(), lock, QString(setting.description).replace(u'|', "\\|"_L1),
                       setting.takes, fallback, variables.join(u' '));
               });
    return text + PageTail;
}

QJsonArray listingJson(const LoadedSettings &loaded)
{
    QJsonArray items;
    for (const Setting &setting : settingsTable()) {
        const QString origin = loaded.origins.value(setting.name);
        items.append(QJsonObject { { u"name"_s, setting.name },
                                   { u"value"_s, setting.write(loaded.settings) },
                                   { u"origin"_s, origin },
                                   { u"default"_s, origin == u"default"_s },
                                   { u"secret"_s, setting.exposure == Exposure::Secret },
                                   { u"description"_s, setting.description } });
    }
    return items;
}

QString listing(const LoadedSettings &loaded)
{
    QString text;
    forEachRow(
        [&](const QString &section) { text += u"\n[%1]\n"_s.arg(section); },
        [&](const Setting &setting) {
            const QString value = setting.write(loaded.settings);
            // A hidden value is not valid TOML, so its line is a comment.
            const QString line =
                (value.startsWith(u'(') ? u"# %1 = %2"_s : u"%1 = %2"_s).arg(setting.key(), value);
            text += line.leftJustified(46) + u" # "_s + loaded.origins.value(setting.name) + u'\n';
        });
    return text.trimmed();
}

} // namespace Carillon
