// SPDX-License-Identifier: MPL-2.0
#include "server/settings/settingstext.h"
#include "tests/server/settings/settingsfixture.h"

#include <QRegularExpression>
#include <QTest>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

QString readSource(const QString &path)
{
    QFile file(QStringLiteral(CARILLON_SOURCE_DIR "/") + path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// Values by setting name, as a listing or a sample writes them.
QMap<QString, QString> valuesOf(const QString &text, const QRegularExpression &line)
{
    QMap<QString, QString> values;
    QString section;
    for (const QString &each : text.split(u'\n')) {
        if (each.startsWith(u'['))
            section = each.mid(1, each.indexOf(u']') - 1) + u'.';
        if (const auto match = line.match(each); match.hasMatch())
            values.insert(section + match.captured(1), match.captured(2));
    }
    return values;
}

} // namespace

/// The table, the page, the sample file and what check-config prints say the same.
class TestSettingsText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void page_isInStep()
    {
        QCOMPARE(readSource(u"docs/configuration.md"_s).trimmed(), configurationPage().trimmed());
    }

    void sample_isInStep()
    {
        QCOMPARE(readSource(u"docs/carillon.sample.toml"_s).trimmed(),
                 sampleConfiguration().trimmed());
    }

    void sample_uncommented_isTheDefault()
    {
        // Only the lines "# key = value"; what has no literal default is left out.
        QString text;
        for (const QString &line : sampleConfiguration().split(u'\n')) {
            static const QRegularExpression assignment(u"^# ([a-z_]+) = (.+)$"_s);
            const auto match = assignment.match(line);
            const bool isExample = line.contains(u'…') || line.contains("example.com"_L1)
                || line.contains("/var/lib"_L1);
            if (line.startsWith(u'['))
                text += line + u'\n';
            else if (match.hasMatch() && !isExample)
                text += line.mid(2) + u'\n';
        }
        const LoadedSettings loaded = Sources().toml(text).loaded();
        const LoadedSettings defaults = Sources().loaded();
        int fromFile = 0;
        for (const Setting &setting : settingsTable()) {
            QCOMPARE(setting.write(loaded.settings), setting.write(defaults.settings));
            fromFile += loaded.origins.value(setting.name).contains("toml"_L1) ? 1 : 0;
        }
        QVERIFY(fromFile > static_cast<int>(settingsTable().size()) - 10);
    }

    void sample_namesEverySetting()
    {
        static const QRegularExpression assignment(u"^# ([a-z_]+) = (.+)$"_s);
        const auto values = valuesOf(sampleConfiguration(), assignment);
        for (const Setting &setting : settingsTable())
            QVERIFY2(values.contains(setting.name), qUtf8Printable(setting.name));
    }

    void listing_readsBackAsTheSameSettings()
    {
        Sources sources;
        sources.variable(u"CARILLON__KEYS__CRYPTO_KEYS"_s, SomeKey)
            .toml(u"drain_period = \"1500ms\"\n[storage]\nmax_bytes = \"3 MiB\"\n"
                  "[log]\nrules = [\"carillon.net=debug\"]\n[endpoint]\nurl = "
                  "\"https://push.example.com\"\n[state]\ndir = \"/tmp/a \\\"b\\\" \\\\c\"\n"_s);
        const LoadedSettings loaded = sources.loaded();
        QCOMPARE(loaded.settings.state.dir, u"/tmp/a \"b\" \\c"_s);
        const LoadedSettings again = Sources().toml(listing(loaded)).loaded();
        for (const Setting &setting : settingsTable()) {
            if (setting.exposure != Exposure::Secret)
                QCOMPARE(setting.write(again.settings), setting.write(loaded.settings));
        }
    }

    void listing_ofFreePortsAndOddPaths_readsBack()
    {
        Sources sources;
        sources.toml(u"[connect]\nport = 0\n[endpoint]\nport = 0\n[router]\nport = 0\n"
                     "[state]\ndir = \"/tmp/\\u0001\\u007f\\n\\t.\"\n"_s);
        const LoadedSettings loaded = sources.loaded();
        QCOMPARE(loaded.settings.state.dir, u"/tmp/\u0001\u007f\n\t."_s);
        QCOMPARE(loaded.settings.endpoint.url, QByteArray());
        const LoadedSettings again = Sources().toml(listing(loaded)).loaded();
        for (const Setting &setting : settingsTable())
            QCOMPARE(setting.write(again.settings), setting.write(loaded.settings));
    }

    void listing_hidesSecrets()
    {
        const QString auth = u"s3cret-auth-key"_s;
        const QString cluster = u"s3cret-of-the-cluster"_s;
        const LoadedSettings loaded =
            Sources()
                .variable(u"CARILLON__KEYS__CRYPTO_KEYS"_s, SomeKey + u',' + OtherKey)
                .variable(u"CARILLON__KEYS__AUTH_KEYS"_s, auth)
                .variable(u"CARILLON__KEYS__CLUSTER_SECRET"_s, cluster)
                .loaded();
        const QString text = listing(loaded);
        QVERIFY(text.contains("crypto_keys = (2 secrets, hidden)"_L1));
        QVERIFY(text.contains("CARILLON__KEYS__CRYPTO_KEYS"_L1));
        for (const QString &secret : { SomeKey, OtherKey, auth, cluster })
            QVERIFY(!text.contains(secret));
    }

    void table_isSound()
    {
        QStringList names;
        QStringList sections;
        for (const Setting &setting : settingsTable()) {
            QVERIFY2(!names.contains(setting.name), qUtf8Printable(setting.name));
            names << setting.name;
            if (sections.isEmpty() || sections.last() != setting.section()) {
                // A section that comes twice would be two tables of one name in the sample.
                QVERIFY2(!sections.contains(setting.section()), qUtf8Printable(setting.name));
                sections << setting.section();
            }
            QVERIFY2(setting.description.endsWith(u'.'), qUtf8Printable(setting.name));
            for (const QString &variable : setting.autopush)
                QVERIFY(variable.startsWith("AUTOCONNECT__"_L1)
                        || variable.startsWith("AUTOEND__"_L1));
            QCOMPARE(findSetting(setting.name), &setting);
        }
    }
};

QTEST_APPLESS_MAIN(TestSettingsText)
#include "tst_settingstext.moc"
