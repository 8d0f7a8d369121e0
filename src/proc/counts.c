/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/counts.h"

#define ROW(key_, id_, title_, help_)                                                              \
	{                                                                                          \
		.key = key_ ":", .key_len = sizeof(key_), .id = id_, .title = title_,              \
		.help = help_                                                                      \
	}

const struct mem_count_desc mem_count_descs[] = {
	[MC_SIZE] = ROW("Size", "size_bytes", "SIZE", "address space, used or not"),
	[MC_RSS] = ROW("Rss", "rss_bytes", "RSS", "pages in RAM, shared ones counted in full"),
	[MC_PSS] = ROW("Pss", "pss_bytes", "PSS",
		       "pages in RAM, shared ones divided among their users"),
	[MC_PSS_DIRTY] = ROW("Pss_Dirty", "pss_dirty_bytes", "PSSDIRTY", "the dirty part of PSS"),
	[MC_PSS_ANON] = ROW("Pss_Anon", "pss_anon_bytes", "PSSANON", "the anonymous part of PSS"),
	[MC_PSS_FILE] = ROW("Pss_File", "pss_file_bytes", "PSSFILE", "the file part of PSS"),
	[MC_PSS_SHMEM] = ROW("Pss_Shmem", "pss_shmem_bytes", "PSSSHM",
			     "the shared memory part of PSS"),
	[MC_SHARED_CLEAN] = ROW("Shared_Clean", "shared_clean_bytes", "SHCLEAN",
				"pages others map too, unmodified"),
	[MC_SHARED_DIRTY] = ROW("Shared_Dirty", "shared_dirty_bytes", "SHDIRTY",
				"pages others map too, modified"),
	[MC_PRIVATE_CLEAN] = ROW("Private_Clean", "private_clean_bytes", "PRCLEAN",
				 "pages only this process maps, unmodified"),
	[MC_PRIVATE_DIRTY] = ROW("Private_Dirty", "private_dirty_bytes", "PRDIRTY",
				 "pages only this process maps, modified"),
	[MC_REFERENCED] = ROW("Referenced", "referenced_bytes", "REF", "pages marked as accessed"),
	[MC_ANONYMOUS] = ROW("Anonymous", "anonymous_bytes", "ANON",
			     "pages that belong to no file"),
	[MC_KSM] = ROW("KSM", "ksm_bytes", "KSM", "pages merged with equal ones"),
	[MC_LAZYFREE] = ROW("LazyFree", "lazyfree_bytes", "LAZY",
			    "freed with MADV_FREE: counted in RSS, taken back under pressure"),
	[MC_ANON_HUGE] = ROW("AnonHugePages", "anon_huge_bytes", "THP",
			     "anonymous memory in transparent huge pages"),
	[MC_SHMEM_PMD] = ROW("ShmemPmdMapped", "shmem_pmd_bytes", "SHMTHP",
			     "shared memory in huge pages"),
	[MC_FILE_PMD] = ROW("FilePmdMapped", "file_pmd_bytes", "FILETHP",
			    "file pages in huge pages"),
	[MC_SHARED_HUGETLB] = ROW("Shared_Hugetlb", "shared_hugetlb_bytes", "SHHTLB",
				  "hugetlb pages others map too; not in RSS"),
	[MC_PRIVATE_HUGETLB] = ROW("Private_Hugetlb", "private_hugetlb_bytes", "PRHTLB",
				   "hugetlb pages only this process maps; not in RSS"),
	[MC_SWAP] = ROW("Swap", "swap_bytes", "SWAP", "swapped out"),
	[MC_SWAP_PSS] = ROW("SwapPss", "swap_pss_bytes", "SWAPPSS",
			    "swapped out, shared pages divided among their users"),
	[MC_LOCKED] = ROW("Locked", "locked_bytes", "LOCKED",
			  "locked into RAM; unreliable on kernels 4.14 to 4.20"),
	[MC_KERNEL_PAGE_SIZE] = ROW("KernelPageSize", "kernel_page_size_bytes", "KPAGE",
				    "page size the kernel uses for the mapping"),
	[MC_MMU_PAGE_SIZE] = ROW("MMUPageSize", "mmu_page_size_bytes", "MPAGE",
				 "page size the MMU uses for the mapping"),
};

_Static_assert(ARRAY_SIZE(mem_count_descs) == MC_COUNT, "a row for each counter");

int mem_count_find(const char *key, size_t len)
{
	for (int i = 0; i < MC_COUNT; i++) {
		if (mem_count_descs[i].key_len == len &&
		    memcmp(mem_count_descs[i].key, key, len) == 0)
			return i;
	}
	return -1;
}

void mem_counts_add(struct mem_counts *restrict sum, const struct mem_counts *restrict b)
{
	for (int i = 0; i < MC_SUMMABLE; i++)
		sum->v[i] += b->v[i];
	sum->present |= b->present & ((UINT32_C(1) << MC_SUMMABLE) - 1);
}

bool mem_counts_has(const struct mem_counts *c, enum mem_count which)
{
	return c->present >> which & 1;
}

struct amount mem_counts_get(const struct mem_counts *c, enum mem_count which)
{
	return mem_counts_has(c, which) ? amount_of(c->v[which])
					: amount_absent(REASON_NOT_REPORTED);
}
