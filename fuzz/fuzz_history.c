/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader of histories on any bytes, with the checksum they have and with the one they should: a
 * history that is read is sound, and comes back from being written. To fuzz, from the top:
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -std=gnu11 -D_GNU_SOURCE -Isrc \
 *		fuzz/fuzz_history.c src/analysis/{history,series}.c \
 *		src/base/{alloc,arena,crc,err,sbuf}.c -lz -o fuzz_history
 *	./fuzz_history -max_len=65536 NEW_INPUTS fuzz/corpus/history
 */
#include "fuzz.h"

#include "analysis/series/history.h"
#include "base/crc.h"

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_series(const struct series *s)
{
	demand(s->n <= s->cap && s->n <= s->pushed && s->stride > 0);
	demand((s->n == 0) == (s->pushed == 0));
	for (size_t i = 0; i < s->n; i++)
		demand(s->samples[i].t_ns >= (i > 0 ? s->samples[i - 1].t_ns + 1 : 0));
}

static void check_again(const struct history *h)
{
	auto_sbuf bytes = SBUF_INIT, again = SBUF_INIT;
	auto_history back = HISTORY_INIT;

	demand(history_encode(h, &bytes) == 0);
	demand(history_decode(sbuf_str(&bytes), bytes.len, &back, NULL) == 0);
	demand(history_encode(&back, &again) == 0);
	demand(bytes.len == again.len &&
	       memcmp(sbuf_str(&bytes), sbuf_str(&again), bytes.len) == 0);
}

static void try(const void *bytes, size_t n)
{
	auto_history h = HISTORY_INIT;
	struct err err = ERR_INIT;

	if (history_decode(bytes, n, &h, &err) < 0) {
		demand(err.code && *err.text && !h.processes);
		return;
	}
	for (size_t i = 0; i < h.n; i++) {
		demand(h.processes[i].pid > 0);
		for (size_t j = 0; j < h.processes[i].n; j++) {
			demand(*h.processes[i].series[j].id);
			check_series(&h.processes[i].series[j].series);
		}
	}
	check_again(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	auto_sbuf summed = SBUF_INIT;
	uint32_t crc;

	try(bytes, n);
	if (n < 4)
		return 0;
	crc = crc_add(0, bytes, n - 4);
	sbuf_add(&summed, bytes, n - 4);
	for (unsigned int i = 0; i < 4; i++)
		sbuf_addch(&summed, (char)(crc >> 8 * i));
	try(sbuf_str(&summed), summed.len);
	return 0;
}
