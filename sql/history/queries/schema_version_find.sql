-- SPDX-License-Identifier: MPL-2.0
SELECT max(version) FROM schema_version;
