// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitestatement.h"

#include <QDir>
#include <QFile>

// The resources of a static library are linked only where they are asked for by name; the macro has
// to stand outside of every namespace.
static void loadSqlResources()
{
    static const bool loaded = [] {
        Q_INIT_RESOURCE(carillon_sql);
        return true;
    }();
    Q_UNUSED(loaded)
}

namespace Carillon {

QByteArrayView fileName(SqliteStatement statement)
{
    switch (statement) {
    case SqliteStatement::DatabaseCreate:
        return "database_create";
    case SqliteStatement::DatabaseIdentity:
        return "database_identity";
    case SqliteStatement::DatabaseCheck:
        return "database_check";
    case SqliteStatement::DatabaseSize:
        return "database_size";
    case SqliteStatement::JournalWal:
        return "journal_wal";
    case SqliteStatement::WriterSetupFull:
        return "writer_setup_full";
    case SqliteStatement::WriterSetupNormal:
        return "writer_setup_normal";
    case SqliteStatement::ReaderSetup:
        return "reader_setup";
    case SqliteStatement::CheckpointerSetup:
        return "checkpointer_setup";
    case SqliteStatement::SchemaVersionFind:
        return "schema_version_find";
    case SqliteStatement::SchemaVersionStamp:
        return "schema_version_stamp";
    case SqliteStatement::TransactionBeginRead:
        return "transaction_begin_read";
    case SqliteStatement::TransactionBeginWrite:
        return "transaction_begin_write";
    case SqliteStatement::TransactionCommit:
        return "transaction_commit";
    case SqliteStatement::TransactionRollback:
        return "transaction_rollback";
    case SqliteStatement::SavepointBegin:
        return "savepoint_begin";
    case SqliteStatement::SavepointRelease:
        return "savepoint_release";
    case SqliteStatement::SavepointRollback:
        return "savepoint_rollback";
    case SqliteStatement::WalCheckpoint:
        return "wal_checkpoint";
    case SqliteStatement::WalRestart:
        return "wal_restart";
    case SqliteStatement::VacuumNeed:
        return "vacuum_need";
    case SqliteStatement::VacuumPage:
        return "vacuum_page";
    case SqliteStatement::SortKeyReservedFind:
        return "sort_key_reserved_find";
    case SqliteStatement::SortKeyReservedSet:
        return "sort_key_reserved_set";
    case SqliteStatement::LeaseTake:
        return "lease_take";
    case SqliteStatement::ClockFind:
        return "clock_find";
    case SqliteStatement::ClockSet:
        return "clock_set";
    case SqliteStatement::KeysFind:
        return "keys_find";
    case SqliteStatement::KeysRemove:
        return "keys_remove";
    case SqliteStatement::KeyAdd:
        return "key_add";
    case SqliteStatement::ClientExists:
        return "client_exists";
    case SqliteStatement::ClientFind:
        return "client_find";
    case SqliteStatement::ClientFindExpired:
        return "client_find_expired";
    case SqliteStatement::ClientGroupFind:
        return "client_group_find";
    case SqliteStatement::RouteFind:
        return "route_find";
    case SqliteStatement::ClientClaim:
        return "client_claim";
    case SqliteStatement::ClientSetNode:
        return "client_set_node";
    case SqliteStatement::ClientFindNews:
        return "client_find_news";
    case SqliteStatement::ClientRenew:
        return "client_renew";
    case SqliteStatement::ClientAdd:
        return "client_add";
    case SqliteStatement::ClientRemove:
        return "client_remove";
    case SqliteStatement::ClientsRedate:
        return "clients_redate";
    case SqliteStatement::ChannelsFind:
        return "channels_find";
    case SqliteStatement::ChannelsCountOthers:
        return "channels_count_others";
    case SqliteStatement::ChannelAdd:
        return "channel_add";
    case SqliteStatement::ChannelRemove:
        return "channel_remove";
    case SqliteStatement::ChannelsRemoveOfClient:
        return "channels_remove_of_client";
    case SqliteStatement::MessageAdmit:
        return "message_admit";
    case SqliteStatement::MessageInsert:
        return "message_insert";
    case SqliteStatement::MessageFindNewest:
        return "message_find_newest";
    case SqliteStatement::MessageFindTopic:
        return "message_find_topic";
    case SqliteStatement::MessageRemove:
        return "message_remove";
    case SqliteStatement::MessageRemoveRow:
        return "message_remove_row";
    case SqliteStatement::MessagesFindDroppable:
        return "messages_find_droppable";
    case SqliteStatement::MessagesRemoveOfChannel:
        return "messages_remove_of_channel";
    case SqliteStatement::MessagesRemoveOfClient:
        return "messages_remove_of_client";
    case SqliteStatement::MessagesRemoveExpired:
        return "messages_remove_expired";
    case SqliteStatement::MessagesRemoveExpiredOfClient:
        return "messages_remove_expired_of_client";
    case SqliteStatement::MessagesRedate:
        return "messages_redate";
    case SqliteStatement::MessagesFetchAll:
        return "messages_fetch_all";
    case SqliteStatement::MessagesFetchPlain:
        return "messages_fetch_plain";
    case SqliteStatement::MessagesFetchTopics:
        return "messages_fetch_topics";
    }
    return {};
}

QStringList readSql(const QString &path)
{
    loadSqlResources();
    QFile file(QStringLiteral(":/sql/sqlite/%1.sql").arg(path));
    if (!file.open(QIODevice::ReadOnly))
        return {};

    QStringList statements;
    QString statement;
    const auto endStatement = [&] {
        if (!statement.isEmpty())
            statements.push_back(statement);
        statement.clear();
    };
    for (const QString &line : QString::fromUtf8(file.readAll()).split(u'\n')) {
        if (line.trimmed().isEmpty())
            endStatement();
        else if (!line.trimmed().startsWith(u"--"))
            statement += line + u'\n';
    }
    endStatement();
    return statements;
}

QStringList schemaSteps()
{
    loadSqlResources();
    QStringList steps;
    for (const QString &file : QDir(QStringLiteral(":/sql/sqlite/schema")).entryList(QDir::Files))
        steps.push_back(QStringLiteral("schema/") + file.chopped(4));
    return steps;
}

} // namespace Carillon
