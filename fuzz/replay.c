/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Usage: fuzz_TARGET FILE... Runs a fuzz target on the files of a corpus, so that inputs that a
 * fuzzer found are tested without a fuzzer.
 */
#include <fcntl.h>

#include "base/io.h"
#include "fuzz.h"

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		auto_sbuf text = SBUF_INIT;
		int ret = io_read_at(AT_FDCWD, argv[i], SIZE_MAX / 2, &text);

		if (ret < 0) {
			(void)fprintf(stderr, "%s: %s\n", argv[i], strerror(-ret));
			return EXIT_FAILURE;
		}
		(void)LLVMFuzzerTestOneInput((const uint8_t *)sbuf_str(&text), text.len);
	}
	return EXIT_SUCCESS;
}
