// SPDX-License-Identifier: MPL-2.0
#include "server/net/proxy/proxyprotocol.h"

#include <QTest>

using namespace Carillon;

namespace {

const QByteArray V2Start = QByteArray::fromHex("0d0a0d0a000d0a515549540a");

/// Version and command, family, length, the rest; all in hex.
QByteArray v2(const char *hex, const QByteArray &more = {})
{
    return V2Start + QByteArray::fromHex(hex) + more;
}

/// 192.0.2.1:1 to 10.0.0.1:443, and 2001:db8::5 to fd00::1.
constexpr const char *Tcp4 = "2111000c"
                             "c0000201"
                             "0a000001"
                             "0001"
                             "01bb";
constexpr const char *Tcp6 = "21210024"
                             "20010db8000000000000000000000005"
                             "fd000000000000000000000000000001"
                             "0001"
                             "01bb";

/// In words: "more", "bad", or the size and the client.
QByteArray read(QByteArrayView bytes)
{
    const auto header = readProxyHeader(bytes);
    if (!header)
        return header.error() == ErrorCode::BadRequest ? "bad" : "another error";
    if (!*header)
        return "more";
    return QByteArray::number((*header)->size) + ' '
        + ((*header)->client ? (*header)->client->toText() : QByteArray("none"));
}

} // namespace

class TestProxyProtocol : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void header_namesTheClient_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("client");
        const auto row = [](const char *name, const QByteArray &header, const char *client) {
            QTest::newRow(name) << header << QByteArray(client);
        };
        row("TCP4", "PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n", "192.0.2.1");
        row("TCP6", "PROXY TCP6 2001:db8::5 fd00::1 0 65535\r\n", "2001:db8::5");
        row("UNKNOWN", "PROXY UNKNOWN\r\n", "100::");
        row("UNKNOWN with words", "PROXY UNKNOWN ffff::1 what not 1 2\r\n", "100::");
        row("longest", "PROXY UNKNOWN " + QByteArray(91, 'x') + "\r\n", "100::");
        row("v2 TCP4", v2(Tcp4), "192.0.2.1");
        row("v2 TCP6", v2(Tcp6), "2001:db8::5");
        row("v2 with extensions",
            v2("21110013"
               "c0000201"
               "0a000001"
               "0001"
               "01bb"
               "040004"
               "00000000"),
            "192.0.2.1");
        row("v2 LOCAL", v2("20000000"), "none");
        row("v2 LOCAL with addresses",
            v2("2011000c"
               "c0000201"
               "0a000001"
               "0001"
               "01bb"),
            "none");
        row("v2 LOCAL of another family",
            v2("20310002"
               "aaaa"),
            "none");
        row("v2 unspecified",
            v2("21000003"
               "aaaaaa"),
            "100::");
        row("v2 longest",
            v2("211107f0",
               QByteArray::fromHex("c0000201"
                                   "0a000001"
                                   "0001"
                                   "01bb")
                   + QByteArray(2'032 - 12, 'x')),
            "192.0.2.1");
    }
    void header_namesTheClient()
    {
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, client);
        const QByteArray expected = QByteArray::number(header.size()) + ' ' + client;
        QCOMPARE(read(header), expected);
        QCOMPARE(read(header + "GET / HTTP/1.1\r\n\r\n"), expected);
        for (qsizetype cut = 0; cut < header.size(); ++cut)
            QCOMPARE(read(QByteArrayView(header).first(cut)), "more");
    }

    void whatIsNoHeader_isRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const auto row = [](const char *name, const QByteArray &bytes) {
            QTest::newRow(name) << bytes;
        };
        row("HTTP", "GET / HTTP/1.1\r\n");
        row("first byte", "p");
        row("TLS", QByteArray::fromHex("160301"));
        row("lower case", "proxy TCP4");
        row("no CR", "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\n");
        row("nothing", "PROXY \r\n");
        row("no CR, nothing", "PROXY \n");
        row("UDP4", "PROXY UDP4 192.0.2.1 10.0.0.1 1 2\r\n");
        row("UNKNOWNS", "PROXY UNKNOWNS\r\n");
        row("too few words", "PROXY TCP4 192.0.2.1 10.0.0.1 1\r\n");
        row("too many words", "PROXY TCP4 192.0.2.1 10.0.0.1 1 2 3\r\n");
        row("two spaces", "PROXY TCP4  192.0.2.1 10.0.0.1 1 2\r\n");
        row("space at the end", "PROXY TCP4 192.0.2.1 10.0.0.1 1 2 \r\n");
        row("family mixed", "PROXY TCP4 2001:db8::5 10.0.0.1 1 2\r\n");
        row("families mixed", "PROXY TCP6 2001:db8::5 10.0.0.1 1 2\r\n");
        row("no address", "PROXY TCP4 192.0.2.256 10.0.0.1 1 2\r\n");
        row("short address", "PROXY TCP4 127.1 10.0.0.1 1 2\r\n");
        row("port too great", "PROXY TCP4 192.0.2.1 10.0.0.1 65536 2\r\n");
        row("port with zeros", "PROXY TCP4 192.0.2.1 10.0.0.1 01 2\r\n");
        row("negative port", "PROXY TCP4 192.0.2.1 10.0.0.1 -1 2\r\n");
        row("no port", "PROXY TCP4 192.0.2.1 10.0.0.1  2\r\n");
        row("NUL", QByteArray("PROXY TCP4 192.0.2.1\0 10.0.0.1 1 2\r\n", 36));
        row("CR within", "PROXY TCP4 192.0.2.1\r10.0.0.1 1 2\r\n");
        row("too long", "PROXY UNKNOWN " + QByteArray(92, 'x') + "\r\n");
        row("without end", "PROXY UNKNOWN " + QByteArray(93, 'x'));
        row("v2 signature cut", QByteArray::fromHex("0d0a0d0a000d0a515549540b"));
        row("v2 version 1", v2("11"));
        row("v2 version 3", v2("31"));
        row("v2 command", v2("22"));
        row("v2 UDP4",
            v2("2112000c"
               "c0000201"
               "0a000001"
               "0001"
               "01bb"));
        row("v2 UNIX", v2("213100d8"));
        row("v2 too short for its family", v2("2111000b"));
        row("v2 IPv6 in the room of IPv4", v2("2121000c"));
        row("v2 too long", v2("211107f1"));
        row("v2 longest length", v2("2111ffff"));
        row("v2 LOCAL too long", v2("2000ffff"));
    }
    void whatIsNoHeader_isRefused()
    {
        QFETCH(QByteArray, bytes);
        QCOMPARE(read(bytes), "bad");
    }

    void changedBytes_neverMakeMoreThanThereIs()
    {
        // Each byte of a good header changed: another header, more to come, or none; never past it.
        for (const QByteArray &good :
             { QByteArray("PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n"), v2(Tcp4), v2(Tcp6) }) {
            for (qsizetype at = 0; at < good.size(); ++at) {
                for (int value = 0; value < 256; ++value) {
                    QByteArray bytes = good;
                    bytes[at] = static_cast<char>(value);
                    const auto header = readProxyHeader(bytes);
                    QVERIFY(!header || !*header || (*header)->size <= bytes.size());
                }
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestProxyProtocol)
#include "tst_proxyprotocol.moc"
