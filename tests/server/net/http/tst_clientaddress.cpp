// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/forwarded.h"
#include "server/net/http/httphead.h"

#include <QTest>

using namespace Carillon;

namespace {

std::vector<IpNetwork> networks(std::initializer_list<const char *> texts)
{
    std::vector<IpNetwork> list;
    for (const char *text : texts)
        list.push_back(IpNetwork::parse(text).value());
    return list;
}

/// A request with these fields, as a transport reads it.
HttpRequest requestWith(const QByteArray &fields)
{
    return parseHead("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n", {}).value().request;
}

} // namespace

/// Addresses, networks, and whose request it is.
class TestClientAddress : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void addresses_areReadStrictly_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("written");
        const auto row = [](const char *text, const char *written) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(written);
        };
        row("192.0.2.1", "192.0.2.1");
        row("::1", "::1");
        row("2001:DB8:0:0::1", "2001:db8::1");
        row("::ffff:192.0.2.1", "192.0.2.1");
        row("::ffff:c000:201", "192.0.2.1");
        for (const char *bad :
             { "", "1", "127.1", "256.0.0.1", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4",
               "1.2.3.4:80", "[::1]", "::1%lo", ":::", "1::2::3", "localhost", "unknown",
               "1111:2222:3333:4444:5555:6666:7777:8888:9999",
               "1111:2222:3333:4444:5555:6666:123.123.123.123.1234567890" })
            row(bad, nullptr);
    }
    void addresses_areReadStrictly()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, written);
        const auto address = IpAddress::parse(text);
        QCOMPARE(address ? address->toText() : QByteArray(), written);
        QVERIFY(!IpAddress::parse(text + QByteArray(1, '\0')));
    }

    void networks_containWhatBeginsAlike_data()
    {
        QTest::addColumn<QByteArray>("network");
        QTest::addColumn<QByteArray>("address");
        QTest::addColumn<bool>("contained");
        const auto row = [](const char *network, const char *address, bool contained) {
            QTest::addRow("%s %s", network, address)
                << QByteArray(network) << QByteArray(address) << contained;
        };
        row("10.0.0.0/8", "10.255.0.1", true);
        row("10.0.0.0/8", "11.0.0.1", false);
        row("10.0.0.0/8", "::ffff:10.1.2.3", true);
        row("10.0.0.0/8", "a00::1", false);
        row("192.0.2.128/25", "192.0.2.128", true);
        row("192.0.2.128/25", "192.0.2.127", false);
        row("192.0.2.7", "192.0.2.7", true);
        row("192.0.2.7", "192.0.2.6", false);
        row("0.0.0.0/0", "203.0.113.1", true);
        row("0.0.0.0/0", "2001:db8::1", false);
        row("::/0", "2001:db8::1", true);
        row("fd00::/8", "fdff::1", true);
        row("fd00::/8", "fe00::1", false);
        row("2001:db8:8000::/33", "2001:db8:ffff::", true);
        row("2001:db8:8000::/33", "2001:db8:7fff::", false);
        row("::1", "::1", true);
        row("::1", "127.0.0.1", false);
    }
    void networks_containWhatBeginsAlike()
    {
        QFETCH(QByteArray, network);
        QFETCH(QByteArray, address);
        QFETCH(bool, contained);
        const IpNetwork read = IpNetwork::parse(network).value();
        QCOMPARE(read.contains(IpAddress::parse(address).value()), contained);
        QCOMPARE(IpNetwork::parse(read.toText()), std::optional(read));
    }

    void networks_areReadStrictly()
    {
        for (const char *bad :
             { "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8",
               "10.0.0.0/8/8", "10.0.0.1/8", "10.0.0.0/0008", "10.0.0.0/ 8", "fd00::/129",
               "fd00::1/64", "10/8", "localhost/8", "10.0.0.0/8 " })
            QVERIFY2(!IpNetwork::parse(bad), bad);
    }

    void kindsOfAddresses_areKnown()
    {
        const auto address = [](const char *text) { return IpAddress::parse(text).value(); };
        for (const char *text : { "127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1" })
            QVERIFY2(address(text).isLoopback(), text);
        for (const char *text : { "128.0.0.1", "::2", "1::1", "::" })
            QVERIFY2(!address(text).isLoopback(), text);
        for (const char *text :
             { "10.1.2.3", "172.16.0.1", "172.31.255.1", "192.168.9.9", "fd12::1", "fe80::1" })
            QVERIFY2(address(text).isPrivate(), text);
        for (const char *text : { "11.0.0.1", "172.32.0.1", "192.169.0.1", "2001:db8::1" })
            QVERIFY2(!address(text).isPrivate(), text);
    }

    void holders_areAddressesOfIPv4AndNetworksOfIPv6()
    {
        const auto limitKey = [](const char *text) {
            return IpAddress::parse(text).value().limitKey();
        };
        QVERIFY(limitKey("192.0.2.1") != limitKey("192.0.2.2"));
        QCOMPARE(limitKey("192.0.2.1"), limitKey("::ffff:192.0.2.1"));
        QCOMPARE(limitKey("2001:db8:1:2::1"), limitKey("2001:db8:1:2:ffff::9"));
        QVERIFY(limitKey("2001:db8:1:2::1") != limitKey("2001:db8:1:3::1"));
        QCOMPARE(IpAddress::limitKeyText(limitKey("192.0.2.1")), "192.0.2.1");
        QCOMPARE(IpAddress::limitKeyText(limitKey("2001:db8:1:2::1")), "2001:db8:1:2::/64");
    }

    void client_isTheLastOneThatNoTrustedProxyIs_data()
    {
        QTest::addColumn<QByteArray>("peer");
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<QByteArray>("client");
        const auto row = [](const char *name, const char *peer, const char *fields,
                            const char *client) {
            QTest::newRow(name) << QByteArray(peer) << QByteArray(fields) << QByteArray(client);
        };
        row("no field", "10.0.0.1", "", "10.0.0.1");
        row("one", "10.0.0.1", "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1");
        row("untrusted peer", "192.0.2.9", "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.9");
        row("invented by the client", "10.0.0.1", "X-Forwarded-For: 203.0.113.1, 192.0.2.1\r\n",
            "192.0.2.1");
        row("through two proxies", "10.0.0.1", "X-Forwarded-For: 6.6.6.6, 192.0.2.1,10.0.0.2\r\n",
            "192.0.2.1");
        row("proxies only", "10.0.0.1", "X-Forwarded-For: 10.0.0.3, 10.0.0.2\r\n", "10.0.0.3");
        row("several fields", "10.0.0.1",
            "X-Forwarded-For: 6.6.6.6\r\nX-FORWARDED-FOR: 192.0.2.1\r\nX: 7.7.7.7\r\n"
            "x-forwarded-for: 10.0.0.2\r\n",
            "192.0.2.1");
        row("IPv6", "10.0.0.1", "X-Forwarded-For: 2001:db8::5\r\n", "2001:db8::5");
        row("IPv6 peer", "fd00::1", "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1");
        row("port", "10.0.0.1", "X-Forwarded-For: 192.0.2.1:4711\r\n", "192.0.2.1");
        row("brackets", "10.0.0.1", "X-Forwarded-For: [2001:db8::5]\r\n", "2001:db8::5");
        row("brackets, port", "10.0.0.1", "X-Forwarded-For: [2001:db8::5]:4711\r\n", "2001:db8::5");
        row("empty items", "10.0.0.1", "X-Forwarded-For: , 192.0.2.1 ,, \r\n", "192.0.2.1");
        row("empty field", "10.0.0.1", "X-Forwarded-For:\r\n", "10.0.0.1");
        row("zone", "10.0.0.1", "X-Forwarded-For: fe80::5%eth0\r\n", "fe80::5");
        row("zone, brackets, port", "10.0.0.1", "X-Forwarded-For: [fe80::5%25eth0]:80\r\n",
            "fe80::5");
        // Whom a proxy does not name is nobody's neighbour, least of all loopback's.
        for (const char *item :
             { "unknown", "unknown:4711", "_hidden", "_hidden:_port", "junk", "[2001:db8::5",
               "[2001:db8::5]x", "192.0.2.1:x", "192.0.2.1:", "192.0.2.1%eth0", "%eth0", "[]" }) {
            for (const char *peer : { "10.0.0.1", "127.0.0.1" })
                QTest::addRow("%s of %s", item, peer)
                    << QByteArray(peer)
                    << "X-Forwarded-For: 192.0.2.1, " + QByteArray(item) + "\r\n"
                    << QByteArray("100::");
        }
        row("no address behind a proxy", "10.0.0.1",
            "X-Forwarded-For: 192.0.2.1, junk, 10.0.0.2\r\n", "100::");
        row("unreadable field ends it", "10.0.0.1",
            "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: junk\r\n", "100::");
        row("another field", "10.0.0.1", "X-Real-IP: 192.0.2.1\r\n", "10.0.0.1");
    }
    void client_isTheLastOneThatNoTrustedProxyIs()
    {
        QFETCH(QByteArray, peer);
        QFETCH(QByteArray, fields);
        QFETCH(QByteArray, client);
        const auto trusted = networks({ "10.0.0.0/8", "fd00::/8", "127.0.0.1" });
        QCOMPARE(
            clientAddress(IpAddress::parse(peer).value(), requestWith(fields), trusted).toText(),
            client);
    }

    void nobodyIsTrusted_whereNoneIsNamed()
    {
        const IpAddress peer = IpAddress::parse("127.0.0.1").value();
        QCOMPARE(clientAddress(peer, requestWith("X-Forwarded-For: 192.0.2.1\r\n"), {}), peer);
    }
};

QTEST_APPLESS_MAIN(TestClientAddress)
#include "tst_clientaddress.moc"
