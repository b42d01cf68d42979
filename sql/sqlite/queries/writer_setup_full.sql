-- SPDX-License-Identifier: MPL-2.0
-- A commit is on the disk when it returns. Checkpoints are the checkpointer's.
PRAGMA synchronous = FULL;

PRAGMA wal_autocheckpoint = 0;

-- 32 MiB.
PRAGMA cache_size = -32768;
