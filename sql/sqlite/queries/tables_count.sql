-- SPDX-License-Identifier: MPL-2.0
SELECT (SELECT count(*) FROM client), (SELECT count(*) FROM channel), (SELECT count(*) FROM message);
