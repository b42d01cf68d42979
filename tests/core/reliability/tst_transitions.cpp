// SPDX-License-Identifier: MPL-2.0
#include "core/reliability/transitions.h"

#include <QTest>

#include <array>

using namespace Carillon;

namespace {

// One row for each state that a message is in, one column for each that it goes to, both in the
// order of MessageState: A allowed, g a gap, - impossible.
//
//                       received
//                       | stored
//                       | | int_transmitted
//                       | | | int_accepted
//                       | | | | retrieved
//                       | | | | | bridge_transmitted
//                       | | | | | | transmitted
//                       | | | | | | | accepted
//                       | | | | | | | | delivered
//                       | | | | | | | | | decryption_error
//                       | | | | | | | | | | not_delivered
//                       | | | | | | | | | | | expired
//                       | | | | | | | | | | | | errored
constexpr auto Table = std::to_array<const char *>({
    /* received        */ "- A A g g A A g g g g A A",
    /* stored          */ "- - A g A - g g g g g A g",
    /* int_transmitted */ "A A - A A - g g g g g A g",
    /* int_accepted    */ "- g g - g - A g g g g A A",
    /* retrieved       */ "- g g g - - A g g g g A g",
    /* bridge          */ "- - - - - - - - - - - - -",
    /* transmitted     */ "- A g g g - - A g g g A A",
    /* accepted        */ "- - - - - - - - A A A A -",
    /* delivered       */ "- - - - - - - - - - - - -",
    /* decryption_err. */ "- - - - - - - - - - - - -",
    /* not_delivered   */ "- - - - - - - - - - - - -",
    /* expired         */ "- - - - - - - - - - - - -",
    /* errored         */ "- - - - - - - - - - - - -",
});
static_assert(Table.size() == MessageStateCount);

Verdict verdict(char letter)
{
    return letter == 'A' ? Verdict::Allowed : letter == 'g' ? Verdict::Gap : Verdict::Impossible;
}

} // namespace

// docs/reliability.md: the table of transitions.
class TestTransitions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyPair_isJudgedByTheTable()
    {
        for (int from = 0; from < MessageStateCount; ++from) {
            for (int to = 0; to < MessageStateCount; ++to) {
                const Transition step { static_cast<MessageState>(from),
                                        static_cast<MessageState>(to) };
                const Verdict expected = verdict(Table[static_cast<size_t>(from)][2 * to]);
                if (judge(step) != expected)
                    QFAIL(qPrintable(QStringLiteral("%1 to %2")
                                         .arg(QString::fromLatin1(stateName(step.from)),
                                              QString::fromLatin1(stateName(step.to)))));
            }
        }
    }

    void terminalStates_areThoseWithoutAWayOut()
    {
        for (int from = 0; from < MessageStateCount; ++from) {
            const auto state = static_cast<MessageState>(from);
            const bool hasWay = QByteArray(Table[static_cast<size_t>(from)]).count('A') > 0;
            QCOMPARE(isTerminal(state), !hasWay);
        }
    }

    void names_areReadBack()
    {
        for (int i = 0; i < MessageStateCount; ++i) {
            const auto state = static_cast<MessageState>(i);
            QCOMPARE(parseState(stateName(state)), std::optional(state));
        }
        QCOMPARE(parseState("Received"), std::nullopt);
        QCOMPARE(parseState(""), std::nullopt);
    }

    void acks_tellTheState()
    {
        QCOMPARE(stateOfAck(0), MessageState::Delivered);
        QCOMPARE(stateOfAck(100), MessageState::Delivered);
        QCOMPARE(stateOfAck(101), MessageState::DecryptionError);
        QCOMPARE(stateOfAck(102), MessageState::NotDelivered);
        QCOMPARE(stateOfAck(7), MessageState::Delivered);
    }
};

QTEST_GUILESS_MAIN(TestTransitions)
#include "tst_transitions.moc"
