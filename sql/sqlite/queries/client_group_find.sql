-- SPDX-License-Identifier: MPL-2.0
-- What a client's group has stored.
SELECT bytes FROM client_group WHERE prefix = substr(?, 1, 2);
