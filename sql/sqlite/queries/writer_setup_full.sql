-- SPDX-License-Identifier: MPL-2.0
-- A commit is on the disk when it returns. Checkpoints are the checkpointer's.
PRAGMA synchronous = FULL;

PRAGMA wal_autocheckpoint = 0;

-- 4 MiB: the system has what else is read again, at no more CPU (carillon-bench, absent).
PRAGMA cache_size = -4096;
