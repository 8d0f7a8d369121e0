/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file: defaults for options, and settings that have no option. One table of keys
 * drives reading, --print-config and the check of the manual.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "app/options.h"
#include "base/err.h"
#include "base/ytree.h"
#include "model/rule/rule.h"

enum key_type {
	KEY_FLAG,    /* an option without an argument: true or false */
	KEY_WORD,    /* an option with an argument */
	KEY_COLUMNS, /* a list: -O, unless the command line has it */
	KEY_SORT,    /* --sort, unless the command line has it */
	KEY_NUMBER,
	KEY_TEXT,
	KEY_RULES,
};

/* The main table that a key is about. */
enum key_table { TABLE_NONE, TABLE_LIST, TABLE_REGIONS, TABLE_TOP };

struct key_desc {
	const char *path; /* names with dots between them; for an option its long name */
	enum key_type type;
	enum key_table table; /* KEY_COLUMNS, KEY_SORT, KEY_WORD */
	size_t field;         /* in struct config: KEY_NUMBER a uint64_t, KEY_TEXT a string */
	const char *option; /* option that overrides it; NULL: no option, or of KEY_WORD its path */
	uint64_t preset, minimum, maximum; /* KEY_NUMBER */
};

extern const struct key_desc key_descs[];
extern const size_t n_key_descs;

struct config {
	struct ytree tree;
	struct arena arena;
	struct ruleset rules;         /* the user's, then rules_std */
	uint64_t unexplained_percent; /* threshold of a finding, as are the next two */
	uint64_t beyond_percent;
	uint64_t growth_mb_per_hour;
	const char *snapshot_dir;  /* NULL: the default directory */
	uint64_t snapshot_minutes; /* between two snapshots of a watch */
	uint64_t snapshot_keep, snapshot_keep_days, snapshot_keep_mb; /* 0: no limit */
};

/*
 * Reads the file that --config or $MEMSPECT_CONFIG names, or no file if the name is empty. Without
 * either, reads the first one that exists of $XDG_CONFIG_HOME/memspect/config.yaml (~/.config if
 * the variable is not set) and the same path in the system's directories. Sets the options in *o
 * that the command line did not, columns and sort order as its mode needs them. Texts set in *o are
 * owned by *ret_config, which must outlive *o.
 *
 * Returns 0, or -errno with err set; -EINVAL ("file:line:column: what") for an error in the file.
 * The caller releases *ret_config in either case.
 */
int config_load(struct options *o, struct config *ret_config, struct err *err);
/* Writes every key, its value and where that is from: a default, file:line or the command line. */
void config_print(const struct config *c, const struct options *o, FILE *out);
/* Returns true if the file sets this key. */
bool config_has(const struct config *c, const char *path);
void config_release(struct config *c);

#endif
