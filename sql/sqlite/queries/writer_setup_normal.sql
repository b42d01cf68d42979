-- SPDX-License-Identifier: MPL-2.0
-- Power loss may take the last commits. Checkpoints are the checkpointer's.
PRAGMA synchronous = NORMAL;

PRAGMA wal_autocheckpoint = 0;

-- 32 MiB.
PRAGMA cache_size = -32768;
