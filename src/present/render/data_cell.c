/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/render/data_cell.h"

#include <math.h>

#define MAX_REAL 9e14 /* larger numbers are held here: its thousandths fit 64 bits */

bool data_cell_is_string(enum cell_type type)
{
	return type == CELL_TIME || type == CELL_HEX || type == CELL_ID || type == CELL_TEXT;
}

/* A decimal fraction without trailing zeros and without the locale's comma. */
static void add_real(struct sbuf *sb, double v, int decimals)
{
	uint64_t scale = 1, scaled, fraction;

	if (!isfinite(v)) { /* no data format has such a number */
		sbuf_adds(sb, "null");
		return;
	}
	for (int i = 0; i < decimals; i++)
		scale *= 10;
	scaled = (uint64_t)(MIN(fabs(v), MAX_REAL) * (double)scale + 0.5);
	if (v < 0 && scaled > 0)
		sbuf_addch(sb, '-');
	sbuf_add_u64(sb, scaled / scale);
	fraction = scaled % scale;
	if (fraction > 0)
		sbuf_addch(sb, '.');
	while (fraction > 0) {
		scale /= 10;
		sbuf_addch(sb, (char)('0' + fraction / scale));
		fraction %= scale;
	}
}

void data_cell_add(struct sbuf *sb, enum cell_type type, const struct cell *c)
{
	char buf[FMT_MAX];

	switch (type) {
	case CELL_BYTES:
	case CELL_COUNT:
		sbuf_add_u64(sb, c->u);
		break;
	case CELL_DELTA:
	case CELL_RATE:
		sbuf_add_i64(sb, c->i);
		break;
	case CELL_PERCENT:
		add_real(sb, c->d, 1);
		break;
	case CELL_RATIO:
		add_real(sb, c->d, 2);
		break;
	case CELL_SECONDS:
	case CELL_MS:
		add_real(sb, c->d, 3);
		break;
	case CELL_TIME:
		sbuf_adds(sb, cell_time_text(buf, c->i));
		break;
	case CELL_HEX:
		sbuf_add_hex(sb, c->u);
		break;
	case CELL_BOOL:
		sbuf_adds(sb, c->b ? "true" : "false");
		break;
	case CELL_ID:
		sbuf_adds(sb, c->s);
		break;
	case CELL_TEXT:
	case CELL_LIST:
	case CELL_TABLE:
		break;
	}
}
