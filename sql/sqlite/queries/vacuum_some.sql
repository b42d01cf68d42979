-- SPDX-License-Identifier: MPL-2.0
-- One row for each page that is given back.
PRAGMA incremental_vacuum(256);
