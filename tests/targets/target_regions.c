/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A shared object that maps and touches regions as soon as it is loaded, each with one property
 * that a runtime's own memory may also have. It writes "NAME START END", addresses in hex, for each
 * to the file named by TARGET_REGIONS_OUT, and does nothing without that variable. regions_go.go
 * does the same in Go.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)
#define GIB(n) ((size_t)(n) << 30)

/* Far from the memory of runtimes and the kernel, and from each other, so that no regions merge. */
#define FIRST_PLACE ((char *)0x2a0000000000)
#define NEXT_PLACE GIB(1)
#define LAST_PLACE (FIRST_PLACE + 256 * NEXT_PLACE)
#define GUARD KIB(4)

static const struct region {
	const char *name;
	size_t bytes;
	size_t offset; /* from a multiple of 1 GiB */
	int prot, flags;
	size_t guard_bytes; /* right after it, PROT_NONE */
} regions[] = {
	{ "plain", MIB(3), KIB(68), PROT_READ | PROT_WRITE, 0, 0 },
	{ "aligned_2m", MIB(5), MIB(2), PROT_READ | PROT_WRITE, 0, 0 },
	{ "aligned_64m_guard", MIB(7), 0, PROT_READ | PROT_WRITE, 0, GUARD },
	{ "rwx", MIB(4), KIB(68), PROT_READ | PROT_WRITE | PROT_EXEC, 0, 0 },
	{ "noreserve", MIB(6), KIB(68), PROT_READ | PROT_WRITE, MAP_NORESERVE, 0 },
};

/* Returns NULL if something is already mapped there. */
static char *region_map(const struct region *region, char *at)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | region->flags;
	char *p = mmap(at, region->bytes + region->guard_bytes, region->prot, flags, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (region->guard_bytes)
		(void)mprotect(p + region->bytes, region->guard_bytes, PROT_NONE);
	memset(p, 0x5a, region->bytes);
	return p;
}

__attribute__((constructor)) static void regions_map(void)
{
	const char *name = getenv("TARGET_REGIONS_OUT");
	const struct region *region = regions, *end = regions + sizeof(regions) / sizeof(*regions);
	FILE *out = name ? fopen(name, "we") : NULL;

	if (!out)
		return;
	for (char *place = FIRST_PLACE; place < LAST_PLACE && region < end; place += NEXT_PLACE) {
		char *p = region_map(region, place + region->offset);

		if (!p)
			continue;
		(void)fprintf(out, "%s %p %p\n", region->name, (void *)p,
			      (void *)(p + region->bytes));
		region++;
	}
	(void)fclose(out);
}
