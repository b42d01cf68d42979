// SPDX-License-Identifier: MPL-2.0
#include "server/net/qttransport.h"
#include "tests/contract/transport/httpcontract.h"
#include "tests/contract/transport/websocketcontract.h"

#include <QCoreApplication>
#include <QTest>

using namespace Carillon;

namespace {

std::unique_ptr<Transport> makeTransport(Timers &timers, const TransportLimits &limits)
{
    return std::make_unique<QtTransport>(timers, limits);
}

} // namespace

/// What only the qt transport promises.
class QtTransportTest final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void publicAddress_isRefused_unlessAllowed()
    {
        Testing::ScriptedHttp http;
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
};

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    Testing::HttpContract http(makeTransport);
    Testing::WebSocketContract webSocket(makeTransport);
    QtTransportTest own;
    int failures = 0;
    for (QObject *test : { static_cast<QObject *>(&http), static_cast<QObject *>(&webSocket),
                           static_cast<QObject *>(&own) }) {
        failures += QTest::qExec(test, argc, argv);
    }
    return failures;
}

#include "tst_qttransport.moc"
