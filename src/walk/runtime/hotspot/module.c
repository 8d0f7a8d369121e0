/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/path.h"
#include "walk/runtime/hotspot/hotspot.h"

uint32_t hotspot_module(const struct walk *d)
{
	for (uint32_t i = 1; i < d->snap->n_files; i++) {
		if (d->snap->files[i].has_exec &&
		    streq(path_base(d->snap->files[i].path), "libjvm.so"))
			return i;
	}
	return 0;
}
