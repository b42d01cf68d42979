-- SPDX-License-Identifier: MPL-2.0
PRAGMA busy_timeout = 100;
