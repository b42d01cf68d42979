-- SPDX-License-Identifier: MPL-2.0
SELECT value FROM counter WHERE name = 'sort_key_reserved';
