/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/keys.h"

const char *const binding_groups[] = {
	[KG_MOVE] = "Moving",
	[KG_ROWS] = "Rows and columns",
	[KG_SHOW] = "Display",
	[KG_KEEP] = "Saving",
};
_Static_assert(ARRAY_SIZE(binding_groups) == KG_COUNT, "a row for each");

enum { NOT_HELP = CTX_ALL & ~CTX_HELP };

const struct binding bindings[] = {
	{ 'k', { KC_UP }, CTX_ALL, ACT_UP, KG_MOVE, .help = "up" },
	{ 'j', { KC_DOWN }, CTX_ALL, ACT_DOWN, KG_MOVE, .help = "down" },
	{ KC_LEFT, { 0 }, NOT_HELP, ACT_LEFT, KG_MOVE, .help = "to the left, or the previous tab" },
	{ KC_RIGHT,
	  { KC_TAB },
	  NOT_HELP,
	  ACT_RIGHT,
	  KG_MOVE,
	  .help = "to the right, or the next tab" },
	{ KC_PAGE_UP, { 0 }, CTX_ALL, ACT_PAGE_UP, KG_MOVE, .help = "a page up" },
	{ KC_PAGE_DOWN, { 0 }, CTX_ALL, ACT_PAGE_DOWN, KG_MOVE, .help = "a page down" },
	{ 'g', { KC_HOME }, CTX_ALL, ACT_HOME, KG_MOVE, .help = "to the first row" },
	{ 'G', { KC_END }, CTX_ALL, ACT_END, KG_MOVE, .help = "to the last row" },
	{ KC_ENTER,
	  { 0 },
	  CTX_TABLES | CTX_DEPTH,
	  ACT_OPEN,
	  KG_MOVE,
	  "open",
	  20,
	  "open the row under the cursor (as a double click)" },
	{ '1', { 0 }, CTX_PROCESS, ACT_TAB_1, KG_MOVE, .help = "summary: the balance sheet" },
	{ '2', { 0 }, CTX_PROCESS, ACT_TAB_2, KG_MOVE, .help = "mappings" },
	{ '3', { 0 }, CTX_PROCESS, ACT_TAB_3, KG_MOVE, .help = "files" },
	{ '4', { 0 }, CTX_PROCESS, ACT_TAB_4, KG_MOVE, .help = "growth, as a chart" },
	{ '5', { 0 }, CTX_PROCESS, ACT_TAB_5, KG_MOVE, .help = "limits, and memory outside RSS" },
	{ '6', { 0 }, CTX_PROCESS, ACT_TAB_6, KG_MOVE, .help = "what memory holds" },
	{ KC_BACK_TAB, { 0 }, CTX_PROCESS, ACT_LEFT, KG_MOVE, .help = "previous tab" },
	{ KC_ESCAPE,
	  { KC_BACKSPACE },
	  CTX_ALL,
	  ACT_BACK,
	  KG_MOVE,
	  "back",
	  80,
	  "back: ends a filter, or leaves the screen" },
	{ '?', { KC_F(1), 'h' }, NOT_HELP, ACT_HELP, KG_MOVE, "help", 10, "this help" },
	{ 'q', { KC_F(10) }, CTX_ALL, ACT_QUIT, KG_MOVE, "quit", 90, "quit" },

	{ '/',
	  { KC_F(3) },
	  CTX_TABLES,
	  ACT_SEARCH,
	  KG_ROWS,
	  "search",
	  30,
	  "search: moves the cursor to a row with this text" },
	{ 'n', { 0 }, CTX_TABLES, ACT_SEARCH_NEXT, KG_ROWS, .help = "next match" },
	{ 'N', { 0 }, CTX_REGIONS | CTX_FILES, ACT_SEARCH_BACK, KG_ROWS, .help = "previous match" },
	{ '\\',
	  { KC_F(4) },
	  CTX_TABLES,
	  ACT_FILTER,
	  KG_ROWS,
	  "filter",
	  40,
	  "filter: shows only rows that match (a regular expression)" },
	{ '>',
	  { KC_F(6), '.' },
	  CTX_TABLES,
	  ACT_SORT_NEXT,
	  KG_ROWS,
	  "sort",
	  50,
	  "sort by the next column" },
	{ '<',
	  { ',' },
	  CTX_TABLES,
	  ACT_SORT_PREVIOUS,
	  KG_ROWS,
	  .help = "sort by the previous column" },
	{ 'M', { 0 }, CTX_TABLES, ACT_SORT_RSS, KG_ROWS, .help = "sort by RSS" },
	{ 'P', { 0 }, CTX_TABLES, ACT_SORT_PSS, KG_ROWS, .help = "sort by PSS" },
	{ 'N', { 0 }, CTX_PROCESSES, ACT_SORT_PID, KG_ROWS, .help = "sort by PID" },
	{ 'T', { 0 }, CTX_PROCESSES, ACT_SORT_GROWTH, KG_ROWS, .help = "sort by growth" },
	{ 'X', { 0 }, CTX_PROCESSES, ACT_SORT_SWAP, KG_ROWS, .help = "sort by swap" },
	{ 'I', { 0 }, CTX_TABLES, ACT_INVERT, KG_ROWS, .help = "invert the order" },
	{ 'C', { KC_F(2) }, CTX_PROCESSES, ACT_COLUMNS, KG_ROWS, .help = "choose the columns" },
	{ 't',
	  { KC_F(5) },
	  CTX_PROCESSES,
	  ACT_TREE,
	  KG_ROWS,
	  "tree",
	  60,
	  "tree: processes under their parents" },
	{ '-', { 0 }, CTX_TABLES, ACT_FOLD, KG_ROWS, .help = "fold the row under the cursor" },
	{ '+',
	  { '=' },
	  CTX_TABLES,
	  ACT_UNFOLD,
	  KG_ROWS,
	  .help = "unfold the row under the cursor" },
	{ 'u', { 0 }, CTX_PROCESSES, ACT_USER, KG_ROWS, .help = "only processes of a user" },
	{ 'K',
	  { 0 },
	  CTX_PROCESSES,
	  ACT_KTHREADS,
	  KG_ROWS,
	  .help = "also kernel threads, which have no memory" },
	{ 'v', { 0 }, CTX_PROCESSES, ACT_GROWERS, KG_ROWS, .help = "only processes that grow" },
	{ ' ',
	  { 0 },
	  CTX_PROCESSES,
	  ACT_TAG,
	  KG_ROWS,
	  .help = "tag: shows the sum of tagged processes on top" },
	{ 'U', { 0 }, CTX_PROCESSES, ACT_UNTAG, KG_ROWS, .help = "remove all tags" },

	{ ' ',
	  { KC_ENTER },
	  CTX_COLUMNS,
	  ACT_TOGGLE,
	  KG_ROWS,
	  "show or hide",
	  20,
	  "show or hide the column" },
	{ '<',
	  { '-' },
	  CTX_COLUMNS,
	  ACT_EARLIER,
	  KG_ROWS,
	  "earlier",
	  30,
	  "move the column to the left" },
	{ '>',
	  { '+' },
	  CTX_COLUMNS,
	  ACT_LATER,
	  KG_ROWS,
	  "later",
	  40,
	  "move the column to the right" },

	{ 'f',
	  { 0 },
	  CTX_REGIONS | CTX_FILES | CTX_DEPTH,
	  ACT_GROUP,
	  KG_ROWS,
	  "fold",
	  55,
	  "fold: by file, owner, package or permission; every type" },

	{ 'b',
	  { 0 },
	  CTX_PROCESSES | CTX_PROCESS,
	  ACT_BASE,
	  KG_SHOW,
	  "base",
	  62,
	  "base: compare with now; again sets a new base" },
	{ 'B', { 0 }, CTX_PROCESSES | CTX_PROCESS, ACT_UNBASE, KG_SHOW, .help = "remove the base" },
	{ 'd', { 0 }, CTX_PROCESS, ACT_WALK, KG_SHOW, .help = "read what memory holds" },
	{ 'e', { 0 }, NOT_HELP, ACT_UNIT, KG_SHOW, .help = "unit: by size, KiB, MiB, GiB" },
	{ 'p', { 'Z' }, NOT_HELP, ACT_PAUSE, KG_SHOW, "pause", 70, "pause reading" },
	{ 's', { 'd' }, CTX_PROCESSES, ACT_DELAY, KG_SHOW, .help = "seconds between two readings" },
	{ 'r', { KC_F(9) }, NOT_HELP, ACT_REFRESH, KG_SHOW, .help = "read now" },
	{ KC_REPAINT, { 0 }, CTX_ALL, ACT_REPAINT, KG_SHOW, .help = "redraw the screen" },

	{ 'S',
	  { KC_F(7) },
	  CTX_PROCESSES | CTX_PROCESS,
	  ACT_SNAPSHOT,
	  KG_KEEP,
	  "snapshot",
	  65,
	  "save a snapshot of the process, to compare later" },
	{ 'x',
	  { KC_F(8) },
	  CTX_PROCESSES | CTX_PROCESS | CTX_DETAIL,
	  ACT_EXPORT,
	  KG_KEEP,
	  .help = "export the table to a file (text or .json)" },
	{ 'W',
	  { 0 },
	  CTX_PROCESSES,
	  ACT_SAVE,
	  KG_KEEP,
	  .help = "save order, columns, delay and unit for the next time" },
};

const size_t n_bindings = ARRAY_SIZE(bindings);

static bool is_key(const struct binding *d, uint32_t code)
{
	return d->code == code || d->twins[0] == code || d->twins[1] == code;
}

enum action binding_action(uint32_t code, unsigned int context)
{
	if (code == KC_NONE)
		return ACT_NONE;
	for (size_t i = 0; i < n_bindings; i++) {
		if ((bindings[i].contexts & context) && is_key(&bindings[i], code))
			return bindings[i].action;
	}
	return ACT_NONE;
}

const char *binding_name(char buf[BINDING_NAME_MAX], uint32_t code)
{
	static const struct {
		uint32_t code;
		const char *name;
	} names[] = {
		{ KC_UP, "Up" },
		{ KC_DOWN, "Down" },
		{ KC_LEFT, "Left" },
		{ KC_RIGHT, "Right" },
		{ KC_PAGE_UP, "PgUp" },
		{ KC_PAGE_DOWN, "PgDn" },
		{ KC_HOME, "Home" },
		{ KC_END, "End" },
		{ KC_ENTER, "Enter" },
		{ KC_ESCAPE, "Esc" },
		{ KC_BACKSPACE, "Backspace" },
		{ KC_TAB, "Tab" },
		{ KC_BACK_TAB, "Shift-Tab" },
		{ KC_DELETE, "Del" },
		{ KC_REPAINT, "Ctrl-L" },
		{ ' ', "Space" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].code == code) {
			(void)snprintf(buf, BINDING_NAME_MAX, "%s", names[i].name);
			return buf;
		}
	}
	if (code > KC_F0)
		(void)snprintf(buf, BINDING_NAME_MAX, "F%u", code - KC_F0);
	else
		(void)snprintf(buf, BINDING_NAME_MAX, "%c", (char)code);
	return buf;
}
