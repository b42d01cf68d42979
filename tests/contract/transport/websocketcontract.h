// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/contract/transport/transportfixture.h"

#include <QByteArray>
#include <QHash>
#include <QObject>

namespace Carillon::Testing {

/// What every transport does with WebSockets (server/net/websocketservice.h, RFC 6455).
class WebSocketContract final : public QObject
{
    Q_OBJECT
public:
    /// Tests that a transport is known to fail, as "function(row)", and why; they are skipped.
    using Gaps = QHash<QByteArray, QByteArray>;

    explicit WebSocketContract(TransportFactory factory, Gaps gaps = {})
        : m_factory(std::move(factory)), m_gaps(std::move(gaps))
    {
    }

private Q_SLOTS:
    // The handshake.
    void upgrade_isAnswered_withTheKeysHash();
    void subprotocol_isAnswered_whenOffered_data();
    void subprotocol_isAnswered_whenOffered();
    void compression_isNotAccepted();
    void badHandshake_isRefused_data();
    void badHandshake_isRefused();
    void getWithoutUpgrade_isAnOrdinaryRequest();
    void upgradeOnAListenerWithoutWebSockets_isAnOrdinaryRequest();
    void upgradeOfAKeptConnection_isDone();

    // Messages.
    void text_isDelivered_andAnswered_data();
    void text_isDelivered_andAnswered();
    void fragments_areOneMessage_data();
    void fragments_areOneMessage();
    void ping_betweenFragments_isAnsweredFirst();
    void frameInPieces_isOneMessage();
    void ping_isAnswered_andIsASignOfLife();
    void ourPing_isSent_andItsPongReported();
    void deafSession_hearsAllThatWaited_whenItHearsAgain_data();
    void deafSession_hearsAllThatWaited_whenItHearsAgain();

    // Violations.
    void messageOverTheLimit_closesWith1009_data();
    void messageOverTheLimit_closesWith1009();
    void binary_closesWith1003();
    void textThatIsNotUtf8_closesWith1007_data();
    void textThatIsNotUtf8_closesWith1007();
    void violation_closesWith1002_data();
    void violation_closesWith1002();

    // The end.
    void ourClose_isSent_andTcpEnds_thoughThePeerSaysNothing();
    void ourClose_answered_endsTcpAtOnce();
    void frameAfterOurClose_isNotDelivered();
    void deafSession_closed_hearsThePeersClose();
    void longReason_isCutToWhatAFrameHolds();
    void peersClose_isAnswered_andReported_data();
    void peersClose_isAnswered_andReported();
    void endOfTcp_isReported_data();
    void endOfTcp_isReported();
    void slowReader_isClosed();
    void drained_isReported_whenTheOutputIsTaken();
    void progress_isWhatThePeerTook_thoughTheKernelHeldIt();
    void stopListening_leavesSessionsOpen();
    void destruction_withOpenSessions_endsTheirTcp();

    // Sessions by name.
    void session_isFound_untilItIsClosed();
    void manySessions_areVisited();

private:
    /// Why the running test is a gap; empty if it is none.
    [[nodiscard]] QByteArray gap() const;

    TransportFactory m_factory;
    Gaps m_gaps;
};

} // namespace Carillon::Testing
