/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys and their actions. One table drives the screen, its footer and its help; a new action is
 * a word in enum action, a row in the table and a case in the view that handles it.
 */
#ifndef SCREEN_KEYS_H
#define SCREEN_KEYS_H

#include <stdint.h>

#include "base/util.h"

/* A character, or one of these. */
enum key_code {
	KC_NONE = 0,
	KC_BACKSPACE = 0x08,
	KC_TAB = 0x09,
	KC_ENTER = 0x0a,
	KC_REPAINT = 0x0c,   /* Ctrl-L */
	KC_KILL_LINE = 0x15, /* Ctrl-U */
	KC_ESCAPE = 0x1b,
	KC_SPECIAL = 0x110000, /* beyond Unicode */
	KC_UP,
	KC_DOWN,
	KC_LEFT,
	KC_RIGHT,
	KC_PAGE_UP,
	KC_PAGE_DOWN,
	KC_HOME,
	KC_END,
	KC_DELETE,
	KC_BACK_TAB,
	KC_CLICK, /* mouse button: x and y of struct key are the place */
	KC_DOUBLE_CLICK,
	KC_WHEEL_UP,
	KC_WHEEL_DOWN,
	KC_F0, /* KC_F0 + n is Fn, up to 12 */
};

#define KC_F(n) (KC_F0 + (n))

struct key {
	uint32_t code;
	size_t x, y; /* for the mouse: the cell under it */
};

/* Bits for the places where keys have meanings. Every view is in one of them at a time. */
enum key_context {
	CTX_PROCESSES = 1 << 0,
	CTX_SUMMARY = 1 << 1,
	CTX_REGIONS = 1 << 2,
	CTX_FILES = 1 << 3,
	CTX_GROWTH = 1 << 4,
	CTX_LIMITS = 1 << 5,
	CTX_DEPTH = 1 << 6,
	CTX_HELP = 1 << 7,
	CTX_COLUMNS = 1 << 8,
	CTX_DETAIL = 1 << 9, /* all of one mapping */
	CTX_PROCESS = CTX_SUMMARY | CTX_REGIONS | CTX_FILES | CTX_GROWTH | CTX_LIMITS | CTX_DEPTH,
	CTX_TABLES = CTX_PROCESSES | CTX_REGIONS | CTX_FILES,
	CTX_ALL = (CTX_DETAIL << 1) - 1,
};

enum action {
	ACT_NONE,
	/* Moving about. */
	ACT_UP,
	ACT_DOWN,
	ACT_LEFT,
	ACT_RIGHT,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_HOME,
	ACT_END,
	ACT_OPEN,
	ACT_TAB_1, /* one for each tab */
	ACT_TAB_2,
	ACT_TAB_3,
	ACT_TAB_4,
	ACT_TAB_5,
	ACT_TAB_6,
	ACT_BACK,
	ACT_QUIT,
	ACT_HELP,
	/* Rows and columns. */
	ACT_SEARCH,
	ACT_SEARCH_NEXT,
	ACT_SEARCH_BACK,
	ACT_FILTER,
	ACT_SORT_NEXT,
	ACT_SORT_PREVIOUS,
	ACT_SORT_RSS,
	ACT_SORT_PSS,
	ACT_SORT_PID,
	ACT_SORT_GROWTH,
	ACT_SORT_SWAP,
	ACT_INVERT,
	ACT_COLUMNS,
	ACT_TREE,
	ACT_FOLD,
	ACT_UNFOLD,
	ACT_USER,
	ACT_KTHREADS,
	ACT_GROWERS,
	ACT_GROUP,
	ACT_TAG,
	ACT_UNTAG,
	ACT_TOGGLE,
	ACT_EARLIER,
	ACT_LATER,
	/* What is read, and how it is shown. */
	ACT_BASE,
	ACT_UNBASE,
	ACT_WALK,
	ACT_UNIT,
	ACT_PAUSE,
	ACT_DELAY,
	ACT_REFRESH,
	ACT_REPAINT,
	/* Files. */
	ACT_SNAPSHOT,
	ACT_EXPORT,
	ACT_SAVE,
	ACT_COUNT
};

/* A group of keys under one heading of the help. */
enum key_group { KG_MOVE, KG_ROWS, KG_SHOW, KG_KEEP, KG_COUNT };

struct binding {
	uint32_t code;
	uint32_t twins[2];     /* further keys for the same action, or KC_NONE */
	unsigned int contexts; /* enum key_context bits */
	enum action action;
	enum key_group group;
	const char *word;   /* text in the footer; NULL: not in the footer */
	unsigned char rank; /* place in the footer: the lowest comes first */
	const char *help;   /* a few words in the imperative: "sort by RSS" */
};

extern const struct binding bindings[];
extern const size_t n_bindings;
extern const char *const binding_groups[];

/* Returns the action of a key in a context, or ACT_NONE. */
enum action binding_action(uint32_t code, unsigned int context);
enum { BINDING_NAME_MAX = 16 };
/* Returns the name of a key to show, which may be in buf: "F1", "Enter", "/", "PgUp". */
const char *binding_name(char buf[BINDING_NAME_MAX], uint32_t code);

#endif
