/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/cmd.h"

#include "present/build/process.h"
#include "screen/data/columns.h"

static void print_column(const struct column *c)
{
	if (c->type != CELL_TABLE)
		(void)printf("  %-24s %s\n", c->id, c->help);
}

static void print_columns(const char *title, const struct column *columns, size_t n)
{
	(void)printf("%s:\n", title);
	for (size_t i = 0; i < n; i++)
		print_column(&columns[i]);
}

enum status cmd_columns(const struct context *ctx attr_unused)
{
	struct report scratch = REPORT_INIT;
	size_t n;
	const struct column *columns = build_region_columns(&scratch, &n);

	print_columns("List of processes", list_columns, n_list_columns);
	print_columns("Mappings (-r)", columns, n);
	report_release(&scratch);
	(void)puts("Full screen (--top):");
	for (int i = 0; i < PC_COUNT; i++)
		print_column(&proc_columns[i].column);
	return STATUS_OK;
}
