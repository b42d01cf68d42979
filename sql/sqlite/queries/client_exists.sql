-- SPDX-License-Identifier: MPL-2.0
SELECT EXISTS (SELECT 1 FROM client);
