// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/setting.h"

#include <initializer_list>
#include <limits>
#include <utility>

// How the kinds of settings are read and written. Each kind has a Value, read(), write() (a TOML
// value that read() takes; secrets stay hidden) and takes() (for people).
//
//   number    = ["-"] digits ["." digits]
//   duration  = number [ "ms" | "s" | "m" | "h" | "d" ]      without unit: the setting's own
//   size      = digits [ "KiB" | "MiB" | "GiB" ]             without unit: bytes
//   frequency = "off" / digits "/" ( "s" | "m" | "h" ) [ "burst" digits ]   burst: as the first
//   list      = [ "[" ] item *( ("," | newline) item ) [ "]" ]   items may be quoted
namespace Carillon::SettingKinds {

/// The only text of a value that is no list.
[[nodiscard]] Result<QString, SettingFault> single(const RawValue &raw);
/// The items of a list, however it was written.
[[nodiscard]] QStringList listItems(const RawValue &raw);
[[nodiscard]] QString quoted(const QString &text);
[[nodiscard]] Unexpected<SettingFault> fault(QString what, QString remedy);

struct Number
{
    std::int64_t minimum = 0;
    std::int64_t maximum = std::numeric_limits<int>::max();
    [[nodiscard]] Result<std::int64_t, SettingFault> readNumber(const RawValue &raw) const;
    [[nodiscard]] QString takes() const;
};

template<typename T> struct Integer : Number
{
    using Value = T;
    [[nodiscard]] Result<T, SettingFault> read(const RawValue &raw) const
    {
        const auto number = readNumber(raw);
        if (!number)
            return Unexpected(number.error());
        return static_cast<T>(*number);
    }
    [[nodiscard]] QString write(T value) const { return QString::number(value); }
};

struct Port
{
    using Value = quint16;
    [[nodiscard]] Result<quint16, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(quint16 value) const { return QString::number(value); }
    [[nodiscard]] QString takes() const;
};

struct Bytes
{
    using Value = std::int64_t;
    std::int64_t minimum = 0;
    std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
    [[nodiscard]] Result<std::int64_t, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(std::int64_t value) const;
    [[nodiscard]] QString takes() const;
};

/// A duration whose plain number means `unit`.
struct Span
{
    std::chrono::milliseconds unit { 1'000 };
    std::chrono::milliseconds minimum { 1 };
    std::chrono::milliseconds maximum = std::chrono::hours(24 * 365 * 10);
    [[nodiscard]] Result<std::chrono::milliseconds, SettingFault>
    readSpan(const RawValue &raw) const;
    [[nodiscard]] QString writeSpan(std::chrono::milliseconds value) const;
    [[nodiscard]] QString takes() const;
};

template<typename D> struct Duration : Span
{
    using Value = D;
    [[nodiscard]] Result<D, SettingFault> read(const RawValue &raw) const
    {
        const auto span = readSpan(raw);
        if (!span)
            return Unexpected(span.error());
        return std::chrono::duration_cast<D>(*span);
    }
    [[nodiscard]] QString write(D value) const { return writeSpan(value); }
};

struct Boolean
{
    using Value = bool;
    [[nodiscard]] Result<bool, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(bool value) const;
    [[nodiscard]] QString takes() const;
};

/// The place of a text among names.
[[nodiscard]] Result<qsizetype, SettingFault> readChoice(const RawValue &raw,
                                                         const QStringList &names);

template<typename E> struct Choice
{
    using Value = E;
    std::vector<std::pair<QString, E>> options;

    [[nodiscard]] QStringList names() const
    {
        QStringList all;
        for (const auto &[name, value] : options)
            all << name;
        return all;
    }
    [[nodiscard]] Result<E, SettingFault> read(const RawValue &raw) const
    {
        const auto index = readChoice(raw, names());
        if (!index)
            return Unexpected(index.error());
        return options.at(static_cast<size_t>(*index)).second;
    }
    [[nodiscard]] QString write(E value) const
    {
        for (const auto &[name, option] : options) {
            if (option == value)
                return quoted(name);
        }
        return {};
    }
    [[nodiscard]] QString takes() const { return names().join(QStringLiteral(" \\| ")); }
};

/// One or more of the options.
template<typename E> struct Choices
{
    using Value = std::vector<E>;
    Choice<E> each;

    [[nodiscard]] Result<Value, SettingFault> read(const RawValue &raw) const
    {
        Value values;
        for (const QString &item : listItems(raw)) {
            const auto value = each.read({ { item }, false, raw.where });
            if (!value)
                return Unexpected(value.error());
            values.push_back(*value);
        }
        if (values.empty())
            return Unexpected(SettingFault { QStringLiteral("the list is empty"),
                                             QStringLiteral("give one or more of ")
                                                 + each.names().join(QStringLiteral(", ")) });
        return values;
    }
    [[nodiscard]] QString write(const Value &values) const
    {
        QStringList items;
        for (const E value : values)
            items << each.write(value);
        return QLatin1Char('[') + items.join(QStringLiteral(", ")) + QLatin1Char(']');
    }
    [[nodiscard]] QString takes() const { return QStringLiteral("list of ") + each.takes(); }
};

/// Whether a listener on `wide` also takes connections to `narrow`.
[[nodiscard]] bool covers(const QHostAddress &wide, const QHostAddress &narrow);

/// Where a listener listens: IP addresses, or "localhost" for both addresses of loopback. What a
/// wildcard in the list covers is left out.
struct ListenAddresses
{
    using Value = Addresses;
    [[nodiscard]] Result<Value, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const Value &value) const;
    [[nodiscard]] QString takes() const;
};

/// Scheme, host and port of an http(s) URL, written without the scheme's own port.
struct Origin
{
    using Value = QByteArray;
    [[nodiscard]] Result<QByteArray, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const QByteArray &value) const;
    [[nodiscard]] QString takes() const;
};

/// What a name is appended to: http or https, without a password. A URL without query and fragment
/// ends with a slash; empty: not said.
struct UrlPrefix
{
    using Value = QByteArray;
    [[nodiscard]] Result<QByteArray, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const QByteArray &value) const;
    [[nodiscard]] QString takes() const;
};

/// Where WebSocket clients connect: ws or wss, with a path; empty: not said.
struct WebSocketUrl
{
    using Value = QByteArray;
    [[nodiscard]] Result<QByteArray, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const QByteArray &value) const;
    [[nodiscard]] QString takes() const;
};

/// VAPID public keys in base64url: uncompressed points, raw.
struct PublicKeys
{
    using Value = std::vector<QByteArray>;
    [[nodiscard]] Result<Value, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const Value &value) const;
    [[nodiscard]] QString takes() const;
};

/// Addresses and networks.
struct Networks
{
    using Value = std::vector<IpNetwork>;
    [[nodiscard]] Result<Value, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const Value &value) const;
    [[nodiscard]] QString takes() const;
};

/// How often something may happen.
struct Frequency
{
    using Value = Rate;
    [[nodiscard]] Result<Rate, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const Rate &value) const;
    [[nodiscard]] QString takes() const;
};

/// Any http(s) URL.
struct WebUrl
{
    using Value = QUrl;
    [[nodiscard]] Result<QUrl, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const QUrl &value) const;
    [[nodiscard]] QString takes() const;
};

/// A host's name or address, without a port; empty: none.
struct HostName
{
    using Value = QString;
    [[nodiscard]] Result<QString, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const QString &value) const { return quoted(value); }
    [[nodiscard]] QString takes() const;
};

/// What the names of metrics begin with: letters, digits, '.', '_' and '-'; may be empty.
struct MetricLabel
{
    using Value = QByteArray;
    [[nodiscard]] Result<QByteArray, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const QByteArray &value) const;
    [[nodiscard]] QString takes() const;
};

struct Directory
{
    using Value = QString;
    [[nodiscard]] Result<QString, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const QString &value) const { return quoted(value); }
    [[nodiscard]] QString takes() const;
};

/// A name of this machine, such as a group's; empty: none.
struct Name
{
    using Value = QString;
    [[nodiscard]] Result<QString, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const QString &value) const { return quoted(value); }
    [[nodiscard]] QString takes() const;
};

/// Empty: none.
struct File
{
    using Value = QString;
    [[nodiscard]] Result<QString, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const QString &value) const { return quoted(value); }
    [[nodiscard]] QString takes() const;
};

struct Database
{
    using Value = StorageDsn;
    [[nodiscard]] Result<StorageDsn, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const StorageDsn &value) const;
    [[nodiscard]] QString takes() const;
};

struct Rules
{
    using Value = std::vector<LogRule>;
    [[nodiscard]] Result<Value, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const Value &value) const;
    [[nodiscard]] QString takes() const;
};

/// Faults of secrets never hold what was written.
struct SecretText
{
    using Value = Secret;
    qsizetype minimumLength = 1;
    [[nodiscard]] Result<Secret, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const Secret &value) const;
    [[nodiscard]] QString takes() const;
};

struct SecretList
{
    using Value = std::vector<Secret>;
    /// Whether each must be a Fernet key (32 bytes in URL-safe base64 with padding).
    bool fernet = false;
    [[nodiscard]] Result<Value, SettingFault> read(const RawValue &raw) const;
    [[nodiscard]] QString write(const Value &value) const;
    [[nodiscard]] QString takes() const;
};

} // namespace Carillon::SettingKinds
