// SPDX-License-Identifier: MPL-2.0
#include "core/base/result.h"
#include "core/base/uniquefunction.h"
#include "tests/support/errorcodetext.h"

#include <QTest>

#include <memory>

using namespace Carillon;

namespace {

Result<int> half(int number)
{
    if (number % 2 != 0)
        return Unexpected(ErrorCode::BadRequest);
    return number / 2;
}

Result<void> even(int number)
{
    const auto result = half(number);
    if (!result)
        return Unexpected(result.error());
    return {};
}

Result<QByteArray> quarterText(int number)
{
    CARILLON_TRY(const int once, half(number));
    CARILLON_TRY_VOID(even(once));
    CARILLON_TRY(auto &&twice, half(once));
    return QByteArray::number(twice);
}

Result<void, std::unique_ptr<int>> failsWith(int number)
{
    return Unexpected(std::make_unique<int>(number));
}

Result<int, std::unique_ptr<int>> passesOn(int number)
{
    CARILLON_TRY_VOID(failsWith(number));
    return 0;
}

} // namespace

class tst_Result : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void value_isGiven()
    {
        const auto result = half(4);
        QVERIFY(result.has_value());
        QVERIFY(bool(result));
        QCOMPARE(*result, 2);
        QCOMPARE(result.value(), 2);
        QCOMPARE(result.value_or(7), 2);
    }

    void error_isGiven()
    {
        const auto result = half(3);
        QVERIFY(!result.has_value());
        QVERIFY(!result);
        QCOMPARE(result.error(), ErrorCode::BadRequest);
        QCOMPARE(result.value_or(7), 7);
    }

    void resultWithoutValue_succeedsOrNamesTheError()
    {
        QVERIFY(even(2).has_value());
        QCOMPARE(even(1).error(), ErrorCode::BadRequest);
    }

    void valueOfTheErrorsType_isStillAValue()
    {
        const Result<QByteArray, QByteArray> value = QByteArray("v");
        const Result<QByteArray, QByteArray> error = Unexpected(QByteArray("e"));
        QVERIFY(value.has_value());
        QCOMPARE(*value, QByteArray("v"));
        QVERIFY(!error.has_value());
        QCOMPARE(error.error(), QByteArray("e"));
    }

    void valueThatOnlyMoves_isMovedOut()
    {
        Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
        QCOMPARE(**result, 5);
        const std::unique_ptr<int> taken = *std::move(result);
        QCOMPARE(*taken, 5);
    }

    void tried_goesOnWithTheValue() { QCOMPARE(quarterText(8).value(), QByteArray("2")); }

    void tried_returnsTheFirstError()
    {
        QCOMPARE(quarterText(3).error(), ErrorCode::BadRequest);
        QCOMPARE(quarterText(2).error(), ErrorCode::BadRequest);
    }

    void tried_movesTheError() { QCOMPARE(*passesOn(5).error(), 5); }

    void uniqueFunction_carriesWhatOnlyMoves()
    {
        UniqueFunction<int(int)> empty;
        QVERIFY(!empty);
        UniqueFunction<int(int)> add = [held = std::make_unique<int>(5)](int n) {
            return *held + n;
        };
        QVERIFY(bool(add));
        QCOMPARE(add(2), 7);
        UniqueFunction<int(int)> moved = std::move(add);
        QCOMPARE(moved(3), 8);
    }
};

QTEST_APPLESS_MAIN(tst_Result)
#include "tst_result.moc"
