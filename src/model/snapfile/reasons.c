/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapfile/process.h"

static bool same_field(const void *arg, uint32_t i, const void *key)
{
	return streq(((const struct process_reader *)arg)->reasons[i].field, key);
}

const char *snapfile_reason(const struct process_reader *p, const char *field)
{
	uint32_t i = index_find(&p->reason_index, index_hash_bytes(field, strlen(field)),
				same_field, p, field);

	return i == INDEX_NONE ? NULL : p->reasons[i].text;
}
