-- SPDX-License-Identifier: MPL-2.0
INSERT INTO reliability_message (id, state, changed_at, received_at, expires_at)
VALUES (?1, ?2, ?3, ?3, CASE WHEN ?4 > 0 THEN ?4 END)
RETURNING message;
