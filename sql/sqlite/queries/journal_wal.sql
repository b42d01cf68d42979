-- SPDX-License-Identifier: MPL-2.0
PRAGMA journal_mode = WAL;
