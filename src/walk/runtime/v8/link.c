/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the pages of V8 are linked: which are in the lists of their spaces, and where the objects on
 * them end. The places of the links in the headers are found by whether they lead to pages
 */
#include "walk/runtime/v8/v8.h"

#include "base/alloc.h"

enum {
	LINK_FIRST = 8,         /* words of headers before it are known to be no links */
	LISTS_FIRST = 4,        /* words of a space before it are known to be no lists */
	LABS_BEFORE = 96 << 10, /* bytes before a heap in which its isolate has its labs */
};

/* The index of a page, by the address that links lead to. */
struct node {
	uint64_t addr;
	uint32_t page;
};

static int by_address(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

struct linker {
	struct v8 *v;
	struct node *nodes; /* ascending; owned */
};

/* Returns the page that a link leads to; NULL: none. */
static struct v8_page *follow(const struct linker *k, uint64_t link)
{
	const struct node key = { .addr = link }, *found;

	found = link ? bsearch(&key, k->nodes, k->v->n_pages, sizeof(key), by_address) : NULL;
	return found ? &k->v->pages[found->page] : NULL;
}

/* Returns how many pages have at this word a link to another page of their space. */
static size_t count_links(const struct linker *k, size_t at)
{
	size_t n = 0;

	for (size_t i = 0; i < k->v->n_pages; i++) {
		const struct v8_page *p = &k->v->pages[i];
		const struct v8_page *other = follow(k, p->words[at]);

		n += other && other != p && other->space == p->space;
	}
	return n;
}

/* Finds the word of the links to the next page: it is followed by the link to the page before. */
static size_t find_links(const struct linker *k)
{
	size_t best = 0, best_links = 0, links[V8_WORDS];

	for (size_t i = LINK_FIRST; i < V8_WORDS; i++)
		links[i] = count_links(k, i);
	for (size_t i = LINK_FIRST; i + 1 < V8_WORDS; i++) {
		size_t n = MIN(links[i], links[i + 1]);

		if (n > best_links) {
			best = i;
			best_links = n;
		}
	}
	return best;
}

/*
 * Follows the list that begins with a page. Returns true if it leads to the last one, and each page
 * back to the one before.
 */
static bool walk_list(const struct linker *k, struct v8_page *first, const struct v8_page *last,
		      uint32_t space, bool mark)
{
	size_t at = k->v->next_at, n = 0;
	const struct v8_page *before = NULL;

	for (struct v8_page *p = first; p; p = follow(k, p->words[at])) {
		if (p->space != space || n++ == k->v->n_pages ||
		    p->words[at + 1] != (before ? before->node : 0))
			return false;
		if (mark)
			p->order = (uint32_t)n;
		if (p == last)
			return p->words[at] == 0;
		before = p;
	}
	return false;
}

/* Finds the list of a space, which has its first and its last page, and marks the pages in it. */
static void mark_list(const struct linker *k, uint32_t space)
{
	const struct v8_space *s = &k->v->spaces[space];

	for (size_t i = LISTS_FIRST; i + 1 < V8_WORDS; i++) {
		struct v8_page *first = follow(k, s->words[i]);
		const struct v8_page *last = follow(k, s->words[i + 1]);

		if (!first || !last || !walk_list(k, first, last, space, false))
			continue;
		(void)walk_list(k, first, last, space, true);
		return;
	}
}

static void mark_lists(struct v8 *v)
{
	struct linker k = { .v = v, .nodes = xcalloc(v->n_pages, sizeof(*k.nodes)) };

	for (size_t i = 0; i < v->n_pages; i++)
		k.nodes[i] = (struct node){ v->pages[i].node, (uint32_t)i };
	qsort(k.nodes, v->n_pages, sizeof(*k.nodes), by_address);
	v->next_at = find_links(&k);
	for (size_t i = 0; v->next_at && i < v->n_spaces; i++)
		mark_list(&k, (uint32_t)i);
	free(k.nodes);
}

static bool lab_holds(const struct v8 *v, const struct v8_lab *lab, uint64_t heap,
		      const struct v8_page **ret)
{
	const struct v8_page *p = v8_page_at(v, lab->start);

	if (!p || lab->limit > p->area_end || p->space == UINT32_MAX ||
	    v->spaces[p->space].heap != heap)
		return false;
	*ret = p;
	return true;
}

static bool may_be_lab(const struct v8_lab *lab)
{
	return lab->start && lab->start % 8 == 0 && lab->top % 8 == 0 && lab->start <= lab->top &&
	       lab->top <= lab->limit && lab->limit - lab->start < V8_PAGE &&
	       (lab->limit - 1) / V8_PAGE == lab->start / V8_PAGE;
}

/*
 * Tells whether these are where the heap allocates: in the new space, and after that in the old
 * one. The new space may have grown since its pages were found.
 */
static bool read_labs(struct memsrc *m, struct v8 *v, struct v8_heap *h,
		      const struct v8_lab labs[2])
{
	const struct v8_page *p;

	if (!may_be_lab(&labs[0]))
		return false;
	if (!v8_page_at(v, labs[0].start))
		v8_add_page(m, v, labs[0].start & -(uint64_t)V8_PAGE);
	if (!lab_holds(v, &labs[0], h->addr, &p) || !v8_is_to_page(p) ||
	    v8_space_kind(v, &v->spaces[p->space]) != V8_NEW)
		return false;
	h->young = labs[0];
	if (may_be_lab(&labs[1]) && lab_holds(v, &labs[1], h->addr, &p) &&
	    v8_space_kind(v, &v->spaces[p->space]) == V8_OLD)
		h->old = labs[1];
	return true;
}

/*
 * Finds where the heap allocates, which its isolate has in front of the heap. Searches page by
 * page, with the end of the page before in front.
 */
static void find_labs(struct memsrc *m, struct v8 *v, struct v8_heap *h)
{
	enum { OVERLAP = 2 * sizeof(struct v8_lab) - 8, PAGE = 4096 };
	uint64_t at = (h->addr - MIN(h->addr, (uint64_t)LABS_BEFORE)) & -(uint64_t)PAGE;
	uint8_t bytes[OVERLAP + PAGE];
	size_t from = OVERLAP; /* where what was read begins */
	struct v8_lab labs[2];

	for (; at < h->addr && !memsrc_is_over(m); at += PAGE) {
		if (!memsrc_peek(m, at, bytes + OVERLAP, PAGE)) {
			from = OVERLAP;
			continue;
		}
		for (size_t i = from; i + sizeof(labs) <= sizeof(bytes); i += 8) {
			memcpy(labs, bytes + i, sizeof(labs));
			if (read_labs(m, v, h, labs))
				return;
		}
		memcpy(bytes, bytes + PAGE, OVERLAP);
		from = 0;
	}
}

void v8_link(struct memsrc *m, struct v8 *v)
{
	mark_lists(v);
	for (size_t i = 0; i < v->n_heaps; i++)
		find_labs(m, v, &v->heaps[i]);
}

uint64_t v8_young_on_page(const struct v8 *v, const struct v8_heap *h, const struct v8_page *p)
{
	const struct v8_page *now = v8_page_at(v, h->young.start);

	if (!h->young.start || !now || !now->order || p->space != now->space || !p->order ||
	    p->order > now->order)
		return 0;
	return (p == now ? h->young.top : p->area_end) - p->area_start;
}

struct amount v8_young_bytes(const struct v8 *v, const struct v8_heap *h)
{
	const struct v8_page *now = v8_page_at(v, h->young.start);
	uint64_t sum = 0;

	if (!h->young.start || !now || !now->order)
		return amount_absent(REASON_V8_NOT_FOUND);
	for (size_t i = 0; i < v->n_pages; i++)
		sum += v8_young_on_page(v, h, &v->pages[i]);
	return amount_of(sum);
}
