-- SPDX-License-Identifier: MPL-2.0
-- All but the newest.
DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?;
