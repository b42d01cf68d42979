-- SPDX-License-Identifier: MPL-2.0
-- On a new file, before its first table; later without effect.
PRAGMA auto_vacuum = INCREMENTAL;
