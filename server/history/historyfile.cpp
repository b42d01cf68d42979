// SPDX-License-Identifier: MPL-2.0
#include "server/history/historyfile.h"

#include "server/history/compactevent.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <limits>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace Carillon {

namespace {

/// Stamped by the first step.
constexpr std::int64_t ApplicationId = 0x43686973;
/// Rows that one transaction removes.
constexpr std::int64_t RemovedAtOnce = 5'000;

std::int64_t microseconds(Time time)
{
    return time.time_since_epoch().count();
}

template<typename Id> HistoryValue idOrNull(const std::optional<Id> &id)
{
    return id ? HistoryValue(HistoryBlob { id->raw() }) : HistoryValue();
}

HistoryValue keyOrNull(const std::optional<SortKey> &key)
{
    return key ? HistoryValue(toInt(*key)) : HistoryValue();
}

HistoryValue textOrNull(QByteArrayView text)
{
    return text.isEmpty() ? HistoryValue() : HistoryValue(HistoryText { text });
}

/// The columns of events_find….
enum Column {
    Id,
    When,
    Kind,
    Detail,
    Client,
    IsHashed,
    Channel,
    Key,
    By,
    Error,
    Code,
    Sender,
    Subject,
    Text,
    Size,
    Ttl,
    UrgencyOf,
    HasTopic
};

std::optional<ErrorCode> parseError(QByteArrayView name)
{
    for (int i = 0; i < ErrorCodeCount; ++i) {
        if (errorName(static_cast<ErrorCode>(i)) == name)
            return static_cast<ErrorCode>(i);
    }
    return std::nullopt;
}

/// nullopt: another version of the server has written it.
std::optional<Event> readEvent(const HistoryRows &rows)
{
    const auto kind = parseEventKind(rows.bytes(Kind));
    if (!kind)
        return std::nullopt;
    Event event;
    event.id = static_cast<std::uint64_t>(rows.integer(Id));
    event.time = Time(std::chrono::microseconds(rows.integer(When)));
    event.kind = *kind;
    event.detail = parseEventDetail(rows.bytes(Detail)).value_or(EventDetail::None);
    if (const QByteArray uaid = rows.bytes(Client); uaid.size() == Uaid::Size)
        event.uaid = Uaid::fromRaw(uaid);
    event.isUaidHashed = rows.integer(IsHashed) != 0;
    if (const QByteArray channel = rows.bytes(Channel); channel.size() == ChannelId::Size)
        event.channelId = ChannelId::fromRaw(channel);
    if (!rows.isNull(Key))
        event.sortKey = SortKey { rows.integer(Key) };
    if (!rows.isNull(By))
        event.by = SortKey { rows.integer(By) };
    event.error = parseError(rows.bytes(Error));
    if (!rows.isNull(Code))
        event.code = static_cast<int>(rows.integer(Code));
    event.sender = senderMark(rows.bytes(Sender));
    event.subject = rows.bytes(Subject);
    event.text = rows.bytes(Text);
    if (!rows.isNull(Size))
        event.size = rows.integer(Size);
    if (!rows.isNull(Ttl))
        event.ttl = std::chrono::seconds(rows.integer(Ttl));
    if (!rows.isNull(UrgencyOf))
        event.urgency =
            static_cast<Urgency>(std::clamp<std::int64_t>(rows.integer(UrgencyOf), 0, 3));
    event.hasTopic = rows.integer(HasTopic) != 0;
    return event;
}

bool isRare(EventKind kind)
{
    return kind != EventKind::PushAccepted && kind != EventKind::MessageStored
        && kind != EventKind::MessageSent && kind != EventKind::MessageAcknowledged;
}

bool areRare(const EventKinds &kinds)
{
    if (kinds.areAll())
        return false;
    for (int i = 0; i < EventKindCount; ++i) {
        const auto kind = static_cast<EventKind>(i);
        if (kinds.contains(kind) && !isRare(kind))
            return false;
    }
    return true;
}

} // namespace

HistoryFile::Lock::Lock(const QString &path)
    : m_descriptor(::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC,
                          S_IRUSR | S_IWUSR))
{
    if (m_descriptor >= 0 && ::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0)
        ::close(std::exchange(m_descriptor, -1));
}

HistoryFile::Lock::~Lock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Result<std::unique_ptr<HistoryFile>, HistoryFault> HistoryFile::open(const QString &path, Time now)
{
    QFile file(path);
    // SQLite gives its other files the permissions of this one.
    if (!file.exists()
        && !file.open(QIODevice::WriteOnly | QIODevice::NewOnly,
                      QFile::ReadOwner | QFile::WriteOwner))
        return Unexpected(HistoryFault::Disk);
    file.close();
    Lock lock(path + QStringLiteral("-lock"));
    if (!lock.isHeld())
        return Unexpected(HistoryFault::InUse);
    CARILLON_TRY(auto database, HistoryDatabase::open(path));
    std::unique_ptr<HistoryFile> opened(new HistoryFile(std::move(lock), std::move(database)));
    CARILLON_TRY_VOID(opened->setUp(now));
    return opened;
}

QString HistoryFile::setAside(const QString &path, Time now)
{
    QString aside = path + QStringLiteral(".damaged-%1").arg(toSeconds(now));
    if (!QFile::rename(path, aside))
        return {};
    // Its log belongs to it, and must not be taken for that of the next file.
    for (const char *const ending : { "-wal", "-shm" }) {
        const QString suffix = QString::fromLatin1(ending);
        QFile::remove(aside + suffix);
        QFile::rename(path + suffix, aside + suffix);
    }
    return aside;
}

Result<void, HistoryFault> HistoryFile::setUp(Time now)
{
    std::int64_t version = 0;
    {
        CARILLON_TRY(auto &&rows, m_database->run(HistoryStatement::FileIdentity));
        CARILLON_TRY(const bool hasRow, rows.next());
        const bool isEmpty = hasRow && rows.integer(1) == 0;
        if (!isEmpty && (!hasRow || rows.integer(0) != ApplicationId))
            return Unexpected(HistoryFault::Foreign);
        version = isEmpty ? 0 : -1;
    }
    if (version != 0) {
        CARILLON_TRY(auto &&rows, m_database->run(HistoryStatement::SchemaVersionFind));
        CARILLON_TRY(const bool hasRow, rows.next());
        version = hasRow ? rows.integer(0) : 0;
    }
    CARILLON_TRY_VOID(m_database->runFile(HistoryStatement::FileSetup));
    const QStringList steps = historySchemaSteps();
    if (version > steps.size())
        return Unexpected(HistoryFault::Foreign);
    for (qsizetype step = version; step < steps.size(); ++step) {
        CARILLON_TRY_VOID(m_database->run(HistoryStatement::TransactionBegin));
        CARILLON_TRY_VOID(m_database->runFile(steps[step]));
        CARILLON_TRY_VOID(m_database->run(HistoryStatement::SchemaVersionStamp,
                                          { std::int64_t { step + 1 }, microseconds(now) }));
        CARILLON_TRY_VOID(m_database->run(HistoryStatement::TransactionCommit));
    }
    CARILLON_TRY(const Bounds held, bounds());
    m_newestId = held.last;
    return {};
}

Result<void, HistoryFault> HistoryFile::append(std::span<const Event> events)
{
    const auto all = [&]() -> Result<void, HistoryFault> {
        CARILLON_TRY_VOID(m_database->run(HistoryStatement::TransactionBegin));
        for (const Event &event : events) {
            CARILLON_TRY_VOID(add(event));
        }
        CARILLON_TRY_VOID(m_database->run(HistoryStatement::TransactionCommit));
        return {};
    };
    auto done = all();
    if (!done)
        static_cast<void>(m_database->run(HistoryStatement::TransactionRollback));
    else if (!events.empty())
        m_newestId = events.back().id;
    return done;
}

Result<void, HistoryFault> HistoryFile::add(const Event &event)
{
    const QByteArrayView sender = event.sender
        ? QByteArrayView(reinterpret_cast<const char *>(event.sender->bytes.data()),
                         std::ssize(event.sender->bytes))
        : QByteArrayView();
    CARILLON_TRY_VOID(m_database->run(
        HistoryStatement::EventAdd,
        { static_cast<std::int64_t>(event.id), microseconds(event.time),
          HistoryText { eventName(event.kind) }, textOrNull(detailName(event.detail)),
          idOrNull(event.uaid), std::int64_t { event.isUaidHashed }, idOrNull(event.channelId),
          keyOrNull(event.sortKey), keyOrNull(event.by),
          event.error ? HistoryValue(HistoryText { errorName(*event.error) }) : HistoryValue(),
          event.code ? HistoryValue(std::int64_t { *event.code }) : HistoryValue(),
          event.sender ? HistoryValue(HistoryBlob { sender }) : HistoryValue(),
          textOrNull(event.subject), textOrNull(event.text),
          event.size ? HistoryValue(*event.size) : HistoryValue(),
          event.ttl ? HistoryValue(std::int64_t { event.ttl->count() }) : HistoryValue(),
          event.urgency ? HistoryValue(static_cast<std::int64_t>(*event.urgency)) : HistoryValue(),
          std::int64_t { event.hasTopic } }));
    return {};
}

Result<std::vector<Event>, HistoryFault> HistoryFile::find(const EventQuery &query)
{
    std::uint64_t after = query.after;
    std::uint64_t before = query.before == 0
        ? std::numeric_limits<std::int64_t>::max()
        : std::min<std::uint64_t>(query.before, std::numeric_limits<std::int64_t>::max());
    if (query.since) {
        CARILLON_TRY(const std::uint64_t first, firstSince(*query.since));
        after = std::max(after, first > 0 ? first - 1 : 0);
    }
    if (query.until) {
        CARILLON_TRY(const std::uint64_t first, firstSince(*query.until));
        before = std::min(before, first);
    }
    const bool newest = query.newestFirst;
    using Statement = HistoryStatement;
    Statement statement = newest ? Statement::EventsFindNewest : Statement::EventsFindOldest;
    HistoryValue key;
    if (query.uaid) {
        statement =
            newest ? Statement::EventsFindOfClientNewest : Statement::EventsFindOfClientOldest;
        key = HistoryBlob { query.uaid->raw() };
    } else if (query.sender) {
        statement =
            newest ? Statement::EventsFindOfSenderNewest : Statement::EventsFindOfSenderOldest;
        key =
            HistoryBlob { QByteArrayView(reinterpret_cast<const char *>(query.sender->bytes.data()),
                                         std::ssize(query.sender->bytes)) };
    } else if (areRare(query.kinds)) {
        statement = newest ? Statement::EventsFindRareNewest : Statement::EventsFindRareOldest;
    }
    const auto low = static_cast<std::int64_t>(after);
    const auto high = static_cast<std::int64_t>(before);
    const bool hasKey = !std::holds_alternative<std::monostate>(key);
    CARILLON_TRY(auto &&rows,
                 hasKey ? m_database->run(statement, { key, low, high })
                        : m_database->run(statement, { low, high }));
    std::vector<Event> found;
    while (std::cmp_less(found.size(), query.limit)) {
        CARILLON_TRY(const bool hasRow, rows.next());
        if (!hasRow)
            break;
        std::optional<Event> event = readEvent(rows);
        if (event && query.matches(*event))
            found.push_back(std::move(*event));
    }
    return found;
}

/// The id of the first event from this time on; above all ids if there is none. Times increase with
/// the ids, apart from milliseconds.
Result<std::uint64_t, HistoryFault> HistoryFile::firstSince(Time time)
{
    CARILLON_TRY(const Bounds held, bounds());
    // What is sought is in [low, high].
    std::uint64_t low = held.first;
    std::uint64_t high = held.last + 1;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        CARILLON_TRY(auto &&rows,
                     m_database->run(HistoryStatement::EventFindNext,
                                     { static_cast<std::int64_t>(middle) }));
        CARILLON_TRY(const bool hasRow, rows.next());
        if (hasRow && rows.integer(1) < microseconds(time))
            low = static_cast<std::uint64_t>(rows.integer(0)) + 1;
        else
            high = middle;
    }
    return low;
}

Result<bool, HistoryFault> HistoryFile::removeOld(Time before, std::int64_t maxBytes)
{
    CARILLON_TRY(const Bounds held, bounds());
    if (held.first == 0)
        return false;
    CARILLON_TRY(std::uint64_t keepFrom, firstSince(before));
    CARILLON_TRY(const std::int64_t size, bytes());
    if (size > maxBytes) // a twentieth of the events, wherever their ids have gaps
        keepFrom = std::max(
            keepFrom, held.first + std::max<std::uint64_t>(1, (held.last - held.first + 1) / 20));
    if (keepFrom <= held.first)
        return false;
    CARILLON_TRY_VOID(m_database->run(HistoryStatement::EventsRemoveOldest,
                                      { static_cast<std::int64_t>(keepFrom), RemovedAtOnce }));
    return true;
}

Result<std::int64_t, HistoryFault> HistoryFile::bytes()
{
    CARILLON_TRY(auto &&rows, m_database->run(HistoryStatement::FileSize));
    CARILLON_TRY(const bool hasRow, rows.next());
    return hasRow ? rows.integer(0) : 0;
}

Result<HistoryFile::Bounds, HistoryFault> HistoryFile::bounds()
{
    CARILLON_TRY(auto &&rows, m_database->run(HistoryStatement::EventFindBounds));
    CARILLON_TRY(const bool hasRow, rows.next());
    Bounds held;
    if (hasRow && !rows.isNull(0))
        held = { static_cast<std::uint64_t>(rows.integer(0)),
                 static_cast<std::uint64_t>(rows.integer(1)) };
    return held;
}

} // namespace Carillon
