/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Columns that several tables have. Getters, flags and whatever else tables differ in are given as
 * designated initialisers.
 */
#ifndef PRESENT_BUILD_PROCESS_COLUMNS_H
#define PRESENT_BUILD_PROCESS_COLUMNS_H

#include "model/metrics.h"
#include "present/report.h"

#define COLUMN_PID(...) COLUMN("pid", "PID", CELL_COUNT, "process id", __VA_ARGS__)
#define COLUMN_USER(...)                                                                           \
	COLUMN("user", "USER", CELL_TEXT, "name of the effective user", __VA_ARGS__)
#define COLUMN_STATE(...)                                                                          \
	COLUMN("state", "S", CELL_TEXT, "R running, S sleeping, D waiting, T stopped, Z zombie",   \
	       __VA_ARGS__)
#define COLUMN_THREADS(...) COLUMN("threads", "THR", CELL_COUNT, "threads", __VA_ARGS__)
#define COLUMN_AGE(...) COLUMN("age_seconds", "AGE", CELL_SECONDS, "since its start", __VA_ARGS__)
#define COLUMN_COMMAND(...)                                                                        \
	COLUMN("command", "COMMAND", CELL_TEXT, "arguments, or [name]", __VA_ARGS__)

/* Columns of rows that are structs with a `struct line sum`. */
#define LINE_RSS(row_) METRIC_COLUMN_BYTES(RSS, LINE(row_, rss))
#define LINE_PSS(row_) METRIC_COLUMN_BYTES(PSS, LINE(row_, pss))
#define LINE_USS(row_) METRIC_COLUMN_BYTES(USS, LINE(row_, uss))
#define LINE_PRIVATE(row_)                                                                         \
	COLUMN("private_bytes", "PRIVATE", CELL_BYTES, "pages only this process has",              \
	       LINE(row_, uss))
#define LINE_MAPPINGS(row_) COLUMN("mappings", "MAPS", CELL_COUNT, "mappings", LINE(row_, mappings))
#define LINE(row_, member_) FIELD(struct row_, sum.member_)

/* A metric as a field of an object: "anonymous_bytes", "Anonymous". */
#define METRIC_FIELD(metric, ...) METRIC_FIELD_(METRIC_##metric##_TEXT, __VA_ARGS__)
#define METRIC_FIELD_(...) METRIC_FIELD__(__VA_ARGS__)
#define METRIC_FIELD__(name_, column_, title_, heading_, help_, column_help_, ...)                 \
	COLUMN(name_ "_bytes", title_, CELL_BYTES, help_, __VA_ARGS__)

/* A metric as a column: "anon", "ANON"; and the same with its unit: "anon_bytes". */
#define METRIC_COLUMN(metric, ...) METRIC_COLUMN_(METRIC_##metric##_TEXT, "", __VA_ARGS__)
#define METRIC_COLUMN_BYTES(metric, ...)                                                           \
	METRIC_COLUMN_(METRIC_##metric##_TEXT, "_bytes", __VA_ARGS__)
#define METRIC_COLUMN_(...) METRIC_COLUMN__(__VA_ARGS__)
#define METRIC_COLUMN__(name_, column_, title_, heading_, help_, column_help_, unit_, ...)         \
	COLUMN(column_ unit_, heading_, CELL_BYTES,                                                \
	       sizeof(column_help_) > 1 ? column_help_ : help_, __VA_ARGS__)

#endif
