-- SPDX-License-Identifier: MPL-2.0
SELECT message, id, state, received_at FROM reliability_message
WHERE received_at >= ? AND received_at < ? AND (received_at, message) > (?, ?)
ORDER BY received_at, message LIMIT ?;
