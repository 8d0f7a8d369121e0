/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The columns of the list of processes: one table that drawing, sorting, export, the configuration
 * and the help are made from.
 */
#ifndef SCREEN_DATA_COLUMNS_H
#define SCREEN_DATA_COLUMNS_H

#include "present/report.h"
#include "screen/data/number_format.h"
#include "screen/data/procs.h"

enum proc_column {
	PC_PID,
	PC_PPID,
	PC_USER,
	PC_STATE,
	PC_THREADS,
	PC_RSS,
	PC_CHANGE,
	PC_PSS,
	PC_USS,
	PC_SWAP,
	PC_ANON,
	PC_FILE,
	PC_SHMEM,
	PC_SHARED,
	PC_PEAK,
	PC_VIRT,
	PC_LAZY,
	PC_HUGE,
	PC_THP,
	PC_LOCKED,
	PC_PTE,
	PC_PERCENT,
	PC_GROWTH,
	PC_VERDICT,
	PC_TREND,
	PC_READ,
	PC_AGE,
	PC_COMMAND,
	PC_COUNT
};

/* What cells are made from, in addition to the process. */
struct column_context {
	const struct number_format *format;
	int64_t now_ns;
	double uptime_seconds; /* 0: unknown */
	uint64_t total_bytes;  /* memory of the machine, 0: unknown */
	double bad_rate;       /* bytes an hour: more is bad */
	bool has_base;         /* processes are compared with what they were */
};

struct proc_column_desc {
	struct column column; /* asked with a struct proc; arg is a struct column_context */
	unsigned char width;  /* columns of the terminal, unless it is of bytes */
	/*
	 * Where not all columns fit, those with the highest rank are left out first. Columns with
	 * rank 0 are never left out.
	 */
	unsigned char rank;
	bool is_default;
	bool is_slow; /* read in turn with others, and so older than the rest */
};

extern const struct proc_column_desc proc_columns[];

/* Returns the column with this id, with or without its unit ("rss"), or PC_COUNT. */
enum proc_column proc_column_find(const char *id, size_t len);

/* Returns the cell of a process in a column. */
struct cell proc_cell(const struct proc *p, enum proc_column column,
		      const struct column_context *ctx);
/*
 * Appends the text of a cell, escaped, and returns its tone. PC_TREND and PC_GROWTH have special
 * marks.
 */
enum tone proc_cell_text(const struct proc *p, enum proc_column column,
			 const struct column_context *ctx, struct sbuf *out);
/* Returns the mark of a verdict: "!" and "^" grow, "~" goes up and down, "v" shrinks. */
char proc_growth_mark(const struct proc *p);

/* Columns that are shown, in their order. */
struct column_set {
	enum proc_column list[PC_COUNT];
	size_t n;
};

struct column_set column_set_default(void);
/* Parses ids with commas between them. Returns 0, or -EINVAL with err naming the wrong one. */
int column_set_parse(const char *ids, struct column_set *ret_set, struct err *err);
void column_set_show(const struct column_set *set, struct sbuf *out);
bool column_set_has(const struct column_set *set, enum proc_column column);
/* Returns the width of a column on the terminal. */
size_t column_width(enum proc_column column, const struct number_format *format);
/*
 * Returns the columns that fit in `width` columns of the terminal with at least `command` of them
 * for PC_COMMAND, which takes what is left.
 */
struct column_set column_set_fit(const struct column_set *set, const struct number_format *format,
				 size_t width, size_t command);

#endif
