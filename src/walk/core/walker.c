/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/core/walker.h"

#include "walk/core/runtime_heap.h"

uint32_t walker_module(const struct walker *row, const struct walk *walk)
{
	return row->module ? row->module(walk) : walk_runtime_file(walk, row->name);
}

bool walker_applies(const struct walker *row, const struct walk *walk)
{
	return walker_module(row, walk) || (row->in_program && walk_program(walk));
}
