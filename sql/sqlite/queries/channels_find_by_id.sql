-- SPDX-License-Identifier: MPL-2.0
SELECT uaid FROM channel WHERE substr(chid, 1, 8) = substr(?, 1, 8) AND chid = ? LIMIT ?;
