/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the package of a native extension from its path: the conventions by which CPython, PyPy,
 * Node, Ruby, the JVM, PHP, Perl, Lua, R, Erlang, OCaml and .NET name and place native modules.
 */
#ifndef MODEL_RULE_PACKAGE_H
#define MODEL_RULE_PACKAGE_H

#include <stddef.h>

#include "base/util.h"

struct package_match {
	const char *runtime; /* static */
	const char *name;    /* points into the path, or static ("stdlib") */
	size_t len;
};

/*
 * Returns whether the file is a native extension of a runtime, or a library shipped with one, as in
 * auditwheel's numpy.libs. `java_home` is the directory of the mapped JVM, NULL if there is no JVM:
 * with a JVM, libraries outside its directory and the system's directories are extensions.
 */
bool package_of_path(const char *path, const char *java_home, struct package_match *ret_match);

#endif
