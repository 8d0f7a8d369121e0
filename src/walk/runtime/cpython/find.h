/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the CPython runtimes of a process in the data of its modules, without symbols: `type` is the
 * one object that is its own type, and sys.version is among static data.
 */
#ifndef WALK_RUNTIME_CPYTHON_FIND_H
#define WALK_RUNTIME_CPYTHON_FIND_H

#include <stdint.h>

#include "base/util.h"
#include "proc/memsrc.h"

enum {
	PY_RUNTIMES_MAX = 4,
	PY_VERSION_MAX = 31,
};

struct py_runtime {
	uint64_t metatype;             /* PyType_Type */
	uint64_t start, end;           /* the writable data of its module, .bss included */
	uint32_t dev_major, dev_minor; /* of the module's file */
	uint64_t inode;
	char version[PY_VERSION_MAX + 1]; /* "3.11.2"; "" if it was not found */
	unsigned int major, minor;
	bool other_objects; /* objects begin with other fields than in the default build */
	bool free_threaded; /* as the text of its version says */
};

/* Finds at most PY_RUNTIMES_MAX runtimes, in the order of addresses. Returns how many. */
size_t py_runtimes_find(struct memsrc *mem, struct py_runtime ret[PY_RUNTIMES_MAX]);

/* Parses "3.11.2" or "3.11". Returns false if the text does not begin like that. */
bool py_version_parse(const char *text, unsigned int *ret_major, unsigned int *ret_minor);

#endif
