/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file: what would otherwise be on every command line, and what is too much for
 * one. One table of keys drives reading, --print-config and the check of the manual.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "app/options.h"
#include "base/err.h"
#include "base/ytree.h"
#include "model/rule/rule.h"

enum key_type {
	KEY_FLAG,    /* an option without an argument: true or false */
	KEY_WORD,    /* an option with one */
	KEY_COLUMNS, /* -O where the command line has none: a list */
	KEY_SORT,    /* --sort, likewise */
	KEY_NUMBER,
	KEY_TEXT,
	KEY_RULES,
};

/* The main table that a key is about. */
enum key_table { TABLE_NONE, TABLE_LIST, TABLE_REGIONS, TABLE_TOP };

struct key_desc {
	const char *path; /* mappings on the way with dots between; of an option its long name */
	enum key_type type;
	enum key_table table; /* KEY_COLUMNS, KEY_SORT, KEY_WORD */
	size_t field;         /* in struct config: KEY_NUMBER a uint64_t, KEY_TEXT a string */
	const char *option;   /* that overrules it; NULL: none, or of a word its path */
	uint64_t preset, minimum, maximum; /* KEY_NUMBER */
};

extern const struct key_desc key_descs[];
extern const size_t n_key_descs;

struct config {
	struct ytree tree;
	struct arena arena;
	struct ruleset rules;         /* the user's, then rules_std */
	uint64_t unexplained_percent; /* above it a finding says so */
	uint64_t beyond_percent;      /* likewise */
	uint64_t growth_mb_per_hour;  /* likewise */
	const char *snapshot_dir;     /* NULL: the default place */
	uint64_t snapshot_minutes;    /* between two snapshots of a watch */
	uint64_t snapshot_keep, snapshot_keep_days, snapshot_keep_mb; /* 0: no limit */
};

/*
 * Reads the file that --config or $MEMSPECT_CONFIG names, where empty means none; else the first
 * there is of $XDG_CONFIG_HOME/memspect/config.yaml (~/.config without the variable) and the same
 * under the system's directories. Sets in *o what the command line left open: of columns and order
 * those that its mode wants. Texts in *o are then the configuration's, which lives as long.
 *
 * 0, or with err set -EINVAL ("file:line:column: what") or another -errno. The caller releases
 * *ret_config in either case.
 */
int config_load(struct options *o, struct config *ret_config, struct err *err);
/* Writes every key, its value and where it is from: a default, file:line or the command line. */
void config_print(const struct config *c, const struct options *o, FILE *out);
/* True if the file has this key. */
bool config_has(const struct config *c, const char *path);
void config_release(struct config *c);

#endif
