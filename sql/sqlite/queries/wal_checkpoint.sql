-- SPDX-License-Identifier: MPL-2.0
PRAGMA wal_checkpoint(PASSIVE);
