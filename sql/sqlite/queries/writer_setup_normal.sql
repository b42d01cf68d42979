-- SPDX-License-Identifier: MPL-2.0
-- Power loss may take the last commits. Checkpoints are the checkpointer's.
PRAGMA synchronous = NORMAL;

PRAGMA wal_autocheckpoint = 0;

-- 4 MiB: the system has what else is read again, at no more CPU (carillon-bench, absent).
PRAGMA cache_size = -4096;
