// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/transport/tlstransport.h"
#include "tests/contract/transport/websocketcontract.h"
#include "tests/support/rawsocket.h"

#include <QCoreApplication>
#include <QTest>

using namespace Carillon;

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const TlsServer server(Testing::makeTlsContext());
    Testing::RawSocket::speak(Testing::RawSocket::Wire::Tls);
    Testing::WebSocketContract contract(Testing::tlsTransport(server));
    return QTest::qExec(&contract, argc, argv);
}
