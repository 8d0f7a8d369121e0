/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict YAML: a small file becomes a tree whose nodes know their position. */
#ifndef BASE_YTREE_H
#define BASE_YTREE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/util.h"
#include "base/yevents.h"

enum {
	YTREE_MAX_BYTES = 64 << 10,
	YTREE_MAX_DEPTH = 8,
	YTREE_MAX_KEYS = 256, /* of one mapping */
};

enum ynode_type { YNODE_SCALAR, YNODE_LIST, YNODE_MAPPING };

struct ynode {
	enum ynode_type type;
	bool is_quoted; /* a scalar in quotes or a block: never a number or a bool */
	struct yplace at;
	struct yplace key_at;
	const char *key;     /* in a mapping, else NULL */
	const char *text;    /* of a scalar, UTF-8 without NUL; else NULL */
	struct ynode *first; /* elements of a list or mapping, in the order of the file */
	struct ynode *next;
};

/* The tree owns the nodes and texts; they are valid until its release. */
struct ytree {
	struct arena arena;
	const char *file;   /* NULL: no file was read */
	struct ynode *root; /* NULL: the file holds nothing but comments */
};

#define YTREE_INIT                                                                                 \
	{                                                                                          \
		ARENA_INIT, NULL, NULL                                                             \
	}

/*
 * Reads n bytes as the file called `file`. Returns 0, or -EINVAL with err set to "file:line:column:
 * what" for aliases, anchors, tags, directives, a second document, keys that are not scalars or
 * occur twice, NUL, a byte order mark, other encodings than UTF-8, or more than the limits above.
 * The caller releases *ret_tree in either case.
 */
int ytree_parse(const char *file, const char *bytes, size_t n, struct ytree *ret_tree,
		struct err *err);
/*
 * Reads a file from disk as ytree_parse, without blocking: only a regular file is read. If root
 * runs the program, root must own the file and nobody else may be able to write to it. Also returns
 * another -errno if the file cannot be opened or read.
 */
int ytree_load(const char *file, struct ytree *ret_tree, struct err *err);
void ytree_release(struct ytree *t);

/* Returns the value of a key, or NULL if the key is missing or the node is not a mapping. */
const struct ynode *ynode_find(const struct ynode *mapping, const char *key);

/*
 * Check the type of a node and return 0, or -EINVAL with err set to where and why it is wrong.
 * Numbers and bools must not be in quotes; a string may be, and without quotes it must not be empty
 * or YAML's null.
 */
int ynode_mapping(const struct ynode *n, struct err *err);
int ynode_list(const struct ynode *n, struct err *err);
int ynode_string(const struct ynode *n, const char **ret_text, struct err *err);
/* Accepts true and false only. */
int ynode_bool(const struct ynode *n, bool *ret_value, struct err *err);
/* Accepts decimal digits; min and max are allowed values. */
int ynode_u64(const struct ynode *n, uint64_t min, uint64_t max, uint64_t *ret_value,
	      struct err *err);
/* Accepts a size with a unit, as num_parse_size does. */
int ynode_size(const struct ynode *n, uint64_t *ret_bytes, struct err *err);
/* Accepts a list of strings; *ret_texts is in the arena. */
int ynode_strings(const struct ynode *n, struct arena *arena, const char *const **ret_texts,
		  size_t *ret_n, struct err *err);

#endif
