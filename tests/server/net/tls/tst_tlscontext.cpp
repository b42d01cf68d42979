// SPDX-License-Identifier: MPL-2.0
#include "server/net/tls/tlscontext.h"
#include "tests/support/testcertificate.h"

#include <QTemporaryDir>
#include <QTest>

#include <openssl/err.h>

using namespace Carillon;
using namespace Carillon::Testing;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Which certificates and keys are taken, and what is said of the others.
class TlsContextTest final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void certificateAndKey_mayShareAFile_orNot()
    {
        const TestAuthority::Pair pair = m_authority.issue();
        QVERIFY(TlsContext::load(file(pair.certificate), file(pair.key)));
        QVERIFY(TlsContext::load(file(pair.key + pair.certificate + m_authority.certificate()),
                                 m_last));
    }

    void chain_isKept()
    {
        const TestAuthority::Pair pair = m_authority.issue();
        const auto context = TlsContext::load(
            file(pair.certificate + m_authority.certificate() + "\nremarks at the end\n"),
            file(pair.key));
        QVERIFY(context);
        STACK_OF(X509) *chain = nullptr;
        QCOMPARE(SSL_CTX_get0_chain_certs(context->handle(), &chain), 1L);
        QCOMPARE(sk_X509_num(chain), 1);
    }

    void expiry_isTheCertificates()
    {
        const WallTime before = SystemClock().wall();
        for (const std::chrono::seconds validFor :
             { 3600s, std::chrono::seconds(24h * 400), -7200s }) {
            const TestAuthority::Pair pair = m_authority.issue({ .validFor = validFor });
            const auto context = TlsContext::load(file(pair.certificate), file(pair.key));
            QVERIFY(context);
            // It has no fractions of a second, and time goes on.
            QVERIFY(context->expiry() > before + validFor - 2s);
            QVERIFY(context->expiry() < SystemClock().wall() + validFor + 1s);
        }
    }

    void names_areThoseItCovers()
    {
        const TestAuthority::Pair pair = m_authority.issue(
            { .names = "DNS:push.example.com,DNS:*.example.org,IP:127.0.0.1,IP:::1" });
        const auto context = TlsContext::load(file(pair.certificate), file(pair.key));
        QVERIFY(context);
        for (const QString &name : { u"push.example.com"_s, u"PUSH.example.com"_s,
                                     u"a.example.org"_s, u"127.0.0.1"_s, u"::1"_s })
            QVERIFY2(context->covers(name), qPrintable(name));
        for (const QString &name :
             { u"example.com"_s, u"a.b.example.org"_s, u"127.0.0.2"_s, u"localhost"_s, QString() })
            QVERIFY2(!context->covers(name), qPrintable(name));
    }

    void unusableFiles_areNamed_withTheWayToMendThem_data()
    {
        QTest::addColumn<QByteArray>("certificate");
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<bool>("isKeyAtFault");
        QTest::addColumn<QString>("fault");
        QTest::addColumn<QString>("remedy");
        const TestAuthority::Pair good = m_authority.issue();
        const TestAuthority::Pair other = m_authority.issue();
        const TestAuthority::Pair locked = m_authority.issue({ .password = "secret" });
        const QByteArray damaged =
            QByteArray(m_authority.certificate()).replace(100, 10, "!!!!!!!!!!");
        QTest::newRow("no such certificate")
            << QByteArray() << good.key << false << u"cannot be read"_s << u"check the path"_s;
        QTest::newRow("no such key")
            << good.certificate << QByteArray() << true << u"cannot be read"_s << u"may read it"_s;
        QTest::newRow("no certificate in it")
            << QByteArray("hello") << good.key << false << u"contains no PEM certificate"_s
            << u"fullchain.pem"_s;
        QTest::newRow("a key for a certificate")
            << good.key << good.key << false << u"contains no PEM certificate"_s
            << u"fullchain.pem"_s;
        QTest::newRow("no key in it") << good.certificate << good.certificate << true
                                      << u"contains no PEM private key"_s << u"privkey.pem"_s;
        QTest::newRow("another's key")
            << good.certificate << other.key << true << u"is not that of the first certificate"_s
            << u"made together"_s;
        QTest::newRow("chain first")
            << m_authority.certificate() + good.certificate << good.key << true
            << u"is not that of the first certificate"_s << u"the server's certificate first"_s;
        QTest::newRow("locked key")
            << locked.certificate << locked.key << true << u"is encrypted"_s << u"openssl pkey"_s;
        QTest::newRow("damaged chain") << good.certificate + damaged << good.key << false
                                       << u"is damaged"_s << u"as the authority made it"_s;
    }

    void unusableFiles_areNamed_withTheWayToMendThem()
    {
        QFETCH(QByteArray, certificate);
        QFETCH(QByteArray, key);
        QFETCH(bool, isKeyAtFault);
        QFETCH(QString, fault);
        QFETCH(QString, remedy);
        const QString certificateFile = file(certificate);
        const QString keyFile = file(key);
        const auto context = TlsContext::load(certificateFile, keyFile);
        QVERIFY(!context);
        QCOMPARE(context.error().in == TlsFault::In::Key, isKeyAtFault);
        QVERIFY(context.error().fault.contains(isKeyAtFault ? keyFile : certificateFile));
        QVERIFY2(context.error().fault.contains(fault), qPrintable(context.error().fault));
        QVERIFY2(context.error().remedy.contains(remedy), qPrintable(context.error().remedy));
        QCOMPARE(ERR_peek_error(), 0UL); // it would be taken for the next call's
    }

private:
    /// A new file; empty content: the name of none.
    QString file(const QByteArray &content)
    {
        m_last = m_directory.filePath(u"%1.pem"_s.arg(++m_files));
        if (!content.isEmpty())
            writeFile(m_last, content);
        return m_last;
    }

    QTemporaryDir m_directory;
    int m_files = 0;
    QString m_last;
    TestAuthority m_authority;
};

QTEST_GUILESS_MAIN(TlsContextTest)
#include "tst_tlscontext.moc"
