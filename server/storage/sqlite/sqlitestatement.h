// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>
#include <QStringList>

namespace Carillon {

/// The queries in sql/sqlite/queries, one file each.
enum class SqliteStatement {
    // Files and connections.
    DatabaseCreate,
    DatabaseIdentity,
    DatabaseCheck,
    DatabaseSize,
    JournalWal,
    WriterSetupFull,
    WriterSetupNormal,
    ReaderSetup,
    CheckpointerSetup,
    SchemaVersionFind,
    SchemaVersionStamp,
    TransactionBeginRead,
    TransactionBeginWrite,
    TransactionCommit,
    TransactionRollback,
    SavepointBegin,
    SavepointRelease,
    SavepointRollback,
    // Upkeep.
    WalCheckpoint,
    WalRestart,
    VacuumNeed,
    VacuumPage,
    SortKeyReservedFind,
    SortKeyReservedSet,
    LeaseTake,
    ClockFind,
    ClockSet,
    KeysFind,
    KeysRemove,
    KeyAdd,
    // Clients and channels.
    ClientExists,
    ClientFind,
    ClientFindExpired,
    ClientGroupFind,
    RouteFind,
    ClientClaim,
    ClientSetNode,
    ClientFindNews,
    ClientRenew,
    ClientAdd,
    ClientRemove,
    ClientsRedate,
    ChannelsFind,
    ChannelsCountOthers,
    ChannelAdd,
    ChannelRemove,
    ChannelsRemoveOfClient,
    // Messages.
    MessageAdmit,
    MessageInsert,
    MessageFindTopic,
    MessageFindNewest,
    MessageRemove,
    MessageRemoveRow,
    MessagesFindDroppable,
    MessagesRemoveOfChannel,
    MessagesRemoveOfClient,
    MessagesRemoveExpired,
    MessagesRemoveExpiredOfClient,
    MessagesRedate,
    MessagesFetchAll,
    MessagesFetchPlain,
    MessagesFetchTopics,
};

inline constexpr int SqliteStatementCount =
    static_cast<int>(SqliteStatement::MessagesFetchTopics) + 1;

/// The name of a statement's file, without its ending.
[[nodiscard]] QByteArrayView fileName(SqliteStatement statement);

/// The statements of a compiled-in file below sql/sqlite ("queries/client_find"), without comments.
/// An empty line ends a statement. Empty: there is no such file. Thread: any.
[[nodiscard]] QStringList readSql(const QString &path);
/// The numbered steps that make and change the tables, in order.
[[nodiscard]] QStringList schemaSteps();

} // namespace Carillon
