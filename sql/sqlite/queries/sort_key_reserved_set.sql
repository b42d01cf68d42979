-- SPDX-License-Identifier: MPL-2.0
UPDATE counter SET value = ? WHERE name = 'sort_key_reserved';
