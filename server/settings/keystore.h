// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settings.h"

namespace Carillon {

/// A set of fresh keys.
struct KeySet
{
    Secret cryptoKey;
    Secret authKey;
    Secret clusterSecret;

    [[nodiscard]] static KeySet generate();
};

/// What the program did for its keys.
struct KeysProvided
{
    /// The file that holds them; empty: they were configured.
    QString path;
    /// They were made just now.
    bool made = false;
};

/// As provideKeys(), without making anything: made says that a server would make keys. The error
/// also tells that it could not.
[[nodiscard]] Result<KeysProvided, QString> findKeys(Settings &settings);

/// What a database remembers of crypto keys, in their order; tells nothing of them.
[[nodiscard]] std::vector<std::int64_t> fingerprints(const Settings::Keys &keys);

/// Completes settings.keys, where no crypto key is configured, from the file keys.toml in the state
/// directory; makes that file (mode 0600) where it is missing. Processes that start at the same
/// time agree on one set. The error is a sentence for the operator.
[[nodiscard]] Result<KeysProvided, QString> provideKeys(Settings &settings);

/// Makes a directory that only its owner may enter, where there is none.
[[nodiscard]] Result<void, QString> makePrivateDirectory(const QString &path);

/// Writes a new file that only its owner may read; an existing one is an error and stays.
/// Gives whether this call made it: false, a file of that name was there.
[[nodiscard]] Result<bool, QString> writeSecretFile(const QString &path, const QByteArray &content);

/// The [keys] table of a configuration file with these keys; no cluster secret where that is empty.
[[nodiscard]] QByteArray keysToml(const KeySet &keys);

} // namespace Carillon
