-- SPDX-License-Identifier: MPL-2.0
SELECT chid, count(*), sum(size), min(accepted_at)
FROM message
WHERE uaid = ? AND expires_at > ?
GROUP BY chid;
