-- SPDX-License-Identifier: MPL-2.0
DELETE FROM channel WHERE uaid = ? AND chid = ?;
