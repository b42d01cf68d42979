-- SPDX-License-Identifier: MPL-2.0
PRAGMA journal_mode = WAL;

-- A power failure may take the last seconds.
PRAGMA synchronous = NORMAL;

PRAGMA cache_size = -2048;

PRAGMA journal_size_limit = 4194304;
