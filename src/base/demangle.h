/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of C++ as a person writes them, by the demangler of the C++ runtime, which is loaded when it
 * is needed: most runs do without. Names are hostile bytes.
 */
#ifndef BASE_DEMANGLE_H
#define BASE_DEMANGLE_H

#include "base/util.h"

/* An all-zero struct is one that knows no name. */
struct demangler {
	void *handle;
	char *(*demangle)(const char *name, char *buf, size_t *len, int *status);
};

/* Loads the runtime; where there is none, every name stays as it is. */
void demangler_open(struct demangler *ret);
void demangler_close(struct demangler *d);

/*
 * The readable form of a mangled symbol ("_ZN1A1fEv") or type ("N1A1BE"), which the caller frees;
 * NULL if it is no such name, or is one that might become longer than anyone reads.
 */
char *demangle(const struct demangler *d, const char *name);

#endif
