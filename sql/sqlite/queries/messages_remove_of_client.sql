-- SPDX-License-Identifier: MPL-2.0
DELETE FROM message WHERE uaid = ?;
