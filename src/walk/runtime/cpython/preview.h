/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The beginning of the contents of an object, as a person would write it. It is user data, and
 * shown only on demand.
 */
#ifndef WALK_RUNTIME_CPYTHON_PREVIEW_H
#define WALK_RUNTIME_CPYTHON_PREVIEW_H

#include "base/sbuf.h"
#include "walk/runtime/cpython/large.h"
#include "walk/runtime/cpython/types.h"

/*
 * Appends up to a few dozen characters, or the first keys or items, escaped (base/text.h). Appends
 * nothing for other kinds of objects, and for what cannot be read.
 */
void py_preview(struct py_types *types, const struct py_large *large, struct sbuf *out);

#endif
