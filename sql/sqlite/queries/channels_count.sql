-- SPDX-License-Identifier: MPL-2.0
SELECT count(*) FROM channel WHERE uaid = ?;
