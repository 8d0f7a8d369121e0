/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/series/heap_tracks, through tracks: types and lines are followed from walk to
 * walk by their names, in bounded memory.
 */
#include "analysis/series/tracks.h"

#include <inttypes.h>
#include <malloc.h>

#include "base/clock.h"
#include "snap.h"

#define auto_tracks __attribute__((cleanup(tracks_release))) struct tracks

/* A row that a walk finds. */
struct found {
	enum heap_stat_kind kind;
	const char *name;
	uint64_t bytes;
};

enum { FOUND = 4, ALL_KINDS = (1 << HEAP_STAT_KIND_COUNT) - 1 };

static void add_walk(struct tracks *t, int64_t second, unsigned int read, enum reason partial,
		     const struct found *found, size_t n)
{
	struct arena arena = ARENA_INIT;
	struct heap_stats h = { .read = read, .partial = partial };

	for (size_t i = 0; i < n && found[i].name; i++)
		heap_stats_add(&h, &arena,
			       &(struct heap_stat){ .kind = found[i].kind,
						    .owner = "py",
						    .name = found[i].name,
						    .count = amount_of(1),
						    .bytes = found[i].bytes });
	tracks_add_heap_stats(t, second * NS_PER_S, &h);
	heap_stats_release(&h);
	arena_release(&arena);
}

/* Writes "type:py/dict 1:4,2:8": the seconds and bytes. */
static void describe(void *arg, const char *id, struct series *series)
{
	struct sbuf *out = arg;

	sbuf_addf(out, "%s%s", out->len ? " " : "", id);
	for (size_t i = 0; i < series->n; i++)
		sbuf_addf(out, "%c%" PRId64 ":%" PRIu64, i ? ',' : ' ',
			  series->samples[i].t_ns / NS_PER_S, series->samples[i].bytes);
}

static const struct follow_row {
	const char *name;
	struct found before[FOUND], after[FOUND];
	const char *want;
} follow_rows[] = {
	{ "stays",
	  { { HEAP_STAT_TYPE, "dict", 4 } },
	  { { HEAP_STAT_TYPE, "dict", 8 } },
	  "type:py/dict 1:4,2:8" },
	{ "is new, and was 0 before",
	  { { HEAP_STAT_TYPE, "dict", 4 } },
	  { { HEAP_STAT_TYPE, "dict", 4 }, { HEAP_STAT_TYPE, "list", 7 } },
	  "type:py/dict 1:4,2:4 type:py/list 1:0,2:7" },
	{ "is gone, and is 0",
	  { { HEAP_STAT_TYPE, "dict", 4 }, { HEAP_STAT_TYPE, "list", 3 } },
	  { { HEAP_STAT_TYPE, "list", 3 } },
	  "type:py/dict 1:4,2:0 type:py/list 1:3,2:3" },
	{ "changes its place",
	  { { HEAP_STAT_TYPE, "dict", 4 }, { HEAP_STAT_TYPE, "list", 3 } },
	  { { HEAP_STAT_TYPE, "list", 5 }, { HEAP_STAT_TYPE, "dict", 4 } },
	  "type:py/dict 1:4,2:4 type:py/list 1:3,2:5" },
	{ "of the same name is another kind",
	  { { HEAP_STAT_TYPE, "free", 4 }, { HEAP_STAT_LINE, "free", 30 } },
	  { { HEAP_STAT_LINE, "free", 20 }, { HEAP_STAT_ALLOCATOR, "free", 9 } },
	  "line:py/free 1:30,2:20 type:py/free 1:4,2:0 allocator:py/free 1:0,2:9" },
};

static void test_follow(void **state)
{
	const struct follow_row *row = *state;
	auto_sbuf text = SBUF_INIT;
	auto_tracks t;

	tracks_init(&t);
	add_walk(&t, 1, ALL_KINDS, REASON_NONE, row->before, FOUND);
	add_walk(&t, 2, ALL_KINDS, REASON_NONE, row->after, FOUND);
	tracks_each(&t, describe, &text);
	assert_string_equal(sbuf_str(&text), row->want);
}

/* Rows that were not looked for, or that a walk did not reach, are not 0. */
static void test_unread(void **state attr_unused)
{
	static const struct found both[] = { { HEAP_STAT_LINE, "native", 9 },
					     { HEAP_STAT_TYPE, "dict", 4 } };
	static const struct found less[] = { { HEAP_STAT_LINE, "native", 1 } };
	auto_sbuf text = SBUF_INIT;
	auto_tracks t;

	tracks_init(&t);
	add_walk(&t, 1, ALL_KINDS, REASON_NONE, both, 2);
	add_walk(&t, 2, ALL_KINDS, REASON_INTERRUPTED, less, 1);
	add_walk(&t, 3, 0, REASON_NONE, less, 0);
	add_walk(&t, 4, 1 << HEAP_STAT_LINE, REASON_NONE, less, 1);
	tracks_each(&t, describe, &text);
	assert_string_equal(sbuf_str(&text), "line:py/native 1:9,4:1 type:py/dict 1:4");
}

static void hand_over(void *arg, const char *id, struct series *series)
{
	tracks_resume(arg, id, series);
}

static void test_resume(void **state attr_unused)
{
	static const struct found first[] = { { HEAP_STAT_TYPE, "dict", 4 },
					      { HEAP_STAT_TYPE, "list", 3 } };
	static const struct found second[] = { { HEAP_STAT_TYPE, "dict", 6 },
					       { HEAP_STAT_TYPE, "set", 2 } };
	auto_sbuf text = SBUF_INIT;
	auto_tracks killed, t;

	tracks_init(&killed);
	add_walk(&killed, 1, ALL_KINDS, REASON_NONE, first, 2);
	tracks_init(&t);
	tracks_each(&killed, hand_over, &t);
	/* The earlier size of a row without a track is unknown. */
	add_walk(&t, 5, ALL_KINDS, REASON_NONE, second, 2);
	tracks_each(&t, describe, &text);
	assert_string_equal(sbuf_str(&text),
			    "type:py/dict 1:4,5:6 type:py/list 1:3,5:0 type:py/set 5:2");
}

/* Of many types the largest have a track; so do a small one that grows, and lines of any size. */
static void test_chosen(void **state attr_unused)
{
	enum { MANY = 1000, GROWER = 777 };
	static char names[MANY][16];
	static struct found found[MANY + 1];
	auto_sbuf text = SBUF_INIT;
	auto_tracks t;
	size_t n = 0;

	tracks_init(&t);
	for (int second = 1; second <= 3; second++) {
		for (int i = 0; i < MANY; i++) {
			(void)snprintf(names[i], sizeof(names[i]), "t%d", i);
			found[i] = (struct found){ HEAP_STAT_TYPE, names[i],
						   i == GROWER ? 4 + 100 * (uint64_t)second
						   : i < 100   ? 2000
							       : 300 };
		}
		found[MANY] = (struct found){ HEAP_STAT_LINE, "native", 1 };
		add_walk(&t, second, ALL_KINDS, REASON_NONE, found, MANY + 1);
	}
	tracks_each(&t, describe, &text);
	assert_non_null(strstr(sbuf_str(&text), "type:py/t777 1:104,2:204,3:304"));
	assert_non_null(strstr(sbuf_str(&text), "type:py/t99 1:2000,2:2000,3:2000"));
	assert_non_null(strstr(sbuf_str(&text), "line:py/native 1:1,2:1,3:1"));
	for (size_t i = 0; i < HEAP_STAT_TRACKS_MAX; i++)
		n += t.heap_stats.tracks[i].buf != NULL;
	assert_int_equal(n, HEAP_STAT_TRACKS_MAX);
}

static uint64_t in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* A walk every ten seconds for 30 days, of types that come and go. */
static void test_bound(void **state attr_unused)
{
	enum { WALKS = 2000, TYPES = 3000, TURNOVER = 100 };
	static char names[TYPES][32];
	static struct found found[TYPES];
	uint64_t before = in_use(), used;
	auto_tracks t;

	tracks_init(&t);
	for (int walk = 1; walk <= WALKS; walk++) {
		for (int i = 0; i < TYPES; i++) {
			int generation = (walk + i) / TURNOVER;

			(void)snprintf(names[i], sizeof(names[i]), "module.t%d.%d", i, generation);
			found[i] = (struct found){ HEAP_STAT_TYPE, names[i],
						   (uint64_t)(i * walk % 5000 + 1) };
		}
		add_walk(&t, 1296 * walk, ALL_KINDS, REASON_NONE, found, TYPES);
	}
	used = in_use() - before;
	print_message("# %d walks of %d types: %" PRIu64 " KiB\n", WALKS, TYPES, used >> 10);
	assert_true(used <= MIB(1));
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "a row", follow_rows, test_follow);
	rows_add_one(&list, "a row that was not read is not 0", test_unread);
	rows_add_one(&list, "a watch continues an earlier one", test_resume);
	rows_add_one(&list, "size and growth choose", test_chosen);
	rows_add_one(&list, "bounded", test_bound);
	return rows_run("holding_tracks", &list);
}
