// SPDX-License-Identifier: MPL-2.0
#include "server/net/qt/qttransport.h"
#include "tests/contract/transport/httpcontract.h"

#include <QCoreApplication>
#include <QTest>

using namespace Carillon;

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    Testing::HttpContract contract([](Timers &timers, const TransportLimits &limits) {
        return std::make_unique<QtTransport>(timers, limits);
    });
    return QTest::qExec(&contract, argc, argv);
}
