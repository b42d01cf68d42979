-- SPDX-License-Identifier: MPL-2.0
-- Copies what is left and lets the next write begin at the file's start; waits for readers.
PRAGMA wal_checkpoint(RESTART);
