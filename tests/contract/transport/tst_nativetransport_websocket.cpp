// SPDX-License-Identifier: MPL-2.0
#include "server/net/native/nativetransport.h"
#include "tests/contract/transport/websocketcontract.h"

#include <QCoreApplication>
#include <QTest>

using namespace Carillon;

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    Testing::WebSocketContract contract([](Timers &timers, const TransportLimits &limits) {
        return std::make_unique<NativeTransport>(timers, limits);
    });
    return QTest::qExec(&contract, argc, argv);
}
