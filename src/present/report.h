/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A report is a tree of tables: an object is a table of one row, a list is a table of many, and a
 * cell may hold a table. Columns state what cells are, once for all formats. Builders make tables,
 * renderers turn them into bytes, and neither knows the other.
 */
#ifndef PRESENT_REPORT_H
#define PRESENT_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/fmt.h"
#include "base/util.h"

enum cell_type {
	CELL_BYTES,   /* u: bytes */
	CELL_DELTA,   /* i: signed bytes */
	CELL_RATE,    /* i: signed bytes an hour */
	CELL_COUNT,   /* u */
	CELL_PERCENT, /* d: 0..100; one decimal in every format */
	CELL_RATIO,   /* d: 0..1; two decimals */
	CELL_SECONDS, /* d: a duration in seconds */
	CELL_MS,      /* d: a duration in milliseconds */
	CELL_TIME,    /* i: wall clock ns since 1970; RFC 3339 UTC */
	CELL_HEX,     /* u: an address, inode or device; a string in data formats */
	CELL_BOOL,    /* b */
	CELL_ID,      /* s: an identifier of the program, plain ASCII */
	CELL_TEXT,    /* s, n: any bytes; escaped by the rule of base/text.h */
	CELL_LIST,  /* s, n: NUL-terminated strings in a row, n bytes in all, as cmdline has them */
	CELL_TABLE, /* t */
};

/* What a value means for the reader. Renderers may show it in colour, but never only so. */
enum tone { TONE_PLAIN, TONE_DIM, TONE_GOOD, TONE_WARN, TONE_BAD };

struct cell {
	/*
	 * REASON_NONE: the cell has a value. REASON_BY_DESIGN: it has no value (null). Else the
	 * value is absent for this reason (null, listed under `unavailable`, shown as n/a); the
	 * text of REASON_OTHER is in s, static or owned by the report's arena.
	 */
	enum reason why;
	union {
		uint64_t u;
		int64_t i;
		double d;
		bool b;
		const char *s;
		const struct table *t;
	};
	size_t n; /* bytes of s for CELL_TEXT and CELL_LIST */
	enum tone tone;
	bool plain; /* CELL_BYTES, CELL_DELTA: shown as a plain number without a unit */
};

enum column_flag {
	COL_DATA = 1 << 0,  /* data formats only, unless chosen by name */
	COL_TEXT = 1 << 1,  /* text only: not part of the data */
	COL_TRUNC = 1 << 2, /* text: cut when the line is too long */
	COL_BAR = 1 << 3,   /* text: CELL_PERCENT drawn as a bar with its number */
	COL_TREE = 1 << 4,  /* text: CELL_TABLE whose rows are the row's children (columns by id) */
	COL_LEFT = 1 << 5,  /* text: flush left although a number */
	COL_SORT = 1 << 6,  /* may be named by --sort */
	COL_SPARSE = 1 << 7, /* YAML leaves it out where it is 0, or absent by design */
	COL_SPARE = 1 << 8, /* LAYOUT_LOG: left out when the line is too long, the last one first */
	COL_LAST = 1 << 9,  /* text: cut before the last word, which is kept */
};

/* What a column is asked for: its cell of one row. */
struct ask {
	const void *row; /* the element of the table's rows; NULL if it has none */
	size_t index;    /* of the row */
	void *arg;       /* of the table */
	size_t at;       /* of the column */
};

typedef struct cell cell_get_fn(const struct ask *ask);

struct column {
	const char *id;    /* key in data formats, name for -O and --sort */
	const char *title; /* heading or label in text */
	enum cell_type type;
	unsigned int flags;
	const char *help; /* one line; the meaning shown by LAYOUT_FACTS, -O help and the manual */
	/*
	 * LAYOUT_LINE, LAYOUT_SENTENCE: the text around the value, which replaces the last '%'. A
	 * CELL_COUNT may have a singular and a plural: "% thread|% threads".
	 */
	const char *line;
	/*
	 * Returns the cell of a row. What it points to may be kept in the table's arg: it is valid
	 * until this column is asked for in another row.
	 */
	cell_get_fn *get;
	size_t at; /* for `get`: the offset of a member, or the index of a counter */
};

/* A column: the members that every column has, then designated initialisers of others. */
#define COLUMN(id_, title_, type_, help_, ...)                                                     \
	{                                                                                          \
		.id = (id_), .title = (title_), .type = (type_), .help = (help_), __VA_ARGS__      \
	}

/* A column that shows a member of the struct that a row is. */
#define FIELD(type_, member_)                                                                      \
	.get = _Generic(&((type_ *)0)->member_, \
			uint64_t *: field_u64, \
			uint32_t *: field_u32, \
			int64_t *: field_i64, \
			double *: field_real, \
			bool *: field_bool, \
			struct amount *: field_amount, \
			char **: field_text, \
			const char **: field_text, \
			struct cell *: field_cell, \
			const struct table **: field_table), \
	.at = offsetof(type_, member_)

cell_get_fn field_u64, field_u32, field_i64, field_real, field_bool, field_amount, field_text,
	field_cell, field_table;

/* How text shows a table; data formats show its shape. */
enum table_layout {
	LAYOUT_HIDDEN,   /* not at all */
	LAYOUT_SECTIONS, /* objects that hold tables: one table below the other */
	LAYOUT_LINE,     /* an object as a line of phrases */
	LAYOUT_SENTENCE, /* an object as a sentence: its phrases without blanks between them */
	LAYOUT_FACTS,    /* an object as lines of title, value and help */
	LAYOUT_TABLE,    /* a table with headings */
	LAYOUT_CHART,    /* draws its chart */
	LAYOUT_LOG,      /* lines whose columns are as wide as in the table before, for a log */
	LAYOUT_ITEMS, /* a mark for the id, the first text behind it, the others indented below */
};

enum table_shape {
	SHAPE_ROWS,   /* [ {...}, ... ] */
	SHAPE_OBJECT, /* {...}: exactly one row */
	SHAPE_MAP,    /* { cell 0: cell 1, ... } */
};

struct chart;

typedef const void *table_row_fn(void *arg, size_t row);
/*
 * Returns the values of adjacent columns of a row; bit i of *ret_present is clear if the row has
 * none in column i of them. The array is valid until the next row.
 */
typedef const uint64_t *table_numbers_fn(const struct ask *ask, uint32_t *ret_present);

struct table {
	const struct column *columns;
	size_t n_columns;
	enum table_shape shape;
	enum table_layout layout;
	const char *title; /* text: heading above, or of the first column; NULL: none */
	const char *empty; /* text: shown instead of a table without rows; NULL: nothing */
	size_t text_rows;  /* text shows at most this many rows, and the rest as a sum; 0: all */
	const bool *text_hide; /* n_rows: rows that text leaves out; NULL: it shows all */
	const size_t *pick; /* columns chosen for text, in order; NULL: all that are not COL_DATA */
	size_t n_pick;
	bool headings;               /* LAYOUT_LOG: the columns have headings */
	const unsigned char *widths; /* LAYOUT_LOG: n_columns, 0 where the type decides */

	const struct chart *chart; /* LAYOUT_CHART: one row without columns; text alone shows it */

	size_t n_rows;
	bool is_long; /* may have very many rows: every format writes each as a line of its own */
	const size_t *order; /* n_rows: indexes of the rows in display order; NULL: unchanged */
	/* The rows that getters are called with: elements of an array, or what `row` returns. */
	const void *rows;
	size_t row_size;
	table_row_fn *row;
	void *arg;
	/*
	 * Columns of plain numbers that can be asked for all at once, which gives what their getters
	 * give one by one; NULL: no columns can.
	 */
	table_numbers_fn *numbers;
	size_t first_number, n_numbers;
};

/* A row of a table that is asked for its cells. */
struct row {
	const struct table *table;
	struct ask ask;
};

struct report {
	struct arena arena;       /* owns everything below */
	const struct table *root; /* SHAPE_OBJECT */
	/*
	 * The main table, which formats that hold one table show, or the reason why there is none:
	 * the list in a list, the balance sheet of a process, with -r every mapping of it, the
	 * combined balance sheet of several; in a diff what changed of these.
	 */
	struct cell main;
};

#define REPORT_INIT                                                                                \
	{                                                                                          \
		.arena = ARENA_INIT                                                                \
	}

void report_release(struct report *r);
/* Sets the root of a report, shown as sections, and its main table. Every builder ends with it. */
void report_set_root(struct report *r, struct table *root, struct cell main);
/* Returns true if a builder said which table is the main one, or why there is none. */
bool report_has_main(const struct report *r);

/* Returns an object whose one row is a copy, in the report's arena, of the struct at `row`. */
#define OBJECT_OF(r, columns, row)                                                                 \
	report_copy((r), (columns), ARRAY_SIZE(columns), (row), sizeof(*(row)))
struct table *report_copy(struct report *r, const struct column *columns, size_t n_columns,
			  const void *row, size_t row_size);
/* Returns a table in the report's arena over an array that lives as long as the report. */
struct table *report_rows(struct report *r, const struct column *columns, size_t n_columns,
			  const void *rows, size_t row_size, size_t n_rows);
/* Returns a table of one row in the report's arena, as an object. */
struct table *report_object(struct report *r, const struct column *columns, size_t n_columns,
			    const void *row);
/* Returns a table, in the report's arena, over the first n of an array of rows. */
#define TABLE_OF(r, columns, rows, n)                                                              \
	report_rows((r), (columns), ARRAY_SIZE(columns), (rows), sizeof(*(rows)), (n))
/* Returns a row, to ask for its cells. */
struct row row_at(const struct table *t, size_t row);
/* Returns the cell of a column in a row. */
static inline struct cell row_cell(struct row *row, size_t column)
{
	const struct column *c = &row->table->columns[column];

	row->ask.at = c->at;
	return c->get(&row->ask);
}

static inline struct cell table_cell(const struct table *t, size_t row, size_t column)
{
	struct row at = row_at(t, row);

	return row_cell(&at, column);
}

/* Returns the index of the column with this id, or -1. */
int table_column(const struct table *t, const char *id);
/*
 * Returns a copy of a table of which text shows only these columns, in this order. `ids` is a list,
 * "totals,findings"; ids that the table lacks are ignored.
 */
struct table *report_pick(struct report *r, const struct table *t, const char *ids);
/* Writes a CELL_TIME to buf, "2024-05-01T12:00:00.000Z" in every locale, and returns buf. */
const char *cell_time_text(char buf[FMT_MAX], int64_t wall_ns);

static inline struct cell cell_none(void)
{
	return (struct cell){ .why = REASON_BY_DESIGN };
}

static inline struct cell cell_absent(enum reason why)
{
	return (struct cell){ .why = why };
}

/* Returns an absent cell for REASON_OTHER with this text, which must outlive the report. */
static inline struct cell cell_absent_text(const char *text)
{
	return (struct cell){ .why = REASON_OTHER, .s = text };
}

/* Returns true if a cell is absent for a reason that is shown to the reader. */
static inline bool cell_lacks(const struct cell *cell)
{
	return cell->why > REASON_BY_DESIGN;
}

/* Returns the reason why a cell is absent; "" if it is not, or by design. */
static inline const char *cell_why(const struct cell *cell)
{
	return cell->why == REASON_OTHER && cell->s ? cell->s : reason_text(cell->why);
}

static inline struct cell cell_u64(uint64_t v)
{
	return (struct cell){ .u = v };
}

static inline struct cell cell_i64(int64_t v)
{
	return (struct cell){ .i = v };
}

static inline struct cell cell_real(double v)
{
	return (struct cell){ .d = v };
}

static inline struct cell cell_bool(bool v)
{
	return (struct cell){ .b = v };
}

static inline struct cell cell_amount(struct amount a)
{
	return a.why == REASON_OTHER ? cell_absent_text(a.other)
				     : (struct cell){ .why = a.why, .u = a.value };
}

/* Returns a cell of a string, which must outlive the report, or an empty cell for NULL. */
static inline struct cell cell_text(const char *s)
{
	return s ? (struct cell){ .s = s, .n = strlen(s) } : cell_none();
}

/* Returns a cell with the text of a reason, or an empty cell for REASON_NONE. */
static inline struct cell cell_reason(enum reason why)
{
	return why ? cell_text(reason_text(why)) : cell_none();
}

static inline struct cell cell_bytes(const char *s, size_t n)
{
	return (struct cell){ .s = s, .n = n };
}

static inline struct cell cell_table(const struct table *t)
{
	return t ? (struct cell){ .t = t } : cell_none();
}

/*
 * Returns a SHAPE_MAP table of the cells of a row and of the objects nested in it that are absent
 * for a reason: field ("totals.pss_bytes") and reason. Looks into lists only if their first column
 * is an id ("outside_rss.pipes.bytes"), and not into long tables.
 */
const struct table *report_unavailable(struct report *r, const struct table *t, size_t row);

#endif
