// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storagebrowser.h"
#include "tests/contract/storage/storageuser.h"
#include "tests/support/manualclock.h"

#include <QObject>
#include <QTemporaryDir>

#include <functional>
#include <memory>

namespace Carillon {

/// What the browser of every storage keeps: the sentences of core/storage/storagebrowser.h, on each
/// fixture in turn. Their pages look at few rows, so that lists of tests have many pages.
class BrowserContract : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data();
    void init();
    void cleanup();

    void prefix_ofUaids_isReadInAllSpellings();
    void prefix_thatIsNone_isRefused();
    void clientsById_pagesHoldEachOnce();
    void clientsById_seekBeginsThere();
    void clientsById_rowsComeAndGo_othersAreListedOnce();
    void clientsByExpiry_areInItsOrder();
    void clientsByDepth_areTheDeepOnes();
    void clients_filters();
    void clients_withMessages_areFoundAcrossManyWithout();
    void clients_total_isKnownWithoutAFilter();
    void clientsGiven_areFoundInTheirOrder();
    void client_inFull();
    void client_unknown_isNone();
    void channel_isFoundByItsId();
    void channels_areFoundByTheirSendersKey();
    void messagesByAge_pagesHoldEachOnce();
    void messagesByAge_seekBeginsThere();
    void messagesByExpiry_areInItsOrder();
    void messages_filters();
    void messages_ofOneClient();
    void messages_expired_areNotListed();
    void message_isFoundByItsKey();
    void message_isFoundByItsTopic();
    void cursor_ofAnotherList_isRefused();
    void overview_countsEverything();
    void overview_listsTheDeepestQueues();
    void storageStops_openCallsFail();

private:
    template<typename T, typename Function, typename... Values>
    Result<T> ask(Function function, Values... values)
    {
        Awaited<T> answer;
        (m_storage->browser().*function)(std::move(values)..., answer.completion());
        return answer.wait();
    }
    /// All rows of a list, page by page; `between` runs after each page. More than 1000 pages, or a
    /// failure, end it.
    std::vector<ClientSummary> all(ClientQuery query, const std::function<void()> &between = {});
    std::vector<StoredMessage> all(MessageQuery query);
    std::vector<Uaid> uaids(const ClientFilter &filter, ClientSort sort = ClientSort::Id);
    QByteArrayList topics(const MessageFilter &filter);

    /// Clients number 1 to count: their number is in the first and the last two bytes of the UAID,
    /// in such a way that they are not in the order of creation.
    void addClients(int count);
    void store(int client, const QByteArray &topic,
               const std::function<void(Notification &)> &change = {});
    [[nodiscard]] StorageUser user() { return StorageUser(*m_storage); }

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<ManualClock> m_clock;
    std::unique_ptr<Storage> m_storage;
};

} // namespace Carillon
