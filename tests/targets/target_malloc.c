/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process whose heap is known: target_malloc CASE [N]. It makes the heap of the case, prints what
 * mallinfo2(3) and its own list of blocks say in a line of JSON, then "ready PID", and ends on
 * SIGTERM or at the end of its standard input. "churn" goes on allocating in N threads meanwhile; a
 * line on standard input makes it print how many times it has.
 */
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { HEADER = 8, THREADS_MAX = 64, SLOTS = 20000 };

/* Blocks of one thread, in an array that is not a block itself. */
struct list {
	void **blocks;
	size_t n, cap;
	unsigned int seed;
};

static struct list lists[THREADS_MAX + 1];
static _Atomic uint64_t rounds;
static pthread_barrier_t filled;

static void list_init(struct list *l, size_t cap)
{
	l->blocks = mmap(NULL, cap * sizeof(*l->blocks), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (l->blocks == MAP_FAILED)
		abort();
	l->cap = cap;
	l->seed = (unsigned int)(l - lists) + 1;
}

static unsigned int list_random(struct list *l)
{
	l->seed = l->seed * 1103515245 + 12345;
	return l->seed >> 8;
}

/* Writes to the whole block, so that it is resident. */
static void *list_add(struct list *l, size_t size)
{
	void *p = malloc(size);

	if (!p || l->n == l->cap)
		abort();
	memset(p, 0x5a, size);
	l->blocks[l->n++] = p;
	return p;
}

static void list_fill(struct list *l, size_t n, size_t max)
{
	for (size_t i = 0; i < n; i++)
		list_add(l, 1 + list_random(l) % max);
}

/* Frees every k-th block, so that holes are left. */
static void list_thin(struct list *l, size_t k)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (i % k == 0)
			free(l->blocks[i]);
		else
			l->blocks[kept++] = l->blocks[i];
	}
	l->n = kept;
}

static void make_single(size_t n)
{
	list_init(&lists[0], n);
	list_fill(&lists[0], n, 400);
	list_thin(&lists[0], 3);
}

/* Chunks of a hundred bytes: the time that a walk needs for each is most of its time. */
static void make_dense(size_t n)
{
	list_init(&lists[0], n);
	list_fill(&lists[0], n, 176);
	list_thin(&lists[0], 3);
	free(list_add(&lists[0], 100000)); /* freeing a large chunk empties the fastbins */
	lists[0].n--;
}

/* Many chunks of a size for fastbins, freed in larger numbers than a tcache takes. */
static void make_fast(size_t n)
{
	list_init(&lists[0], 2 * n);
	for (size_t i = 0; i < n; i++)
		list_add(&lists[0], 8 + 16 * (i % 7));
	list_thin(&lists[0], 2);
}

static void *fill_thread(void *arg)
{
	struct list *l = arg;

	list_init(l, 1 << 20);
	list_fill(l, 100000, 200);
	list_thin(l, 4);
	pthread_barrier_wait(&filled);
	for (;;)
		pause();
	return NULL;
}

static void start_threads(size_t n, void *(*run)(void *))
{
	pthread_barrier_init(&filled, NULL, (unsigned int)n + 1);
	for (size_t i = 0; i < n; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, run, &lists[i + 1]) != 0)
			abort();
	}
	pthread_barrier_wait(&filled);
}

static void make_threads(size_t n)
{
	start_threads(n, fill_thread);
}

static void *fill_heaps(void *arg)
{
	struct list *l = arg;

	list_init(l, 1 << 20);
	list_fill(l, 600000, 1000);
	list_thin(l, 5);
	pthread_barrier_wait(&filled);
	for (;;)
		pause();
	return NULL;
}

/* One arena of several heaps. */
static void make_heaps(size_t n)
{
	(void)n;
	start_threads(1, fill_heaps);
}

static void make_mmap(size_t n)
{
	list_init(&lists[0], n);
	for (size_t i = 0; i < n; i++)
		list_add(&lists[0], (1 << 20) + i * 100000);
	list_thin(&lists[0], 4);
	/* madvise for a part splits the mapping behind the header. */
	for (size_t i = 0; i < lists[0].n; i += 5)
		(void)madvise((char *)lists[0].blocks[i] - 16 + 4096, 512 << 10, MADV_NOHUGEPAGE);
}

/* brk meets a mapping, and malloc has to continue elsewhere. */
static void make_noncontiguous(size_t n)
{
	char *wall;

	list_init(&lists[0], 2 * n);
	list_fill(&lists[0], n, 400);
	wall = (char *)sbrk(0) + (256 << 10);
	wall = (char *)(((uintptr_t)wall + 4095) & ~(uintptr_t)4095);
	if (mmap(wall, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) !=
	    wall)
		abort();
	list_fill(&lists[0], n, 400);
	list_thin(&lists[0], 3);
}

/* Other code takes memory from brk between calls of malloc. */
static void make_foreign(size_t n)
{
	list_init(&lists[0], 5 * n);
	for (size_t i = 0; i < 5; i++) {
		list_fill(&lists[0], n, 400);
		memset(sbrk(12345), 0xff, 12345);
	}
	list_thin(&lists[0], 3);
}

static void make_trim(size_t n)
{
	make_single(n);
	for (size_t i = lists[0].n / 4; i < lists[0].n / 2; i++)
		free(lists[0].blocks[i]);
	memmove(lists[0].blocks + lists[0].n / 4, lists[0].blocks + lists[0].n / 2,
		(lists[0].n - lists[0].n / 2) * sizeof(void *));
	lists[0].n -= lists[0].n / 2 - lists[0].n / 4;
	malloc_trim(0);
}

/* Small and large alignments, calloc, realloc, and blocks that were never written to. */
static void make_odd(size_t n)
{
	struct list *l = &lists[0];

	list_init(l, 8 * n);
	for (size_t i = 0; i < n; i++) {
		l->blocks[l->n++] = aligned_alloc(64, 640);
		l->blocks[l->n++] = aligned_alloc(4096, 8192);
		l->blocks[l->n++] = calloc(3, 1000 + i % 100);
		l->blocks[l->n++] = realloc(malloc(100), 5000);
		l->blocks[l->n++] = malloc(0);
	}
	l->blocks[l->n++] = malloc(100000);
	l->blocks[l->n++] = aligned_alloc(2 << 20, 10 << 20);
	list_thin(l, 6);
}

/* A little of every kind, little enough to be recorded: nothing is written to the blocks. */
static void fill_few(struct list *l)
{
	list_init(l, 512);
	for (size_t i = 0; i < 120; i++)
		l->blocks[l->n++] = malloc(i % 3 ? 40 : 1 + list_random(l) % 600);
	for (size_t i = 0; i < 3; i++)
		l->blocks[l->n++] = malloc((200 << 10) + i * 9000);
	list_thin(l, 2);
}

static void *few_thread(void *arg)
{
	fill_few(arg);
	pthread_barrier_wait(&filled);
	for (;;)
		pause();
	return NULL;
}

static void make_few(size_t n)
{
	fill_few(&lists[0]);
	start_threads(n, few_thread);
}

/*
 * Pages that a child shares, huge pages, and some that were never touched; the child is the target.
 */
static void make_shared(size_t n)
{
	pid_t child;

	make_single(n);
	list_init(&lists[1], 4);
	lists[1].blocks[0] = aligned_alloc(2 << 20, 64 << 20);
	(void)madvise(lists[1].blocks[0], 64 << 20, MADV_HUGEPAGE);
	memset(lists[1].blocks[0], 1, 64 << 20);
	lists[1].blocks[1] = calloc(1, 64 << 20);
	lists[1].n = 2;
	child = fork();
	if (child < 0)
		abort();
	if (child > 0) {
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
		exit(0);
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* Huge pages: one small page of each was written to, and most pages of every other one. */
static void make_huge(size_t n)
{
	const size_t huge = 2 << 20;
	char *p = aligned_alloc(huge, n * huge);

	if (!p)
		abort();
	list_init(&lists[0], 1);
	lists[0].blocks[lists[0].n++] = p;
	(void)madvise(p, n * huge, MADV_HUGEPAGE);
	for (size_t i = 0; i < n; i++)
		memset(p + i * huge, 0x5a, i % 2 ? huge - 4096 : 4096);
}

static void *churn_thread(void *arg)
{
	struct list *l = arg;

	list_init(l, SLOTS);
	list_fill(l, SLOTS, 512);
	pthread_barrier_wait(&filled);
	for (;;) {
		for (size_t i = 0; i < 1000; i++) {
			size_t slot = list_random(l) % SLOTS;

			free(l->blocks[slot]);
			l->blocks[slot] = malloc(1 + list_random(l) % (i % 100 ? 512 : 8192));
		}
		atomic_fetch_add_explicit(&rounds, 1000, memory_order_relaxed);
	}
	return NULL;
}

static void make_churn(size_t n)
{
	start_threads(n, churn_thread);
}

static const struct {
	const char *name;
	void (*make)(size_t n);
	size_t n;
} cases[] = {
	{ "single", make_single, 1000000 }, { "fast", make_fast, 1000000 },
	{ "threads", make_threads, 8 },     { "heaps", make_heaps, 0 },
	{ "mmap", make_mmap, 40 },          { "noncontiguous", make_noncontiguous, 20000 },
	{ "foreign", make_foreign, 10000 }, { "trim", make_trim, 1000000 },
	{ "odd", make_odd, 2000 },          { "big", make_single, 10000000 },
	{ "small", make_single, 300 },      { "few", make_few, 2 },
	{ "shared", make_shared, 200000 },  { "dense", make_dense, 10000000 },
	{ "huge", make_huge, 16 },          { "churn", make_churn, 4 },
};

static void print_truth(void)
{
	uint64_t blocks = 0, bytes = 0, mapped_blocks = 0, mapped_bytes = 0;
	struct mallinfo2 info;

	for (size_t i = 0; i <= THREADS_MAX; i++) {
		for (size_t k = 0; k < lists[i].n; k++) {
			uint64_t size = malloc_usable_size(lists[i].blocks[k]);
			uint64_t head = *(const uint64_t *)((char *)lists[i].blocks[k] - HEADER);

			if (head & 2) {
				mapped_blocks++;
				mapped_bytes += (head & ~UINT64_C(7));
			} else {
				blocks++;
				bytes += size + HEADER;
			}
		}
	}
	info = mallinfo2();
	printf("{\"arena\":%zu,\"fsmblks\":%zu,\"fordblks\":%zu,\"uordblks\":%zu,\"hblks\":%zu,"
	       "\"hblkhd\":%zu,\"keepcost\":%zu,\"list_blocks\":%" PRIu64 ",\"list_bytes\":%" PRIu64
	       ",\"list_mapped_blocks\":%" PRIu64 ",\"list_mapped_bytes\":%" PRIu64 "}\n",
	       info.arena, info.fsmblks, info.fordblks, info.uordblks, info.hblks, info.hblkhd,
	       info.keepcost, blocks, bytes, mapped_blocks, mapped_bytes);
}

static void make_case(const char *name, const char *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (strcmp(cases[i].name, name) == 0) {
			cases[i].make(n ? strtoul(n, NULL, 10) : cases[i].n);
			return;
		}
	}
	fprintf(stderr, "target_malloc: no case %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	static char output[1 << 16];
	char byte;

	if (argc < 2)
		return 2;
	setvbuf(stdout, output, _IOFBF, sizeof(output)); /* stdio must not allocate a block */
	make_case(argv[1], argc > 2 ? argv[2] : NULL);
	print_truth();
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) == 1) {
		if (byte == 's')
			print_truth();
		else
			printf("%" PRIu64 "\n", (uint64_t)rounds);
		fflush(stdout);
	}
	return 0;
}
