// SPDX-License-Identifier: MPL-2.0
#include "server/commands/terminal/table.h"
#include "server/commands/terminal/text.h"

#include <QTest>

using namespace Carillon;
using namespace Qt::StringLiterals;

namespace {

const QString Uaid = u"3f2a91c0b7e24d5f8a6c1e0d9b8a9c41"_s;

Table clients(
    const QString &userAgent = u"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"_s)
{
    Table table({ { u"UAID"_s, ColumnKind::Id, 0 },
                  { u"STORED"_s, ColumnKind::Number, 0 },
                  { u"NODE"_s, ColumnKind::Text, 2 },
                  { u"USER AGENT"_s, ColumnKind::Text, 1 } });
    table.add({ { Uaid }, { u"7"_s }, { u"node-1"_s }, { userAgent } });
    table.add({ { u"77b0"_s }, { u"12,345"_s }, { u"b"_s }, { u"x"_s } });
    return table;
}

QStringList laidOut(const Table &table, int width)
{
    return table.layout(width, Palette()).lines;
}

} // namespace

class TestTable : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void withoutLimit_everythingIsShownInFull()
    {
        QCOMPARE(
            laidOut(clients(), 0),
            (QStringList {
                u"UAID                              STORED  NODE    USER AGENT"_s,
                Uaid
                    + u"       7  node-1  Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"_s,
                u"77b0                              12,345  b       x"_s,
            }));
    }

    void ids_loseTheirMiddle_beforeAnythingElseGivesWay()
    {
        const QStringList lines = laidOut(clients(), 83);
        QCOMPARE(
            lines.value(1),
            u"3f2a91c0…9c41       7  node-1  Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/1…"_s);
        // Room for all of it.
        QVERIFY(laidOut(clients(), 110).value(1).startsWith(Uaid));
    }

    void columns_areLeftOutByRank_whenTextsCannotBeCutMore()
    {
        const Table::Layout layout = clients().layout(36, Palette());
        QCOMPARE(layout.leftOut, QStringList { u"NODE"_s });
        QCOMPARE(layout.lines.value(0), u"UAID           STORED  USER AGENT"_s);
        QCOMPARE(layout.lines.value(1), u"3f2a91c0…9c41       7  Mozilla/5.0 …"_s);
        QCOMPARE(clients().layout(25, Palette()).leftOut,
                 (QStringList { u"NODE"_s, u"USER AGENT"_s }));
    }

    void noLine_isWiderThanTheTerminal_data()
    {
        QTest::addColumn<QString>("userAgent");
        QTest::newRow("latin") << u"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"_s;
        QTest::newRow("wide") << u"火狐浏览器火狐浏览器火狐浏览器火狐浏览器"_s;
        QTest::newRow("emoji") << QString(u"🦊"_s).repeated(30);
        QTest::newRow("combining") << QString(u"e\u0301"_s).repeated(60);
        QTest::newRow("hostile") << u"\033[2J\033]0;owned\007\r\n"_s.repeated(9);
    }
    void noLine_isWiderThanTheTerminal()
    {
        QFETCH(const QString, userAgent);
        const Table table = clients(userAgent);
        for (int width = 1; width < 140; ++width) {
            for (const QString &line : laidOut(table, width)) {
                QVERIFY2(displayWidth(line) <= width, qUtf8Printable(line));
                QVERIFY2(!line.endsWith(u' '), qUtf8Printable(line));
            }
        }
    }

    void wideCharacters_takeTwoColumns()
    {
        Table table({ { u"A"_s }, { u"B"_s } });
        table.add({ { u"火狐"_s }, { u"x"_s } });
        table.add({ { u"abcd"_s }, { u"y"_s } });
        table.add({ { u"e\u0301"_s }, { u"z"_s } });
        QCOMPARE(laidOut(table, 80),
                 (QStringList { u"A     B"_s, u"火狐  x"_s, u"abcd  y"_s, u"e\u0301     z"_s }));
    }

    void hostileText_reachesNoTerminal()
    {
        Table table({ { u"SUB"_s } });
        table.add(
            { { u"\033[31mred\033[0m \u009b2J \u202e\u2066gnp.exe\u200b\a\nnext\rline\t."_s } });
        const QStringList lines = laidOut(table, 0);
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines.at(1), u"�[31mred�[0m �2J ��gnp.exe���next�line�."_s);
    }

    void colours_areAroundCells_andTakeNoRoom()
    {
        Table table({ { u"STATE"_s }, { u"N"_s, ColumnKind::Number } });
        table.add({ { u"blocked"_s, Tone::Bad }, { u"5"_s } });
        const QStringList lines = table.layout(80, Palette(true)).lines;
        QCOMPARE(lines.value(1), u"\033[31mblocked\033[0m  5"_s);
        QCOMPARE(laidOut(table, 80).value(1), u"blocked  5"_s);
    }

    void emptyCells_leaveNoSpacesAtTheEnd()
    {
        Table table({ { u"A"_s }, { u"N"_s, ColumnKind::Number }, { u"C"_s } });
        table.add({ { u"a"_s }, {}, {} });
        table.add({ {}, { u"10"_s }, { u"c"_s } });
        QCOMPARE(laidOut(table, 80), (QStringList { u"A   N  C"_s, u"a"_s, u"   10  c"_s }));
    }

    void elided_cutsBetweenCharacters()
    {
        QCOMPARE(elided(u"abcdef"_s, 6), u"abcdef"_s);
        QCOMPARE(elided(u"abcdef"_s, 5), u"abcd…"_s);
        QCOMPARE(elided(u"火狐火狐"_s, 6), u"火狐…"_s);
        QCOMPARE(elided(u"🦊🦊🦊"_s, 5), u"🦊🦊…"_s);
        QCOMPARE(elided(u"ab"_s, 1), u"…"_s);
    }

    void brokenSurrogates_areReplaced()
    {
        const QString broken = u"a"_s + QChar(0xd83e) + u"b"_s + QChar(0xdd8a);
        QCOMPARE(printable(broken), u"a�b�"_s);
        QCOMPARE(printable(u"Grüße 火狐 🦊"_s), u"Grüße 火狐 🦊"_s);
    }
};

QTEST_GUILESS_MAIN(TestTable)
#include "tst_table.moc"
