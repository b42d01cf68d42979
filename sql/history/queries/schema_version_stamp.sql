-- SPDX-License-Identifier: MPL-2.0
INSERT INTO schema_version (version, applied_at) VALUES (?, ?);
