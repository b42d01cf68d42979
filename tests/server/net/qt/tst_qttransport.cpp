// SPDX-License-Identifier: MPL-2.0
#include "server/net/qt/qttransport.h"

#include <QTest>

using namespace Carillon;

namespace {

class NoService final : public HttpService
{
public:
    [[nodiscard]] std::int64_t bodyLimit(const HttpRequest &) const override { return 0; }
    void handle(HttpRequest, HttpResponder responder) override { responder.send({ 404, {}, {} }); }
    [[nodiscard]] HttpResponse refuse(const HttpRequest &, ErrorCode why) const override
    {
        return { httpStatus(why), {}, {} };
    }
};

} // namespace

/// What only the qt transport promises; the rest is in tests/contract/transport.
class QtTransportTest final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void publicAddress_isRefused_unlessAllowed()
    {
        NoService http;
        Timers timers;
        const Listener listener { QStringLiteral("endpoint"), QHostAddress(QHostAddress::AnyIPv4),
                                  0, &http, nullptr };
        QtTransport careful(timers, {});
        const auto refused = careful.listen(listener);
        QVERIFY(!refused);
        QVERIFY(refused.error().contains(QStringLiteral("endpoint")));
        QVERIFY(refused.error().contains(QStringLiteral("allow_insecure_transport")));
        QtTransport bold(timers, {}, { .allowInsecureTransport = true });
        QVERIFY(bold.listen(listener).has_value());
    }

    void everyLoopbackAddress_isServed_data()
    {
        QTest::addColumn<QString>("address");
        QTest::newRow("IPv4") << QStringLiteral("127.0.0.1");
        QTest::newRow("all of 127/8") << QStringLiteral("127.3.2.1");
        QTest::newRow("IPv6") << QStringLiteral("::1");
    }

    void everyLoopbackAddress_isServed()
    {
        QFETCH(QString, address);
        NoService http;
        Timers timers;
        QtTransport transport(timers, {});
        const auto port =
            transport.listen({ QStringLiteral("a"), QHostAddress(address), 0, &http, nullptr });
        if (!port && address == QStringLiteral("::1"))
            QSKIP("no IPv6 on this machine");
        QVERIFY(port.has_value() && *port != 0);
    }
};

QTEST_GUILESS_MAIN(QtTransportTest)
#include "tst_qttransport.moc"
