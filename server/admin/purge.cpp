// SPDX-License-Identifier: MPL-2.0
#include "server/admin/purge.h"

#include "server/admin/browsingjson.h"
#include "server/journal/journal.h"

#include <memory>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// One purge, page by page. Owned by the calls that it waits for. Thread: the admin thread.
class Purge final : public std::enable_shared_from_this<Purge>
{
public:
    Purge(const Browsing &with, const Uaid &uaid, AdminResponder responder)
        : m_with(with), m_uaid(uaid), m_responder(std::move(responder))
    {
    }

    void goOn()
    {
        MessageQuery query { .filter = { .uaid = m_uaid } };
        query.page = { .limit = PageSize, .after = m_after };
        m_with.browser.listMessages(
            std::move(query),
            m_with.here<MessagePage>([self = shared_from_this()](Result<MessagePage> page) {
                if (page)
                    self->remove(*page);
                else
                    self->m_responder.fail(problemOf(page.error()));
            }));
    }

private:
    static constexpr int PageSize = 500;

    void remove(const MessagePage &page)
    {
        m_after = page.next;
        m_open = page.messages.size();
        if (m_open == 0) {
            next();
            return;
        }
        for (const StoredMessage &stored : page.messages) {
            const Notification &message = stored.message;
            m_with.storage.removeMessage(
                m_uaid, message.channelId, message.sortKey,
                m_with.here<bool>([self = shared_from_this(), channel = message.channelId,
                                   key = message.sortKey](Result<bool> removed) {
                    self->removed(channel, key, removed);
                }));
        }
    }

    void removed(const ChannelId &channel, SortKey key, const Result<bool> &removed)
    {
        if (!removed)
            m_hasFailed = true;
        if (removed && *removed) {
            ++m_removed;
            m_with.journal.record(Fact::MessagePurged { m_uaid, channel, key });
        }
        if (--m_open == 0)
            next();
    }

    void next()
    {
        if (m_hasFailed)
            m_responder.fail(ProblemType::Unavailable,
                             u"Storage failed after %1 messages were removed."_s.arg(m_removed));
        else if (m_after.isEmpty())
            m_responder.send(QJsonObject { { u"removed"_s, qint64 { m_removed } } });
        else
            goOn();
    }

    const Browsing &m_with;
    const Uaid m_uaid;
    const AdminResponder m_responder;
    QByteArray m_after;
    std::size_t m_open = 0;
    std::int64_t m_removed = 0;
    bool m_hasFailed = false;
};

} // namespace

void purgeMessages(const Browsing &with, const Uaid &uaid, const AdminResponder &responder)
{
    std::make_shared<Purge>(with, uaid, responder)->goOn(); // owned by its calls
}

} // namespace Carillon
