// SPDX-License-Identifier: MPL-2.0
#include "server/settings/topology.h"

#include <QTest>

using namespace Carillon;

/// What a process does and shares, by its settings.
class TestTopology : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void role_saysWhatThereIs_data();
    void role_saysWhatThereIs();
    void signatures_areRequired_butForLoopbackWithoutASecret_data();
    void signatures_areRequired_butForLoopbackWithoutASecret();
};

void TestTopology::role_saysWhatThereIs_data()
{
    QTest::addColumn<Role>("role");
    QTest::addColumn<bool>("holdsClients");
    QTest::addColumn<bool>("takesPushes");
    QTest::addColumn<bool>("hasOthers");
    QTest::newRow("all") << Role::All << true << true << false;
    QTest::newRow("connect") << Role::Connect << true << false << true;
    QTest::newRow("endpoint") << Role::Endpoint << false << true << true;
}

void TestTopology::role_saysWhatThereIs()
{
    QFETCH(Role, role);
    QFETCH(bool, holdsClients);
    QFETCH(bool, takesPushes);
    QFETCH(bool, hasOthers);
    Settings settings;
    settings.role = role;
    const Topology topology(settings);
    QCOMPARE(topology.holdsClients(), holdsClients);
    QCOMPARE(topology.takesPushes(), takesPushes);
    QCOMPARE(topology.hasOtherProcesses(), hasOthers);
    QCOMPARE(topology.sharesStorage(), hasOthers);
    QCOMPARE(topology.hasListener(ListenerName::Connect), holdsClients);
    QCOMPARE(topology.hasListener(ListenerName::Router), holdsClients);
    QCOMPARE(topology.hasListener(ListenerName::Endpoint), takesPushes);
}

void TestTopology::signatures_areRequired_butForLoopbackWithoutASecret_data()
{
    QTest::addColumn<QString>("host");
    QTest::addColumn<QByteArray>("secret");
    QTest::addColumn<bool>("required");
    QTest::newRow("loopback") << "127.0.0.1" << QByteArray() << false;
    QTest::newRow("loopback, secret") << "127.0.0.1" << QByteArray("secret") << true;
    QTest::newRow("network") << "192.0.2.1" << QByteArray() << true;
    QTest::newRow("network, secret") << "192.0.2.1" << QByteArray("secret") << true;
}

void TestTopology::signatures_areRequired_butForLoopbackWithoutASecret()
{
    QFETCH(QString, host);
    QFETCH(QByteArray, secret);
    QFETCH(bool, required);
    Settings settings;
    settings.router.host = { QHostAddress(host) };
    settings.keys.clusterSecret = Secret(secret);
    QCOMPARE(Topology(settings).requiresSignatures(), required);
}

QTEST_APPLESS_MAIN(TestTopology)
#include "tst_topology.moc"
