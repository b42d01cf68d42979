-- SPDX-License-Identifier: MPL-2.0
PRAGMA query_only = ON;

-- 8 MiB.
PRAGMA cache_size = -8192;
