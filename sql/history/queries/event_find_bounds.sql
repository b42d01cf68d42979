-- SPDX-License-Identifier: MPL-2.0
SELECT (SELECT min(id) FROM event), (SELECT max(id) FROM event);
