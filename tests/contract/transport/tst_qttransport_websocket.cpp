// SPDX-License-Identifier: MPL-2.0
#include "server/net/qt/qttransport.h"
#include "tests/contract/transport/websocketcontract.h"

#include <QCoreApplication>
#include <QTest>

using namespace Carillon;

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    Testing::WebSocketContract contract(
        [](Timers &timers, const TransportLimits &limits) {
            return std::make_unique<QtTransport>(timers, limits);
        },
        {
            { "fragments_areOneMessage(cut through a character)",
              "QWebSocket 6.4 decodes each fragment by itself" },
            { "deafSession_hearsAllThatWaited_whenItHearsAgain(all of them read)",
              "QWebSocket reads all there is" },
            { "deafSession_hearsAllThatWaited_whenItHearsAgain(some left with the kernel)",
              "QWebSocket reads all there is" },
            { "deafSession_closed_hearsThePeersClose()", "QWebSocket reads all there is" },
            { "violation_closesWith1002(unmasked)", "QWebSocket takes frames without a mask" },
        });
    return QTest::qExec(&contract, argc, argv);
}
