// SPDX-License-Identifier: MPL-2.0
#include "server/net/protocolfaults.h"

#include <QMap>
#include <QRegularExpression>
#include <QTest>

using namespace Carillon;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Who speaks the wrong protocol is counted each time, and told in the log now and then.
class TestProtocolFaults : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void faults_areAllCounted_andToldOnceAMinute()
    {
        QMap<Metric, std::int64_t> counts;
        ProtocolFaults faults([&](Metric metric, std::int64_t by) { counts[metric] += by; });
        const auto add = [&](ProtocolFaults::Fault fault, std::chrono::seconds after) {
            faults.add(fault, u"connect"_s, "192.0.2.1", Instant(1h) + after);
        };
        QTest::failOnWarning(QRegularExpression(u".*"_s));
        const auto expect = [](const char *text) {
            QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QString::fromLatin1(text)));
        };
        expect("^Listener connect: 192.0.2.1 began a TLS handshake, .*tls.certificate\\.$");
        add(ProtocolFaults::Fault::TlsOnPlain, 0s);
        for (int i = 0; i < 1'000; ++i)
            add(ProtocolFaults::Fault::TlsOnPlain, 59s);
        expect("^Listener connect: 192.0.2.1 sent plain HTTP, .*URLs\\.$");
        add(ProtocolFaults::Fault::PlainOnTls, 59s);
        expect("began a TLS handshake.* \\(and 1000 more since the last such line\\)$");
        add(ProtocolFaults::Fault::TlsOnPlain, 60s);
        QCOMPARE(counts.value(Metric::ConnectionsRefusedTls), 1'002);
        QCOMPARE(counts.value(Metric::ConnectionsRefusedPlain), 1);
    }
};

QTEST_APPLESS_MAIN(TestProtocolFaults)
#include "tst_protocolfaults.moc"
