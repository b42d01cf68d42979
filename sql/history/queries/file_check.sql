-- SPDX-License-Identifier: MPL-2.0
PRAGMA quick_check(1);
