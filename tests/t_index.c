/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/index: elements are found by key, whatever their hashes. */
#include "base/index.h"

#include "rows.h"

static bool same_number(const void *arg, uint32_t i, const void *key)
{
	return ((const uint64_t *)arg)[i] == *(const uint64_t *)key;
}

/* Return the hash of a number: a good one, and bad ones of several kinds. */
static uint64_t hash_well(uint64_t v)
{
	return index_hash_u64(v, 0);
}

static uint64_t hash_in_a_row(uint64_t v)
{
	return v;
}

static uint64_t hash_to_the_end(uint64_t v)
{
	return UINT64_MAX - v % 3;
}

static uint64_t hash_all_alike(uint64_t v attr_unused)
{
	return 42;
}

static uint64_t hash_high_bits(uint64_t v)
{
	return v << 48;
}

struct hash_row {
	const char *name;
	uint64_t (*hash)(uint64_t v);
	size_t n;
};

static const struct hash_row hash_rows[] = {
	{ "good hashes", hash_well, 100000 },
	{ "hashes in a row", hash_in_a_row, 10000 },
	{ "hashes at the end of the table", hash_to_the_end, 1000 },
	{ "one hash", hash_all_alike, 1000 },
	{ "hashes that differ in high bits only", hash_high_bits, 1000 },
};

static void test_hashes(void **state)
{
	const struct hash_row *row = *state;
	auto_free uint64_t *keys = xcalloc(row->n, sizeof(*keys));
	struct index ix = INDEX_INIT;
	uint64_t key;

	for (size_t i = 0; i < row->n; i++) {
		keys[i] = i * 3;
		assert_int_equal(index_find(&ix, row->hash(keys[i]), same_number, keys, &keys[i]),
				 INDEX_NONE);
		index_add(&ix, row->hash(keys[i]), (uint32_t)i);
	}
	assert_int_equal(ix.used, row->n);
	for (size_t i = 0; i < row->n; i++)
		assert_int_equal(index_find(&ix, row->hash(keys[i]), same_number, keys, &keys[i]),
				 i);
	key = 1;
	assert_int_equal(index_find(&ix, row->hash(key), same_number, keys, &key), INDEX_NONE);
	index_release(&ix);
	assert_int_equal(index_find(&ix, row->hash(keys[0]), same_number, keys, &keys[0]),
			 INDEX_NONE);
}

static void test_release(void **state attr_unused)
{
	struct index ix = INDEX_INIT;

	index_release(&ix);
	index_add(&ix, 7, 0);
	index_release(&ix);
	index_release(&ix);
	assert_null(ix.slots);
	assert_int_equal(ix.cap, 0);
}

/* Texts of every length that end with their memory: a sanitizer finds a read beyond the end. */
static void test_bytes(void **state attr_unused)
{
	static const char text[] = "/usr/lib/x86_64-linux-gnu/libc.so.6";
	uint64_t seen[sizeof(text)];

	for (size_t n = 0; n < sizeof(text); n++) {
		auto_free char *copy = xmalloc(n);

		memcpy(copy, text, n);
		seen[n] = index_hash_bytes(copy, n);
		assert_true(seen[n] == index_hash_bytes(text, n));
		for (size_t i = 0; i < n; i++)
			assert_true(seen[i] != seen[n]);
	}
}

/* Each byte changes the hash. */
static void test_each_byte(void **state attr_unused)
{
	char text[] = "0123456789abcdefghi";
	uint64_t whole = index_hash_bytes(text, sizeof(text));

	for (size_t i = 0; i < sizeof(text); i++) {
		text[i] ^= 1;
		assert_true(index_hash_bytes(text, sizeof(text)) != whole);
		text[i] ^= 1;
	}
}

/* Consecutive inodes and devices are spread over a table: no slot of 4096 is taken 16 times. */
static void test_spread(void **state attr_unused)
{
	auto_free unsigned char *taken = xcalloc(4096, 1);

	for (uint64_t i = 0; i < 4096; i++)
		assert_true(++taken[index_hash_u64(UINT64_C(0xfe) << 32 | 1, i) % 4096] < 16);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "index", hash_rows, test_hashes);
	rows_add_one(&list, "index: released twice, and unused", test_release);
	rows_add_one(&list, "hash of bytes: every length", test_bytes);
	rows_add_one(&list, "hash of bytes: every byte", test_each_byte);
	rows_add_one(&list, "hash of numbers: spread", test_spread);
	return rows_run("index", &list);
}
