/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/demangle.h"

#include <dlfcn.h>

#define LIBRARY "libstdc++.so.6"

/*
 * A name may refer back to any piece of itself, so with k references its readable form can have
 * 3^(k/3) times its length: a short name could fill all memory. No class name of clang, LLVM or
 * node is longer than 235 bytes or has more than 13 references.
 */
enum { NAME_MAX_BYTES = 1024, REFERENCES_MAX = 24 };

void demangler_open(struct demangler *ret)
{
	/*
	 * NODELETE: unloading is as slow as loading, and the next process may need the library
	 * again.
	 */
	void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	*ret = (struct demangler){ .handle = handle };
	if (handle)
		ret->demangle = (__typeof__(ret->demangle))dlsym(handle, "__cxa_demangle");
}

void demangler_close(struct demangler *d)
{
	if (d->handle)
		(void)dlclose(d->handle);
	*d = (struct demangler){ 0 };
}

/*
 * Returns whether a name has few enough references. Counts "S_", "S0_", "T1Z_" and text within a
 * word that looks like one of them.
 */
static bool is_modest(const char *name)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t references = 0;

	for (const char *p = name; *p; p++) {
		if ((*p == 'S' || *p == 'T') && p[1 + strspn(p + 1, digits)] == '_')
			references++;
	}
	return references <= REFERENCES_MAX && strlen(name) <= NAME_MAX_BYTES;
}

char *demangle(const struct demangler *d, const char *name)
{
	int status = 0;

	return d->demangle && is_modest(name) ? d->demangle(name, NULL, NULL, &status) : NULL;
}
