-- SPDX-License-Identifier: MPL-2.0
SELECT chid FROM channel WHERE uaid = ?;
