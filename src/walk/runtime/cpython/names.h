/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of types: tp_name, and the module that a class was made in.
 */
#ifndef WALK_RUNTIME_CPYTHON_NAMES_H
#define WALK_RUNTIME_CPYTHON_NAMES_H

#include <stdint.h>

#include "base/sbuf.h"
#include "base/util.h"
#include "proc/memsrc.h"
#include "walk/runtime/cpython/layout.h"

enum { PY_NAME_MAX = 200 }; /* most bytes of a name */

/*
 * Reads the NUL-terminated name at addr, of 1 to PY_NAME_MAX bytes without control characters.
 * Returns false if there is none.
 */
bool py_name_read(struct memsrc *mem, uint64_t addr, char name[PY_NAME_MAX + 1]);

/*
 * Writes a name as the census shows it to out, which is reset first: escaped, and with the module
 * that __module__ of the dict (0: it has none) states, unless the name includes it or it is that of
 * the built-in types.
 */
void py_name_qualify(struct memsrc *mem, const struct py_layout *layout, uint64_t dict,
		     const char *name, struct sbuf *out);

#endif
