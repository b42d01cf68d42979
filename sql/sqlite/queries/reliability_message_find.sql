-- SPDX-License-Identifier: MPL-2.0
SELECT message, state, changed_at FROM reliability_message WHERE id = ?;
