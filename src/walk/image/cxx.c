/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/image/cxx.h"

#include "base/alloc.h"
#include "base/demangle.h"

enum {
	POINTS_MAX = 1 << 16,
	TYPE_NAME_MAX = 1024,                    /* bytes of a mangled name, NUL included */
	CLASSES_MAX = 1024,                      /* that are reported */
	MODULES_MAX = 64,                        /* likewise */
	TABLE_HEAD_BYTES = 2 * sizeof(uint64_t), /* in front of the place that objects point to */
};

static const char symbol_prefix[] = "_ZTV"; /* of a virtual table; the type follows */

/* The words in front of the place that objects point to, and the word there. */
struct table_head {
	uint64_t to_top; /* from this part of the object to its start; 0: this is the start */
	uint64_t type;   /* its type_info; 0: compiled without */
	uint64_t first;  /* function */
};

/* The beginning of a std::type_info. */
struct type_head {
	uint64_t table; /* its own virtual table */
	uint64_t name;
};

struct cxx *cxx_new(struct walk *walk)
{
	struct cxx *x = xcalloc(1, sizeof(*x));

	x->walk = walk;
	images_init(&x->images, walk);
	return x;
}

void cxx_free(struct cxx *x)
{
	if (!x)
		return;
	images_release(&x->images);
	index_release(&x->index);
	free(x->points);
	free(x);
}

void cxx_sums_release(struct cxx_sums *s)
{
	free(s->v);
	*s = (struct cxx_sums){ 0 };
}

static bool in_image(const struct cxx *x, uint64_t addr)
{
	return addr % sizeof(uint64_t) == 0 && images_have(&x->images, addr);
}

/* The first letters of mangled class names; other types (pointers, int) are not classes */
static bool is_class_name(const char *name)
{
	static const char letters[] = "0123456789_.$ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz";

	return *name && strchr("123456789NSZ", *name) && name[strspn(name, letters)] == '\0';
}

/* Returns the name in a type_info; NULL: it is not a type_info. */
static const char *type_name(struct cxx *x, uint64_t addr)
{
	char name[TYPE_NAME_MAX];
	struct type_head head;
	size_t n;

	if (!in_image(x, addr) || !images_read(&x->images, addr, &head, sizeof(head)) ||
	    !in_image(x, head.table) || !images_have(&x->images, head.name))
		return NULL;
	n = images_read_some(&x->images, head.name, name, sizeof(name));
	if (!memchr(name, '\0', n))
		return NULL;
	/* A star marks a name that is local to its file. */
	return is_class_name(name + (*name == '*'))
		       ? arena_strdup(&x->walk->arena, name + (*name == '*'))
		       : NULL;
}

static struct cxx_point examine(struct cxx *x, uint64_t addr)
{
	struct cxx_point p = { .addr = addr };
	struct table_head head;

	if (!in_image(x, addr) || addr < TABLE_HEAD_BYTES ||
	    !images_read(&x->images, addr - TABLE_HEAD_BYTES, &head, sizeof(head)) ||
	    head.to_top != 0 || !images_have_code(&x->images, head.first))
		return p;
	p.is_table = true;
	if (head.type)
		p.type = type_name(x, head.type);
	return p;
}

static bool same_point(const void *arg, uint32_t i, const void *key)
{
	const struct cxx *x = arg;

	return x->points[i].addr == *(const uint64_t *)key;
}

static uint32_t find_point(struct cxx *x, uint64_t addr)
{
	uint64_t hash = index_hash_u64(addr, 0);
	uint32_t i = index_find(&x->index, hash, same_point, x, &addr);

	if (i != INDEX_NONE || x->n_points == POINTS_MAX)
		return i;
	x->points = xgrow(x->points, x->n_points, &x->cap_points, sizeof(*x->points));
	i = (uint32_t)x->n_points;
	x->points[x->n_points++] = examine(x, addr);
	index_add(&x->index, hash, i);
	return i;
}

static uint32_t point_of(struct cxx *x, uint64_t addr)
{
	struct cxx_recent *r = &x->recent[addr / sizeof(uint64_t) % CXX_RECENT];

	if (r->addr != addr)
		*r = (struct cxx_recent){ addr, find_point(x, addr) };
	return r->point;
}

void cxx_count_at(struct cxx *x, struct cxx_sums *sums, uint64_t word, uint64_t bytes)
{
	uint32_t i = point_of(x, word);

	if (i == INDEX_NONE)
		return;
	if (i >= sums->n) {
		sums->v = xreallocarray(sums->v, x->cap_points, sizeof(*sums->v));
		memset(sums->v + sums->n, 0, (x->cap_points - sums->n) * sizeof(*sums->v));
		sums->n = x->cap_points;
	}
	sums->v[i].blocks++;
	sums->v[i].bytes += bytes;
}

void cxx_uncount(struct cxx *x, struct cxx_sums *sums, uint64_t word, uint64_t bytes)
{
	uint32_t i = images_have(&x->images, word) ? point_of(x, word) : INDEX_NONE;

	if (i >= sums->n || !sums->v[i].blocks)
		return;
	sums->v[i].blocks--;
	sums->v[i].bytes -= MIN(sums->v[i].bytes, bytes);
}

static int compare_text(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare_names(const void *a, const void *b)
{
	const struct walk_class *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : compare_text(x->module, y->module);
}

static int compare_bytes(const void *a, const void *b)
{
	const struct walk_class *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return compare_names(a, b);
}

/* Makes one row for each class, which may have a table in each module that uses it. */
static size_t merge(struct walk_class *rows, size_t n)
{
	size_t k = 0;

	if (n)
		qsort(rows, n, sizeof(*rows), compare_names);
	for (size_t i = 0; i < n; i++) {
		if (k && compare_names(&rows[k - 1], &rows[i]) == 0) {
			rows[k - 1].blocks += rows[i].blocks;
			rows[k - 1].bytes += rows[i].bytes;
		} else {
			rows[k++] = rows[i];
		}
	}
	if (k)
		qsort(rows, k, sizeof(*rows), compare_bytes);
	return k;
}

static const char *readable(struct arena *a, const struct demangler *d, const char *type)
{
	auto_free char *name = demangle(d, type);

	return name ? arena_strdup(a, name) : type;
}

/* Names the tables that were counted and do not state their type. */
static void name_by_symbols(struct cxx *x, const struct cxx_sums *sums)
{
	auto_free struct image_place *places = xcalloc(sums->n, sizeof(*places));
	size_t n = 0, end = MIN(sums->n, x->n_points);

	for (size_t i = 0; i < end; i++) {
		if (sums->v[i].blocks && x->points[i].is_table && !x->points[i].type)
			places[n++] = (struct image_place){
				.addr = x->points[i].addr,
				.tag = (uint32_t)i,
			};
	}
	images_name(&x->images, symbol_prefix, places, n);
	for (size_t i = 0; i < n; i++) {
		if (places[i].symbol && places[i].offset >= TABLE_HEAD_BYTES)
			x->points[places[i].tag].type = places[i].symbol + strlen(symbol_prefix);
	}
}

static int compare_modules(const void *a, const void *b)
{
	const struct walk_module *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return compare_text(x->path, y->path);
}

/* Sums up the blocks by the file that they point into. */
static void name_modules(struct cxx *x, const struct cxx_sums *sums, struct walk_allocator *out)
{
	const struct snapshot *s = x->walk->snap;
	auto_free struct walk_module *by_file = xcalloc(s->n_files, sizeof(*by_file));
	size_t n = 0;

	for (size_t i = 0; i < MIN(sums->n, x->n_points); i++) {
		uint64_t addr = x->points[i].addr;
		uint32_t file = sums->v[i].blocks ? images_file(&x->images, addr) : 0;

		if (!file || images_begin(&x->images, addr))
			continue;
		n += by_file[file].blocks == 0;
		by_file[file].path = s->files[file].path;
		if (s->files[file].package)
			by_file[file].package = s->packages[s->files[file].package].name;
		by_file[file].blocks += sums->v[i].blocks;
		by_file[file].bytes += sums->v[i].bytes;
	}
	out->modules = arena_array(&x->walk->arena, n, struct walk_module);
	for (size_t i = 0; i < s->n_files; i++) {
		if (by_file[i].blocks)
			out->modules[out->n_modules++] = by_file[i];
	}
	if (n)
		qsort(out->modules, n, sizeof(*out->modules), compare_modules);
	out->n_modules = MIN(n, (size_t)MODULES_MAX);
}

void cxx_report(struct cxx *x, const struct cxx_sums *sums, struct walk_allocator *out)
{
	auto_free struct walk_class *rows = xcalloc(sums->n, sizeof(*rows));
	struct demangler demangler = { 0 };
	size_t n = 0;

	name_modules(x, sums, out);
	name_by_symbols(x, sums);
	for (size_t i = 0; i < MIN(sums->n, x->n_points); i++) {
		if (!sums->v[i].blocks || !x->points[i].is_table || !x->points[i].type)
			continue;
		out->object_blocks += sums->v[i].blocks;
		out->object_bytes += sums->v[i].bytes;
		rows[n++] = (struct walk_class){
			.name = x->points[i].type,
			.module = images_module(&x->images, x->points[i].addr),
			.blocks = sums->v[i].blocks,
			.bytes = sums->v[i].bytes,
		};
	}
	n = MIN(merge(rows, n), (size_t)CLASSES_MAX);
	if (n)
		demangler_open(&demangler);
	out->objects = arena_array(&x->walk->arena, n, struct walk_class);
	out->n_objects = n;
	for (size_t i = 0; i < n; i++) {
		out->objects[i] = rows[i];
		out->objects[i].name = readable(&x->walk->arena, &demangler, rows[i].name);
	}
	demangler_close(&demangler);
}
