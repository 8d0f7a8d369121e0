/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/modes.h"

#include "present/build_process.h"

static void print_columns(const char *title, const struct column *columns, size_t n)
{
	(void)printf("%s:\n", title);
	for (size_t i = 0; i < n; i++) {
		if (columns[i].type != CELL_TABLE)
			(void)printf("  %-24s %s\n", columns[i].id, columns[i].help);
	}
}

enum status cmd_columns(const struct context *ctx attr_unused)
{
	struct report scratch = REPORT_INIT;
	size_t n;
	const struct column *columns = build_region_columns(&scratch, &n);

	print_columns("List of processes", list_columns, n_list_columns);
	print_columns("Mappings (-r)", columns, n);
	report_release(&scratch);
	return STATUS_OK;
}
