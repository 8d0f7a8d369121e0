/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The axes of a chart: round values at even distances, and labels that tell them apart.
 */
#ifndef PRESENT_DRAW_AXIS_H
#define PRESENT_DRAW_AXIS_H

#include <stdint.h>

#include "base/fmt.h"

/* Bytes from bottom to top: ticks at low + i * step for i from 0 to intervals. */
struct bytes_axis {
	double low;
	double step;
	size_t intervals; /* at least 1 */
	size_t rows;      /* from a tick to the next; at least 1 */
	enum fmt_unit unit;
	unsigned int power; /* of the unit that all labels have */
	unsigned int decimals;
};

/*
 * Finds the axis that shows min to max as large as possible in `rows` rows (at least 2), with a
 * tick in the first and in the last one. It begins at 0 unless that takes much of the room, and
 * never spans so little that a change of a few percent looks large.
 */
void bytes_axis_fit(double min, double max, size_t rows, enum fmt_unit unit,
		    struct bytes_axis *ret);
const char *bytes_axis_label(char buf[FMT_MAX], const struct bytes_axis *a, size_t tick);

/* Time from left to right: n ticks, the first at `first` and one every `step` after it. */
struct time_axis {
	int64_t first; /* ns: wall clock, or since the start */
	int64_t step;
	size_t n;
	bool is_wall;
};

/* Finds the ticks from start to end whose labels fit in `columns` columns. */
void time_axis_fit(int64_t start, int64_t end, bool is_wall, size_t columns, struct time_axis *ret);
/*
 * Writes a label to buf, and returns it: "12:30", "05-02" at midnight and for steps of days, "90
 * min" where the wall clock is not known.
 */
const char *time_axis_label(char buf[FMT_MAX], const struct time_axis *a, size_t tick);

#endif
