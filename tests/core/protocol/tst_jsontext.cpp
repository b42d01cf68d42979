// SPDX-License-Identifier: MPL-2.0
#include "core/protocol/jsontext.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace Carillon;

class JsonTextTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void string_isEscaped_data();
    void string_isEscaped();
    void everyByte_givesJsonThatReadsBack();
    void everyCodePoint_readsBackAsItself();
};

void JsonTextTest::string_isEscaped_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("json");
    const auto row = [](const char *name, const QByteArray &text, const QByteArray &json) {
        QTest::newRow(name) << text << json;
    };
    row("empty", "", R"("")");
    row("plain", "abc/-_=", R"("abc/-_=")");
    row("quotes", R"("1")", R"("\"1\"")");
    row("backslash", "\\", R"("\\")");
    row("control characters", QByteArray("a\0\n\x1F", 4), R"("a\u0000\u000a\u001f")");
    row("delete", "\x7F", "\"\x7F\"");
    row("UTF-8 of two bytes", "\xC3\xA4", "\"\xC3\xA4\"");
    row("UTF-8 of three bytes", "x\xE2\x82\xAC", "\"x\xE2\x82\xAC\"");
    row("UTF-8 of four bytes", "\xF0\x9F\x98\x80y", "\"\xF0\x9F\x98\x80y\"");
    row("last code point", "\xF4\x8F\xBF\xBF", "\"\xF4\x8F\xBF\xBF\"");
    row("past the last code point", "\xF4\x90\x80\x80",
        "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    row("continuation alone", "a\x80z", "\"a\xEF\xBF\xBDz\"");
    row("cut sequence", "a\xE2\x82", "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
    row("overlong", "\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    row("overlong of three bytes", "\xE0\x80\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    row("surrogate", "\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    row("quote inside a broken sequence", "\xE2\"", "\"\xEF\xBF\xBD\\\"\"");
}

void JsonTextTest::string_isEscaped()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QByteArray, json);
    QByteArray written = "x";
    appendJsonString(written, text);
    QCOMPARE(written, "x" + json);
    QCOMPARE(jsonStringSize(text), json.size());
}

void JsonTextTest::everyByte_givesJsonThatReadsBack()
{
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const char text[] = { static_cast<char>(first), static_cast<char>(second) };
            QByteArray json = "[";
            appendJsonString(json, QByteArrayView(text, 2));
            json.append(']');
            QCOMPARE(json.size(), jsonStringSize(QByteArrayView(text, 2)) + 2);
            const auto document = QJsonDocument::fromJson(json);
            QVERIFY(document.isArray());
            if (first < 0x80 && second < 0x80)
                QCOMPARE(document.array().first().toString().toLatin1(), QByteArray(text, 2));
        }
    }
}

void JsonTextTest::everyCodePoint_readsBackAsItself()
{
    for (char32_t codePoint = 0; codePoint <= 0x10FFFF; codePoint += 7) {
        if (codePoint >= 0xD800 && codePoint <= 0xDFFF)
            continue;
        const QString text = QString::fromUcs4(&codePoint, 1);
        QByteArray json = "[";
        appendJsonString(json, text.toUtf8());
        json.append(']');
        const QString read = QJsonDocument::fromJson(json).array().first().toString();
        if (read != text)
            QFAIL(qPrintable(QStringLiteral("U+%1").arg(uint(codePoint), 0, 16)));
    }
}

QTEST_APPLESS_MAIN(JsonTextTest)
#include "tst_jsontext.moc"
