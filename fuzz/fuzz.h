/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The function that every fuzz target defines. With clang -fsanitize=fuzzer libFuzzer calls it,
 * otherwise replay.c does, with the files that it is given.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Passes the bytes to a parser and aborts if the result cannot be right. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#endif
