-- SPDX-License-Identifier: MPL-2.0
SELECT freelist_count, page_count FROM pragma_freelist_count(), pragma_page_count();
