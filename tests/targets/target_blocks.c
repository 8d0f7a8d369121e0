/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process whose blocks are known, for any allocator that is loaded: target_blocks CASE THREADS
 * KIB. Each thread fills its list with blocks of many sizes, KIB in all, and frees some of them;
 * then the process prints what its lists and the allocator itself report in a line of JSON, and
 * "ready PID". It ends on SIGTERM. "mixed" does not change after that, "churn" continues to
 * allocate in all threads, "ended" has only its first thread left. "striped" is like "mixed", with
 * blocks of one size of which every other row was freed.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { THREADS_MAX = 64, LIST_MAX = 1 << 20, STRIPED_BYTES = 3584, STRIPE = 16 };

/* Blocks of one thread, in an array that is not a block itself. */
struct list {
	void **blocks;
	size_t n;
	size_t bytes; /* the total to allocate */
	unsigned int seed;
};

static struct list lists[THREADS_MAX];
static pthread_barrier_t filled, told;
static bool churns, stays, striped;

static unsigned int list_random(struct list *l)
{
	l->seed = l->seed * 1103515245 + 12345;
	return l->seed >> 11;
}

/* Many small blocks, fewer large ones: up to 1, 4, 16, ... KiB, a few of up to 4 MiB. */
static size_t list_size(struct list *l)
{
	size_t max = 256;

	if (striped)
		return STRIPED_BYTES;
	for (int i = 0; i < 7 && list_random(l) % 7 == 0; i++)
		max *= 4;
	return 1 + list_random(l) % max;
}

/*
 * Touches the whole block, which is then resident, and leaves most of it 0, which keeps recordings
 * small.
 */
static size_t list_add(struct list *l)
{
	size_t size = list_size(l);
	unsigned char *p = malloc(size);

	if (!p || l->n == LIST_MAX)
		abort();
	for (size_t i = 0; i < size; i += 1024)
		p[i] = 1;
	l->blocks[l->n++] = p;
	return size;
}

/*
 * Frees a range of blocks, then every other block of another range, so that pages and holes are
 * free.
 */
static void list_thin(struct list *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (striped ? i / STRIPE % 2 : i < l->n / 8 || (i < l->n / 2 && i % 2))
			free(l->blocks[i]);
		else
			l->blocks[kept++] = l->blocks[i];
	}
	l->n = kept;
}

static void list_fill(struct list *l)
{
	l->blocks = mmap(NULL, LIST_MAX * sizeof(*l->blocks), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (l->blocks == MAP_FAILED)
		abort();
	for (size_t left = l->bytes; left;) {
		size_t size = list_add(l);

		left -= size < left ? size : left;
	}
	list_thin(l);
}

static void *run(void *arg)
{
	struct list *l = arg;

	list_fill(l);
	pthread_barrier_wait(&filled);
	if (!stays)
		return NULL;
	pthread_barrier_wait(&told);
	while (churns && l->n) {
		size_t i = list_random(l) % l->n;

		free(l->blocks[i]);
		l->n--;
		l->blocks[i] = l->blocks[l->n];
		(void)list_add(l);
	}
	pause();
	return NULL;
}

typedef int mallctl_fn(const char *name, void *old, size_t *old_len, void *new, size_t new_len);

static void tell_jemalloc(mallctl_fn *mallctl)
{
	static const char *const names[] = { "allocated", "active", "retained", "metadata",
					     "mapped" };
	uint64_t epoch = 1, pdirty = 0, pmuzzy = 0, cached = 0;
	size_t len = sizeof(epoch);
	char name[64];

	mallctl("epoch", &epoch, &len, &epoch, sizeof(epoch));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t value = 0;

		len = sizeof(value);
		snprintf(name, sizeof(name), "stats.%s", names[i]);
		mallctl(name, &value, &len, NULL, 0);
		printf(",\"%s\":%zu", names[i], value);
	}
	len = sizeof(size_t);
	mallctl("stats.arenas.4096.pdirty", &pdirty, &len, NULL, 0);
	mallctl("stats.arenas.4096.pmuzzy", &pmuzzy, &len, NULL, 0);
	mallctl("stats.arenas.4096.tcache_bytes", &cached, &len, NULL, 0);
	printf(",\"dirty\":%" PRIu64 ",\"muzzy\":%" PRIu64 ",\"cached\":%" PRIu64, pdirty * 4096,
	       pmuzzy * 4096, cached);
}

typedef int property_fn(const char *name, size_t *value);

static void tell_tcmalloc(property_fn *property)
{
	static const char *const names[] = {
		"generic.current_allocated_bytes",   "generic.heap_size",
		"tcmalloc.pageheap_free_bytes",      "tcmalloc.pageheap_unmapped_bytes",
		"tcmalloc.central_cache_free_bytes", "tcmalloc.transfer_cache_free_bytes",
		"tcmalloc.thread_cache_free_bytes",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t value = 0;

		(void)property(names[i], &value);
		printf(",\"%s\":%zu", strchr(names[i], '.') + 1, value);
	}
}

#ifndef __GLIBC__
/*
 * Returns the size of the slot that a block of musl's malloc is in, from the bytes in front of it.
 * Source: get_meta and get_stride of mallocng/meta.h.
 */
static size_t block_bytes(void *block)
{
	static const uint16_t units[] = {
		1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   12,   15,
		18,   20,   25,   31,   36,   42,   50,   63,   72,   84,   102,  127,
		146,  170,  204,  255,  292,  340,  409,  511,  584,  682,  818,  1023,
		1169, 1364, 1637, 2047, 2340, 2730, 3276, 4095, 4680, 5460, 6552, 8191,
	};
	const unsigned char *p = block;
	uint32_t offset = p[-4] ? *(const uint32_t *)(p - 8) : *(const uint16_t *)(p - 2);
	const uint64_t *meta = *(const uint64_t *const *)(p - 16 * (size_t)offset - 16);

	if ((meta[4] & 31) == 0 && meta[4] >> 12)
		return (meta[4] >> 12) * 4096 - 16;
	return units[meta[4] >> 6 & 63] * 16;
}
#else
static size_t block_bytes(void *block)
{
	return malloc_usable_size(block);
}
#endif

/* Prints the sizes that the allocator has chosen. */
static void tell(size_t n_lists)
{
	mallctl_fn *mallctl = (mallctl_fn *)dlsym(RTLD_DEFAULT, "mallctl");
	property_fn *property = (property_fn *)dlsym(RTLD_DEFAULT,
						     "MallocExtension_GetNumericProperty");
	uint64_t bytes = 0, blocks = 0, large = 0;

	for (size_t i = 0; i < n_lists; i++) {
		for (size_t k = 0; k < lists[i].n; k++) {
			size_t size = block_bytes(lists[i].blocks[k]);

			bytes += size;
			large = size > large ? size : large;
		}
		blocks += lists[i].n;
	}
	printf("{\"list_bytes\":%" PRIu64 ",\"list_blocks\":%" PRIu64 ",\"largest\":%" PRIu64,
	       bytes, blocks, large);
	if (mallctl)
		tell_jemalloc(mallctl);
	if (property)
		tell_tcmalloc(property);
	printf("}\n");
}

int main(int argc, char **argv)
{
	static char buffer[8192];
	pthread_t threads[THREADS_MAX];
	size_t n = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;

	if (n == 0 || n > THREADS_MAX)
		return 2;
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	churns = strcmp(argv[1], "churn") == 0;
	stays = strcmp(argv[1], "ended") != 0;
	striped = strcmp(argv[1], "striped") == 0;
	pthread_barrier_init(&filled, NULL, (unsigned int)n);
	pthread_barrier_init(&told, NULL, (unsigned int)n);
	for (size_t i = 0; i < n; i++)
		lists[i] = (struct list){ .seed = (unsigned int)i + 1,
					  .bytes = (strtoul(argv[3], NULL, 10) << 10) / n };
	for (size_t i = 1; i < n; i++)
		pthread_create(&threads[i], NULL, run, &lists[i]);
	list_fill(&lists[0]);
	pthread_barrier_wait(&filled);
	for (size_t i = 1; i < n && !stays; i++)
		pthread_join(threads[i], NULL);
	tell(n);
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	if (stays)
		pthread_barrier_wait(&told);
	while (churns)
		(void)list_add(&lists[0]), free(lists[0].blocks[--lists[0].n]);
	pause();
	return 0;
}
