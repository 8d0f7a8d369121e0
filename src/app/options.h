/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: one table of options drives parsing, --help and the check of the manual.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <sys/types.h>

#include "analysis/ceilings.h"
#include "base/err.h"
#include "base/fmt.h"
#include "base/sbuf.h"
#include "present/render/render.h"

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options {
	/* Selection. Strings point into argv. */
	pid_t *pids; /* owned; operands and -p, in order, each once */
	size_t n_pids, cap_pids;
	const char *name;   /* -C: regular expression */
	bool full;          /* -f: match the command line */
	const char *user;   /* -u */
	bool tree;          /* -t */
	const char *cgroup; /* --cgroup */
	/* What to show. */
	bool list;    /* --list */
	bool regions; /* -r */
	bool diff;    /* --diff: the operands are its own, in argv, and no PIDs */
	char **operands;
	size_t n_operands;
	bool has_would_fit;
	uint64_t would_fit_bytes;
	struct ceilings ceilings; /* --max-* */
	/* Depth. */
	unsigned int deep;    /* enum walk_want; 0: memory is not read */
	uint64_t large_bytes; /* --large: 0 is the default */
	bool preview;
	bool freeze; /* --freeze: hold the process still meanwhile */
	/* Watch. */
	int64_t watch_ns; /* --watch: 0 is none */
	const char *watch_text;
	uint64_t count; /* -n: 0 is without end */
	bool snapshot;
	const char *snapshot_dir; /* NULL: the default */
	uint64_t keep;            /* 0: not given */
	const char *keep_text;
	/* The full screen. */
	bool top;         /* --top */
	int64_t delay_ns; /* --delay: 0 is the default */
	const char *delay_text;
	/* Recorded elsewhere. */
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
	const char *config; /* --config: NULL to look for one, "" for none */
	bool print_config;
	bool help, version; /* said, and nothing else is to be done */
	uint64_t given;     /* the options that argv had, bits by their row in the table */
};

/* A row of the table of options. */
struct option_desc {
	char letter; /* 0: none */
	const char *name;
	const char *arg;   /* name of the argument; NULL: takes none */
	const char *group; /* heading in front of it in --help; NULL: the one before goes on */
	const char *help;
	size_t field; /* in struct options: a string that takes the argument, else a bool; what else
			 it may be, set and show know */
	/* If not NULL, what is done instead. 0, or -EINVAL with err set. */
	int (*set)(struct options *o, const char *arg, struct err *err);
	bool optional;        /* the argument may be left out; then set is handed NULL */
	enum ceiling ceiling; /* CEILING_NONE, or the argument sets this one */
	const char *(*show)(const struct options *o);
};

extern const struct option_desc option_descs[];
extern const size_t n_option_descs;

/* Reads argv. 0, or -EINVAL with err set: a usage error. The caller releases *ret in either case. */
int options_parse(int argc, char **argv, struct options *ret, struct err *err);
void options_release(struct options *o);
/* Options that make no sense together, or not alone: 0, or -EINVAL with err set. */
int options_check(const struct options *o, struct err *err);

/* The mode without others is the list: asked for, or no process is. */
bool options_want_list(const struct options *o);

/*
 * The same options from elsewhere, by their long names. Texts are kept, not copied; arg is NULL for
 * an option that takes none. 0, or -EINVAL with err set, which names what is wrong.
 */
int options_set(struct options *o, const char *name, const char *arg, struct err *err);
/* True if argv had this option, or another that says the same thing. */
bool options_given(const struct options *o, const char *name);
/* Appends what the option is now: true or false, its text, or nothing for a text not set. */
void options_show(const struct options *o, const char *name, struct sbuf *out);

#endif
