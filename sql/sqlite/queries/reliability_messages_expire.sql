-- SPDX-License-Identifier: MPL-2.0
UPDATE reliability_message
SET state = 11, changed_at = ?, expires_at = NULL
WHERE message IN (SELECT message FROM reliability_message WHERE expires_at < ?
                  ORDER BY expires_at, message LIMIT ?);
