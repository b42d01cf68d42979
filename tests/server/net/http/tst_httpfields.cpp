// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/httpfields.h"

#include <QTest>

using namespace Carillon;

class TestHttpFields : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void names_areLowerCase_andValuesAsReceived()
    {
        HttpFields fields;
        fields.add("Content-ENCODING", "AES128gcm");
        QCOMPARE(fields.size(), std::size_t(1));
        QCOMPARE(fields[0].name, QByteArrayView("content-encoding"));
        QCOMPARE(fields.value("content-encoding"), QByteArrayView("AES128gcm"));
    }

    void value_isTheFirstOfItsName_andNullOfNone()
    {
        HttpFields fields;
        fields.add("ttl", "1");
        fields.add("TTL", "2");
        fields.add("topic", "");
        QCOMPARE(fields.value("ttl"), QByteArrayView("1"));
        QVERIFY(fields.value("topic").isEmpty());
        QVERIFY(!fields.value("topic").isNull());
        QVERIFY(fields.value("urgency").isNull());
    }

    void joined_isOneList_withoutEmptyFields()
    {
        HttpFields fields;
        fields.add("crypto-key", "");
        fields.add("Crypto-Key", "dh=a");
        fields.add("ttl", "1");
        fields.add("crypto-key", "");
        fields.add("CRYPTO-KEY", "p256ecdsa=b");
        QCOMPARE(fields.joined("crypto-key"), QByteArray("dh=a, p256ecdsa=b"));
        QCOMPARE(fields.joined("ttl"), QByteArray("1"));
        QVERIFY(fields.joined("topic").isNull());
    }

    void iteration_isInTheOrderReceived()
    {
        HttpFields fields;
        fields.add("b", "1");
        fields.add("a", "2");
        fields.add("b", "3");
        QByteArray seen;
        for (const HttpFields::Field field : fields)
            seen.append(field.name).append(field.value);
        QCOMPARE(seen, QByteArray("b1a2b3"));
    }
};

QTEST_APPLESS_MAIN(TestHttpFields)
#include "tst_httpfields.moc"
