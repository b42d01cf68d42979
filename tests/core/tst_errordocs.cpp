// SPDX-License-Identifier: MPL-2.0
#include "core/base/erroradvice.h"

#include <QFile>
#include <QHash>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace Carillon;

namespace {

// One row: | <a id="NAME"></a>NAME | HTTP | errno | close | message | what to do |
struct Row
{
    QByteArray anchor;
    QByteArray name;
    QByteArray status;
    QByteArray errorNumber;
    QByteArray close;
    QByteArray message;
    QByteArray advice;
};

const QByteArray Dash = QByteArrayLiteral("\u2013");
const QByteArray AnchorBegin = QByteArrayLiteral("<a id=\"");
const QByteArray AnchorEnd = QByteArrayLiteral("\"></a>");

std::optional<Row> parseRow(const QByteArray &line)
{
    QByteArrayList cells = line.split('|');
    if (cells.size() != 8 || !cells[1].trimmed().startsWith(AnchorBegin))
        return std::nullopt;
    for (QByteArray &cell : cells)
        cell = cell.trimmed();
    const qsizetype end = cells[1].indexOf(AnchorEnd);
    if (end < 0)
        return std::nullopt;
    return Row { cells[1].mid(AnchorBegin.size(), end - AnchorBegin.size()),
                 cells[1].mid(end + AnchorEnd.size()),
                 cells[2],
                 cells[3],
                 cells[4],
                 cells[5],
                 cells[6] };
}

// A cell of a number: a dash where the code does not occur.
QByteArray cellOf(int value, bool occurs)
{
    return occurs ? QByteArray::number(value) : Dash;
}

// A cell without Markdown's links to other pages of docs/.
QByteArray withoutLinks(const QByteArray &cell)
{
    static const QRegularExpression link(QStringLiteral("\\[([a-z]+\\.md)\\]\\(\\1\\)"));
    return QString::fromUtf8(cell).replace(link, QStringLiteral("docs/\\1")).toUtf8();
}

} // namespace

/// Compares docs/errors.md with the tables in core/base/errorcode.cpp and erroradvice.cpp.
class ErrorDocsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void everyCode_isOnThePageOnce_data();
    void everyCode_isOnThePageOnce();
    void everyRow_isACode();
    void names_areDistinct();

private:
    QList<Row> m_rows;
};

void ErrorDocsTest::initTestCase()
{
    QFile page(QStringLiteral(CARILLON_ERRORS_PAGE));
    QVERIFY2(page.open(QIODevice::ReadOnly), CARILLON_ERRORS_PAGE);
    const QByteArrayList lines = page.readAll().split('\n');
    for (const QByteArray &line : lines) {
        if (const auto row = parseRow(line))
            m_rows.append(*row);
    }
}

void ErrorDocsTest::everyCode_isOnThePageOnce_data()
{
    QTest::addColumn<int>("index");
    for (int index = 0; index < ErrorCodeCount; ++index)
        QTest::newRow(errorName(ErrorCode(index)).toByteArray().constData()) << index;
}

void ErrorDocsTest::everyCode_isOnThePageOnce()
{
    QFETCH(const int, index);
    const auto code = static_cast<ErrorCode>(index);
    const QByteArray name = errorName(code).toByteArray();
    QList<Row> found;
    for (const Row &row : m_rows) {
        if (row.anchor == name)
            found.append(row);
    }
    QCOMPARE(found.size(), 1);
    const Row &row = found.first();
    QCOMPARE(row.name, name);
    QCOMPARE(row.status, cellOf(httpStatus(code), hasHttpStatus(code)));
    const auto errorNumber = autopushErrno(code);
    QCOMPARE(row.errorNumber, errorNumber ? QByteArray::number(*errorNumber) : Dash);
    QCOMPARE(row.close, cellOf(closeCode(code), hasCloseCode(code)));
    QCOMPARE(row.message, errorMessage(code).toByteArray());
    QVERIFY(!row.advice.isEmpty());
    QCOMPARE(withoutLinks(row.advice), errorAdvice(code).toByteArray());
}

void ErrorDocsTest::everyRow_isACode()
{
    QSet<QByteArray> names;
    for (int index = 0; index < ErrorCodeCount; ++index)
        names.insert(errorName(ErrorCode(index)).toByteArray());
    for (const Row &row : std::as_const(m_rows))
        QVERIFY2(names.contains(row.anchor), row.anchor.constData());
}

void ErrorDocsTest::names_areDistinct()
{
    QHash<QByteArray, int> seen;
    for (int index = 0; index < ErrorCodeCount; ++index) {
        const QByteArray name = errorName(ErrorCode(index)).toByteArray();
        QVERIFY2(!seen.contains(name), name.constData());
        seen.insert(name, index);
        QVERIFY(errorNamed(name) == ErrorCode(index));
        QVERIFY(!errorNamed(name.toLower()));
    }
    QVERIFY(!errorNamed({}));
}

QTEST_GUILESS_MAIN(ErrorDocsTest)
#include "tst_errordocs.moc"
