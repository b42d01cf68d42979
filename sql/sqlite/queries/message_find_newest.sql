-- SPDX-License-Identifier: MPL-2.0
-- The newest key that is stored for a client; NULL: nothing is.
SELECT max(sort_key) FROM message WHERE uaid = ?;
