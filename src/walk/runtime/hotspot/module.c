/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/path.h"
#include "walk/runtime/hotspot/hotspot.h"

uint32_t hotspot_module(const struct walk *walk)
{
	for (uint32_t i = 1; i < walk->snap->n_files; i++) {
		if (walk->snap->files[i].has_exec &&
		    streq(path_base(walk->snap->files[i].path), "libjvm.so"))
			return i;
	}
	return 0;
}
