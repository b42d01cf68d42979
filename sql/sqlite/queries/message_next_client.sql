-- SPDX-License-Identifier: MPL-2.0
SELECT uaid FROM message WHERE uaid >= ? AND uaid <= ? ORDER BY uaid LIMIT 1;
