// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/contract/transport/transportfixture.h"

#include <QList>
#include <QObject>

namespace Carillon::Testing {

class RawSocket;

/// What every transport does with HTTP (server/net/transport.h, design.md §7).
class HttpContract final : public QObject
{
    Q_OBJECT
public:
    explicit HttpContract(TransportFactory factory) : m_factory(std::move(factory)) { }

private Q_SLOTS:
    // What the service is given.
    void request_isHandedOver_asSent();
    void target_isSplitAtTheFirstQuestionMark_data();
    void target_isSplitAtTheFirstQuestionMark();
    void wellFormedHead_isServed_data();
    void wellFormedHead_isServed();
    void emptyLines_beforeARequest_areSkipped_data();
    void emptyLines_beforeARequest_areSkipped();
    void emptyLines_alone_areNoRequest();
    void body_inPieces_isWhole();
    void chunkedBody_isDecoded_data();
    void chunkedBody_isDecoded();

    // What the service never sees.
    void malformedHead_isRefused_andTheConnectionCloses_data();
    void malformedHead_isRefused_andTheConnectionCloses();
    void malformedChunks_areRefused_data();
    void malformedChunks_areRefused();
    void headOverTheLimit_is431_data();
    void headOverTheLimit_is431();
    void bodyOverTheLimit_isRefused_beforeItIsSent();
    void bodyOverTheLimit_sentAllTheSame_stillMeetsTheAnswer();
    void chunkedBodyOverTheLimit_isRefused_beforeItsEnd();

    // Answers.
    void answer_hasDateAndLength();
    void head_isAnsweredLikeGet_withoutBody();
    void refusedHead_ofHead_isAnsweredWithoutBody_data();
    void refusedHead_ofHead_isAnsweredWithoutBody();
    void statusWithoutBody_hasNoLength();
    void headerThatBreaksTheHead_isLeftOut();
    void expectContinue_isAnswered_beforeTheBody();
    void expectContinue_overTheLimit_isRefusedInstead();
    void expectation_thatNeedsNoAnswer_getsNone_data();
    void expectation_thatNeedsNoAnswer_getsNone();
    void answerFromAnotherThread_arrives();
    void secondAnswer_isIgnored();
    void answerForAGoneConnection_reachesNobodyElse();
    void clientGoneBeforeItsAnswer_isHarmless_data();
    void clientGoneBeforeItsAnswer_isHarmless();
    void answerToAll_isThatOfEachOpenRequest_andItsOwnComesTooLate();
    void halfClosedClient_getsItsAnswer_data();
    void halfClosedClient_getsItsAnswer();
    void largeAnswer_arrivesWhole();

    // The connection.
    void connection_isKept_orAnnouncedToClose();
    void pipelinedRequests_areAnswered_inOrder();
    void connectionClose_isHonoured_data();
    void connectionClose_isHonoured();
    void unfinishedHead_timesOut();
    void unfinishedBody_timesOut();
    void silentConnection_isClosed_withoutAWord();
    void idleConnection_isClosed_afterAnAnswer();

    // The listener.
    void openRequests_countsThoseNotYetAnswered();
    void stopListening_refusesNewConnections_andAnswersOpenRequests();
    void twoWorkers_shareAPort();
    void portInUse_isASentence();
    void probePort_findsAServer_thatSharesItsPort();
    void outOfDescriptors_waits_withoutSpinning();
    void destruction_withOpenRequests_isHarmless();

private:
    [[nodiscard]] static QByteArray get(QByteArrayView target, QByteArrayView extraHeaders = {})
    {
        return request("GET", target, {}, extraHeaders);
    }
    /// Statuses of all answers on this connection until it ends.
    [[nodiscard]] static QList<int> statuses(RawSocket &client);

    TransportFactory m_factory;
};

} // namespace Carillon::Testing
