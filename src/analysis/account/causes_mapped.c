/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/account/causes_mapped.h"

#include <inttypes.h>

#include "analysis/facts.h"
#include "walk/core/runtime_heap.h"

enum {
	CANDIDATES_MAX = 8, /* the most packages that are named without their bytes */
};

/* Starts a sentence of advice. */
static void add_sentence(struct sbuf *advice, const char *text)
{
	if (advice->len)
		sbuf_addch(advice, ' ');
	sbuf_adds(advice, text);
}

/* Adds the one of two sentences that is true of two thirds of the bytes or more, or none. */
static void add_prevailing(struct sbuf *advice, uint64_t part, uint64_t whole, const char *most,
			   const char *least)
{
	if (part >= whole - whole / 3)
		add_sentence(advice, most);
	else if (part <= whole / 3)
		add_sentence(advice, least);
}

void measure_sharing(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice)
{
	if (!amount_ok(in->private_bytes))
		return;
	facts_comma(facts);
	sbuf_addf(facts, "%s of it private", IEC(in->private_bytes.value));
	add_prevailing(advice, in->private_bytes.value, in->bytes,
		       "Mostly private: it is freed if this process exits.",
		       "Mostly shared with other processes: see PSS.");
}

/*
 * Returns whether one of the first n lines has this owner, as an owner has a line for each
 * evidence.
 */
static bool was_named(const struct owner_line *lines, size_t n, uint32_t owner)
{
	for (size_t i = 0; i < n; i++) {
		if (lines[i].owner == owner)
			return true;
	}
	return false;
}

/* Adds the owners with most of a category: "numpy 12.0 MiB"; `intro` comes before the first. */
static void add_owners(const struct cause_input *in, enum category category, const char *intro,
		       struct sbuf *facts)
{
	const struct category_line *c = &in->accounting->categories[category];
	const struct snapshot *s = in->walk->snap;
	size_t n = 0;

	for (size_t i = 0; i < c->n_owners && n < FACTS_NAMED_MAX; i++) {
		const struct owner_line *o = &c->owners[i];
		const char *name = s->owners[o->owner].name;

		if (!*name || !amount_ok(o->sum.rss) || o->evidence == EV_WALKED ||
		    o->sum.rss.value < in->bytes / FACTS_NAMED_SHARE ||
		    was_named(c->owners, i, o->owner))
			continue;
		facts_comma(facts);
		if (n++ == 0)
			sbuf_adds(facts, intro);
		facts_name(facts, name);
		sbuf_addf(facts, " %s", IEC(o->sum.rss.value));
	}
}

void cause_add_candidates(const struct cause_input *in, struct sbuf *facts)
{
	const struct category_line *c = &in->accounting->categories[CAT_C_EXTENSION];
	const struct snapshot *s = in->walk->snap;
	size_t n = 0;

	for (size_t i = 0; i < c->n_owners && n < CANDIDATES_MAX; i++) {
		const struct owner_line *o = &c->owners[i];
		const char *name = s->owners[o->owner].name;

		if (!*name || streq(name, "stdlib") || !amount_ok(o->sum.uss) ||
		    !o->sum.uss.value || was_named(c->owners, i, o->owner))
			continue;
		facts_comma(facts);
		if (n++ == 0)
			sbuf_adds(facts, "extensions loaded: ");
		facts_name(facts, name);
	}
}

void measure_extensions(const struct cause_input *in, struct sbuf *facts,
			struct sbuf *advice attr_unused)
{
	add_owners(in, CAT_C_EXTENSION, "", facts);
}

void measure_libraries(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice)
{
	measure_sharing(in, facts, advice);
	add_owners(in, CAT_SHARED_LIBRARY, "", facts);
}

/* Returns the number of the tasks that runtimes schedule, such as goroutines; 0: not known. */
static uint64_t n_tasks(const struct walk *walk)
{
	uint64_t n = 0;

	for (size_t i = 0; i < walk->n_runtimes; i++) {
		if (amount_ok(walk->runtimes[i].tasks.live))
			n += walk->runtimes[i].tasks.live.value;
	}
	return n;
}

/* Returns whether an owner is a Go runtime: threads of other runtimes are those of the kernel. */
static bool is_go(const struct walk *walk, const struct walk_owner *owner)
{
	for (size_t i = 0; i < walk->n_runtimes; i++) {
		const struct walk_runtime *r = &walk->runtimes[i];

		if (streq(r->name, "go") && streq(owner->name, r->label ? r->label : r->name))
			return true;
	}
	return false;
}

static uint64_t goroutine_stacks(const struct walk *walk)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < walk->attributions.n; i++) {
		const struct attribution *c = &walk->attributions.v[i];

		if (c->line == LINE_STACK && is_go(walk, &walk->owners[c->owner]))
			bytes += c->bytes;
	}
	return bytes;
}

static void add_goroutines(const struct walk *walk, uint64_t bytes, struct sbuf *facts)
{
	uint64_t n = n_tasks(walk);

	if (n)
		sbuf_addf(facts, "%s in stacks of %" PRIu64 " goroutines, %s each", IEC(bytes), n,
			  IEC(bytes / n));
	else
		sbuf_addf(facts, "%s in stacks of goroutines", IEC(bytes));
}

void measure_stacks(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice)
{
	uint64_t threads = in->walk->snap->stat.threads, tasks = goroutine_stacks(in->walk),
		 bytes = in->bytes - MIN(tasks, in->bytes);

	if (tasks)
		add_goroutines(in->walk, tasks, facts);
	if (threads) {
		facts_comma(facts);
		sbuf_addf(facts, "%" PRIu64 " %s, %s each", threads,
			  threads == 1 ? "thread" : "threads", IEC(bytes / threads));
	}
	if (tasks >= bytes)
		add_sentence(advice, "Run fewer goroutines, and end those that wait for ever: a "
				     "profile of goroutines says where they wait.");
	else if (threads > 1)
		add_sentence(advice, "Run fewer threads, or with smaller stacks.");
}

/* Returns the bytes of mapped files that were written to: the kernel cannot drop these. */
static uint64_t dirty_bytes(const struct snapshot *s)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < s->n_regions; i++) {
		struct mem_counts counts;

		if (s->regions[i].category != CAT_MAPPED_FILE)
			continue;
		snapshot_counts(s, &s->regions[i], &counts);
		bytes += counts.v[MC_SHARED_DIRTY] + counts.v[MC_PRIVATE_DIRTY];
	}
	return bytes;
}

void measure_files(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice)
{
	uint64_t dirty = dirty_bytes(in->walk->snap);

	if (dirty) {
		facts_comma(facts);
		sbuf_addf(facts, "%s of it written to", IEC(MIN(dirty, in->bytes)));
	}
	add_prevailing(advice, dirty, in->bytes,
		       "Mostly written to: the kernel must write pages back, or swap them, before "
		       "it can take them.",
		       "Mostly clean: the kernel takes clean pages back when it needs them.");
	add_owners(in, CAT_MAPPED_FILE, "", facts);
}

void measure_named(const struct cause_input *in, struct sbuf *facts,
		   struct sbuf *advice attr_unused)
{
	add_owners(in, CAT_ANONYMOUS, "", facts);
	add_owners(in, CAT_HEAP, "", facts);
}
