-- SPDX-License-Identifier: MPL-2.0
-- Newest first.
SELECT id, time, CAST(who AS BLOB), CAST(action AS BLOB), CAST(target AS BLOB), CAST(result AS BLOB),
    CAST(detail AS BLOB)
FROM audit
WHERE id < ?1 AND time >= ?2 AND time < ?3
    AND (?4 IS NULL OR who = CAST(?4 AS TEXT)) AND (?5 IS NULL OR action = CAST(?5 AS TEXT))
ORDER BY id DESC
LIMIT ?6;
