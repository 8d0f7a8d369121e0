/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options, from the command line and the configuration.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <sys/types.h>

#include "analysis/ceilings.h"
#include "base/fmt.h"
#include "present/render/render.h"

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
	/* Selection. Strings point into argv. */
	pid_t *pids; /* owned; operands and -p, in order, each once */
	size_t n_pids, cap_pids;
	const char *name;   /* -C: regular expression; several are joined with | */
	char *joined_names; /* owned: what name points to if several were joined */
	bool full;          /* -f: match the command line */
	const char *user;   /* -u */
	bool tree;          /* -t */
	const char *cgroup; /* --cgroup */
	/* What to show. */
	bool list;    /* --list */
	bool regions; /* -r */
	bool diff;    /* --diff: operands are snapshot files or PIDs, see cmd_diff.c */
	char **operands;
	size_t n_operands;
	bool has_would_fit;
	uint64_t would_fit_bytes;
	struct ceilings ceilings; /* --max-* */
	/* Depth. */
	unsigned int deep;    /* enum walk_want; 0: memory is not read */
	uint64_t large_bytes; /* --large; 0: the default */
	bool preview;
	bool freeze; /* --freeze: stop the process while its memory is walked */
	/* Watch. */
	int64_t watch_ns; /* --watch; 0: no watch */
	const char *watch_text;
	uint64_t count; /* -n; 0: no limit */
	bool snapshot;
	const char *snapshot_dir; /* NULL: the default directory */
	uint64_t keep;            /* --keep; 0: not given */
	const char *keep_text;
	/* The full screen. */
	bool top;         /* --top */
	int64_t delay_ns; /* --delay; 0: the default */
	const char *delay_text;
	/* Recorded series. */
	const char *judge; /* --judge */
	bool has_limit;
	uint64_t limit_bytes;
	/* Output. */
	const struct renderer *renderer;
	const char *output;  /* -o */
	const char *columns; /* -O */
	const char *sort;    /* --sort */
	enum fmt_unit unit;
	enum color_when color;
	bool ascii, no_headings, no_cmdline;
	const char *proc_root;
	const char *config; /* --config; NULL: look for a file, "": use no file */
	bool print_config;
	bool help, version; /* print it and exit */
	uint64_t given;     /* options in argv, one bit for each row of option_descs */
};

/* The modes of the program. If the options ask for several, the first of this list is run. */
enum mode {
	MODE_COLUMNS,
	MODE_DIFF,
	MODE_WATCH,
	MODE_TOP,
	MODE_JUDGE,
	MODE_LIST,
	MODE_SHOW,
	MODE_COUNT
};

#endif
