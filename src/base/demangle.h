/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readable names of C++ symbols, from the demangler of the C++ runtime. The runtime is loaded only
 * when it is needed, which most runs do not. Names are untrusted bytes.
 */
#ifndef BASE_DEMANGLE_H
#define BASE_DEMANGLE_H

#include "base/util.h"

/* All zero is a valid demangler that demangles nothing. */
struct demangler {
	void *handle;
	char *(*demangle)(const char *name, char *buf, size_t *len, int *status);
};

/* Loads the C++ runtime; if it is missing, demangle returns NULL for every name. */
void demangler_open(struct demangler *ret);
void demangler_close(struct demangler *d);

/*
 * Returns the readable form of a mangled symbol ("_ZN1A1fEv") or type ("N1A1BE"), which the caller
 * frees. Returns NULL if the name is not mangled, or if its readable form might be too long to be
 * useful.
 */
char *demangle(const struct demangler *d, const char *name);

#endif
