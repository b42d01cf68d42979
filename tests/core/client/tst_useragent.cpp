// SPDX-License-Identifier: MPL-2.0
#include "core/client/useragent.h"

#include <QTest>

using namespace Carillon;

class TestUserAgent : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void field_isRead_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("os");
        QTest::addColumn<QByteArray>("browser");
        QTest::addColumn<QByteArray>("version");
        const auto row = [](const char *field, const char *os, const char *browser,
                            const char *version) {
            QTest::newRow(field) << QByteArray(field) << QByteArray(os) << QByteArray(browser)
                                 << QByteArray(version);
        };
        row("Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0", "Linux",
            "Firefox", "115.0");
        row("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
            "Windows", "Firefox", "130.0");
        row("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:128.0) Gecko/20100101 Firefox/128.0",
            "macOS", "Firefox", "128.0");
        row("Mozilla/5.0 (Android 13; Mobile; rv:109.0) Gecko/114.0 Firefox/114.0", "Android",
            "Firefox", "114.0");
        row("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) FxiOS/127.0 Mobile/15E148",
            "iOS", "Firefox", "127.0");
        row("Mozilla/5.0 (Linux; Android 14) SomeDistributor/1.2", "Android", "Other", "");
        row("Firefox/1.2\r\nforged", "Other", "Firefox", "1.2");
        row("Firefox/1111111111111111111111111", "Other", "Firefox", "1111111111111111");
        row("Firefox/", "Other", "Firefox", "");
        row("", "Other", "Other", "");
    }
    void field_isRead()
    {
        QFETCH(QByteArray, field);
        const UserAgent agent = readUserAgent(field);
        QTEST(agent.os.toByteArray(), "os");
        QTEST(agent.browser.toByteArray(), "browser");
        QTEST(agent.version.toByteArray(), "version");
    }
};

QTEST_APPLESS_MAIN(TestUserAgent)
#include "tst_useragent.moc"
