/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every fuzz target defines. With clang -fsanitize=fuzzer it is libFuzzer that calls it, else
 * replay.c, with the files it is given.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Hands the bytes to a parser and aborts where the result cannot be right. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#endif
