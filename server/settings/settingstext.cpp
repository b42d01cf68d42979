// SPDX-License-Identifier: MPL-2.0
#include "server/settings/settingstext.h"

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

`carillon serve` needs none: it listens on this machine only, makes its keys and its database in the
state directory, and says so. Everything else is said here.

A setting has one name, `section.key`, and four places to be set. A later one wins:

1. autopush's variables `AUTOCONNECT__*` and `AUTOEND__*`, or its files given by `--autopush-config`
2. TOML files given by `--config`, in their order: `[connect]` and `port = 8080`
3. variables: `CARILLON__CONNECT__PORT=8080`
4. flags: `--connect-port 8080`, or `--set connect.port=8080`

`carillon check-config` with the same files, variables and flags prints what is in force and where
each value came from, or what is wrong; `carillon check-config --sample` prints a file with all
settings ([carillon.sample.toml](carillon.sample.toml)). Unknown names are errors,
and so is a variable that lacks an underscore (`CARILLON_CONNECT_PORT`).

Durations take a number in the unit named below, or one with `ms`, `s`, `m`, `h` or `d` (`"1.5s"`).
Sizes take bytes, or a number with `KiB`, `MiB` or `GiB`. Lists are TOML arrays; in variables, flags and files
`[a,b]`, with or without brackets, quotes and spaces.

Secrets (marked 🔒) are not taken as flags, where others would see them. They and `storage.dsn` can
be read from a file: add `_file` to the key (`crypto_keys_file = "/run/secrets/crypto"`), `_FILE` to
the variable, `-file` to the flag. Nothing prints them.

## On public addresses

A listener on another address than loopback needs keys that you made: `carillon keygen --out
keys.toml`, then `carillon serve --config keys.toml --config carillon.toml`. With `transport = "qt"`
it also needs a second thought: `allow_insecure_transport = true`. Behind a reverse proxy, listen on
loopback, set `endpoint.url` to the public URL and name the proxy in `trusted_proxies`
([limits.md](limits.md)).
)"_s;

const QString PageTail = uR"(
## From autopush

The variables of autoconnect and autoendpoint named above keep their meaning and format; role
`connect` reads only `AUTOCONNECT__*`, role `endpoint` only `AUTOEND__*`, and in role `all` what both say must
agree. Names are read in either case. Differences, each of them said at start:

- With any `AUTOCONNECT__*`, `connect.host` and `router.host` are 0.0.0.0 unless set, as autoconnect
  has it; with `dev` they stay on 127.0.0.1.
- `DB_DSN` must be there, and be `sqlite:PATH` or `memory:`.
- `AUTOCONNECT__MSG_LIMIT` sets `storage.max_messages`, and `storage.on_full` to `reset`; role
  `endpoint` reads it, too, so as not to refuse pushes: give it to both processes.
- `HUMAN_LOGS` sets `log.format` to `text`, or to `json` if it is false.
- A public URL is made of `AUTOCONNECT__ENDPOINT_*`, or is `AUTOEND__ENDPOINT_URL`, else
  `AUTOEND__SCHEME`, `HOST` and `PORT`.
- The node's name is `AUTOCONNECT__ROUTER_HOSTNAME`, else `HOSTNAME`, else the name of this machine.
- What has no meaning here and what autopush does not know either is ignored, with one warning.

autopush's own files (flat keys) are read by `--autopush-config FILE`; in role `all` their keys tell
whose file it is, and each daemon's may be given.
)"_s;

} // namespace

QString sampleConfiguration()
{
    QString text =
        u"# Every setting of Carillon with its default. docs/configuration.md says more.\n"
        "# `carillon check-config --config FILE` tells whether a file is right.\n"_s;
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

QString listing(const LoadedSettings &loaded)
{
    QString text;
    forEachRow(
        [&](const QString &section) { text += u"\n[%1]\n"_s.arg(section); },
        [&](const Setting &setting) {
            const QString value = setting.write(loaded.settings);
            // What is hidden is no TOML value, so that line must be none of TOML either.
            const QString line =
                (value.startsWith(u'(') ? u"# %1 = %2"_s : u"%1 = %2"_s).arg(setting.key(), value);
            text += line.leftJustified(46) + u" # "_s + loaded.origins.value(setting.name) + u'\n';
        });
    return text.trimmed();
}

} // namespace Carillon
