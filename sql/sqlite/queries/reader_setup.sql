-- SPDX-License-Identifier: MPL-2.0
PRAGMA query_only = ON;

-- 2 MiB, as the writer has little too.
PRAGMA cache_size = -2048;
