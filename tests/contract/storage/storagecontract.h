// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storage.h"
#include "tests/contract/storage/storageuser.h"
#include "tests/support/manualclock.h"

#include <QObject>
#include <QTemporaryDir>

#include <memory>

namespace Carillon {

/// What every storage keeps: the sentences of core/storage/storage.h, on each fixture in turn (the
/// global data rows; storagefixture.h says how a backend joins). What is a backend's own is in
/// files of its name.
class StorageContract : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data();
    void init();
    void cleanup();

    // Clients and channels: storagecontract_clients.cpp.
    void unknownClient_isNotFound();
    void addChannel_makesTheClientOfItsClaim();
    void addChannel_ofAKnownClient_leavesItsRecord();
    void addChannel_again_isNoError();
    void addChannel_overTheLimit_isRefused();
    void addChannel_ofASupersededConnection_isRefused();
    void claim_unknownClient_givesNone();
    void claim_takesTheClientOver();
    void claim_movesTheExpiry_onceASixtiethOfTheLifetimeHasPassed();
    void claim_tellsWhetherMessagesAreStored();
    void claim_tellsWhichNodeHadTheClient();
    void claim_clockStandsOrStepsBack_connectedAtRises();
    void release_ofAnEarlierConnection_changesNothing();
    void release_clearsTheNode();
    void reclaim_namesTheNodeAgain_ofTheNewestConnectionOnly();
    void news_areOfOtherNodes_andOfStoredMessages();
    void renew_movesTheExpiry_unknownIsPassedOver();
    void clientUnseenForItsLifetime_isThereUntilItIsRemoved();
    void renewedClient_isNotRemoved_howeverLate();
    void claim_withAnEarlierClock_doesNotShortenTheExpiry();
    void removeClient_takesChannelsAndMessages();
    void route_saysWhatASenderNeeds();
    void removeChannel_takesOnlyItsMessages();

    // Messages at rest: storagecontract_messages.cpp.
    void store_unknownUserOrChannel_isRefused();
    void store_saysWhereTheClientIs();
    void store_namesThePredecessor_whereAClientIs();
    void store_keepsEveryField();
    void keys_riseAlsoWhenTheClockStepsBack();
    void fetch_isInOrderOfKeys_fromTheOneAfter();
    void fetch_stopsAtItsLimits_andSaysWhetherThereIsMore();
    void fetch_byKind();
    void fetch_passesOverLowerUrgency();
    void fetch_passesOverExpired();
    void fetch_withoutWhatWasAskedToBeRemoved();
    void topic_replacesItsPredecessor_whoseKeyIsGone();
    void topic_ofAnotherChannel_isAnotherMessage();
    void removeMessage_needsItsChannel_andOnlyOnceGivesTrue();
    void removeAcknowledged_isSeenAtOnce_andDoneWithTheNextWrite();
    void removeTopic_asksWhetherItIsMeant();
    void callsOfOneClient_takeEffectInTheOrderAsked();
    void check_ofAWorkingStorage_isFine();

    // Limits and expiry: storagecontract_limits.cpp.
    void queueFull_byCount_isRefused();
    void queueFull_byBytes_isRefused();
    void queueFull_replacedOrExpired_doNotCount();
    void queueFull_removedMessages_giveRoom();
    void reset_refusesByBytesOnly();
    void reset_emptyMessages_takeRoom();
    void groupFull_isRefused_othersAreNot();
    void groupFull_newChannelsAreRefused_othersAreNot();
    void groupFull_whatIsRemoved_givesRoom();
    void dropOldest_takesLowUrgencyThenOldest();
    void dropOldest_staysWithinTheChannel_elseRefuses();
    void dropOldest_sparesWhatIsInFlight();
    void removeExpired_goesInBatches();
    void removeExpired_takesUnseenClients();

    // Stored while being sent: storagecontract_sending.cpp.
    void sending_ackFirst_isNotWritten();
    void sending_endOfWait_writesInOrder();
    void sending_ackAfterTheWrite_removesIt();
    void sending_anotherCall_endsTheWait();
    void sending_topicAcknowledged_removesThePredecessor();
    void sending_toUnknownChannel_failsUnlessAcknowledged();
    void sending_keysGoOnBetweenAllKinds();
    void destruction_writesWhatIsHeld();

private:
    /// Begins anew, with other limits.
    void open(const QueueLimits &limits);
    /// Over the same data if the backend keeps any.
    void reopen();
    [[nodiscard]] bool keepsData() const;
    [[nodiscard]] bool waitsForAck() const;
    [[nodiscard]] bool sends() const;
    [[nodiscard]] StorageUser user() { return StorageUser(*m_storage); }
    /// A message of m_uaid on m_channel, accepted now, for an hour.
    [[nodiscard]] Notification message(const QByteArray &body, const QByteArray &topic = {}) const;
    [[nodiscard]] FetchRequest request() const;

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<ManualClock> m_clock;
    std::unique_ptr<Storage> m_storage;
    QueueLimits m_limits;
    Uaid m_uaid;
    ChannelId m_channel;
    ChannelId m_otherChannel;
};

} // namespace Carillon
