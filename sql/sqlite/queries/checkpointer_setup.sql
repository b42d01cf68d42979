-- SPDX-License-Identifier: MPL-2.0
PRAGMA synchronous = FULL;

PRAGMA wal_autocheckpoint = 0;
