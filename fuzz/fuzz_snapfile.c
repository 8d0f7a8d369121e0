/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader of snapshot files on any bytes between header and checksum: an error has a place, and
 * what was read can be judged, and written so that it comes back the same and nothing has changed
 * for --diff. To fuzz, from the top of the tree:
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -std=gnu11 -D_GNU_SOURCE -Isrc \
 *		$(pkg-config --cflags smartcols) fuzz/fuzz_snapfile.c \
 *		$(find src/{analysis,base,model,present,proc,walk} -name "*.c") \
 *		-lyaml -ljansson -lsmartcols -lelf -lz -lm -o fuzz_snapfile
 *	./fuzz_snapfile -max_len=20000 NEW_INPUTS fuzz/corpus/snapfile
 */
#include "fuzz.h"

#include <inttypes.h>
#include <sys/mman.h>

#include "base/crc.h"
#include "model/snapfile/snapfile.h"
#include "present/build/diff.h"
#include "present/render/render.h"
#include "present/render/snapshot_text.h"

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static int read_text(const struct sbuf *text, struct snapfile *ret_file, struct err *err)
{
	auto_close int fd = memfd_create("snapshot", MFD_CLOEXEC);

	demand(fd >= 0 && write(fd, text->data, text->len) == (ssize_t)text->len);
	return snapfile_read_fd(fd, "f", ret_file, err);
}

/* Judges a process as the program does, and writes it. */
static void write_process(const struct snapfile *f, const struct snapshot *s, struct sbuf *ret_text)
{
	struct build_opts opts = { .version = "", .boot_id = f->boot_id, .rules = &f->rules };
	struct process_inputs view = { .snapshot = s, .walk_why = s->heap_stats.why };
	struct accounting accounting;
	struct off_rss off_rss;
	struct limits limits;
	char *bytes = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&bytes, &n);

	demand(out != NULL);
	accounting_init(&accounting, s);
	off_rss_init(&off_rss, s, &accounting);
	limits_init(&limits, s, &accounting);
	view.accounting = &accounting;
	view.off_rss = &off_rss;
	view.limits = &limits;
	demand(snapshot_write(&view, 1, NULL, &opts, out) == 0 && fclose(out) == 0);
	sbuf_add(ret_text, bytes, n);
	free(bytes);
	limits_release(&limits);
	accounting_release(&accounting);
}

static void render(const struct diff *d)
{
	const struct render_opts plain = { .headings = true };
	const struct build_opts opts = { .version = "", .regions = true };
	const struct diff_view view = { .diffs = d, .n = 1 };
	struct report report = REPORT_INIT;
	char *bytes = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&bytes, &n);

	demand(out != NULL);
	build_diff(&report, &view, &opts);
	demand(render_text(&report, &plain, out) == 0 && render_json(&report, &plain, out) == 0);
	demand(fclose(out) == 0);
	report_release(&report);
	free(bytes);
}

/* Compares two snapshots that must be equal. */
static void compare(const struct snapshot *a, const struct snapshot *b)
{
	struct accounting olds, news;
	struct diff d;

	accounting_init(&olds, a);
	accounting_init(&news, b);
	diff_init(&d, &(struct diff_side){ .snapshot = a, .accounting = &olds, .host = "" },
		  &(struct diff_side){ .snapshot = b, .accounting = &news, .host = "" });
	for (int i = 0; i < HEAP_STAT_KIND_COUNT; i++) {
		for (size_t k = 0; k < d.heap_stats[i].n; k++)
			demand(d.heap_stats[i].rows[k].status == DIFF_STAYED);
	}
	render(&d);
	diff_release(&d);
	accounting_release(&olds);
	accounting_release(&news);
}

static void check_process(const struct snapfile *f, const struct snapshot *s)
{
	auto_sbuf once = SBUF_INIT, twice = SBUF_INIT;
	struct err err = ERR_INIT;
	struct snapfile again;

	write_process(f, s, &once);
	if (read_text(&once, &again, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		abort();
	}
	write_process(&again, again.processes[0], &twice);
	compare(s, again.processes[0]);
	demand(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
	snapfile_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	auto_sbuf text = SBUF_INIT;
	struct err err = ERR_INIT;
	struct snapfile f;

	sbuf_adds(&text, SNAPFILE_HEADER);
	sbuf_add(&text, bytes, n);
	sbuf_addf(&text, SNAPFILE_CHECKSUM "%08" PRIx32 "\n", crc_add(0, text.data, text.len));
	if (read_text(&text, &f, &err) < 0) {
		demand(starts_with(err.text, "f:") && !strchr(err.text, '\n'));
		return 0;
	}
	demand(f.n > 0);
	for (size_t i = 0; i < f.n; i++)
		check_process(&f, f.processes[i]);
	snapfile_release(&f);
	return 0;
}
