# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fuzz targets, built to replay their corpus (see fuzz/fuzz.h).

FUZZ_TARGETS = \
	fuzz/fuzz_history \
	fuzz/fuzz_memory \
	fuzz/fuzz_recording \
	fuzz/fuzz_smaps \
	fuzz/fuzz_snapfile \
	fuzz/fuzz_ytree

fuzz_fuzz_history_SOURCES = \
	fuzz/fuzz.h \
	fuzz/fuzz_history.c \
	fuzz/replay.c
fuzz_fuzz_history_LDADD = $(PROGRAM_LIBS)

fuzz_fuzz_memory_SOURCES = \
	fuzz/fuzz.h \
	fuzz/fuzz_memory.c \
	fuzz/replay.c
fuzz_fuzz_memory_LDADD = $(PROGRAM_LIBS) $(CMOCKA_LIBS)

fuzz_fuzz_recording_SOURCES = \
	fuzz/fuzz.h \
	fuzz/fuzz_recording.c \
	fuzz/replay.c
fuzz_fuzz_recording_LDADD = $(PROGRAM_LIBS)

fuzz_fuzz_smaps_SOURCES = \
	fuzz/fuzz.h \
	fuzz/fuzz_smaps.c \
	fuzz/replay.c
fuzz_fuzz_smaps_LDADD = $(PROGRAM_LIBS)

fuzz_fuzz_snapfile_SOURCES = \
	fuzz/fuzz.h \
	fuzz/fuzz_snapfile.c \
	fuzz/replay.c
fuzz_fuzz_snapfile_LDADD = $(PROGRAM_LIBS)

fuzz_fuzz_ytree_SOURCES = \
	fuzz/fuzz.h \
	fuzz/fuzz_ytree.c \
	fuzz/replay.c
fuzz_fuzz_ytree_LDADD = $(PROGRAM_LIBS)

FUZZ_CORPUS = \
	fuzz/corpus/history/empty \
	fuzz/corpus/history/long-number \
	fuzz/corpus/history/many-processes \
	fuzz/corpus/history/many-series \
	fuzz/corpus/history/nothing \
	fuzz/corpus/history/sizes-overflow \
	fuzz/corpus/history/times-of-nothing \
	fuzz/corpus/history/times-run-back \
	fuzz/corpus/history/watch \
	fuzz/corpus/history/wrong-checksum \
	fuzz/corpus/memory/cpython-3.12 \
	fuzz/corpus/memory/cpython-3.8 \
	fuzz/corpus/memory/glibc-2.31 \
	fuzz/corpus/memory/glibc-2.36 \
	fuzz/corpus/memory/glibc-2.41 \
	fuzz/corpus/memory/glibc-2.43 \
	fuzz/corpus/memory/go-1.18 \
	fuzz/corpus/memory/go-1.19 \
	fuzz/corpus/memory/hotspot-17-g1 \
	fuzz/corpus/memory/hotspot-17-zgc \
	fuzz/corpus/memory/hotspot-25-zgc \
	fuzz/corpus/memory/hotspot-8-serial \
	fuzz/corpus/memory/jemalloc-5.2.1 \
	fuzz/corpus/memory/jemalloc-5.3.0 \
	fuzz/corpus/memory/jemalloc-5.3.0-quantum8 \
	fuzz/corpus/memory/mimalloc-2.0.9 \
	fuzz/corpus/memory/mimalloc-2.1.2 \
	fuzz/corpus/memory/mimalloc-2.2.4 \
	fuzz/corpus/memory/musl-1.2.3 \
	fuzz/corpus/memory/node-20 \
	fuzz/corpus/memory/node-24 \
	fuzz/corpus/memory/php-8.2 \
	fuzz/corpus/memory/ruby-3.1 \
	fuzz/corpus/memory/tcmalloc-2.10 \
	fuzz/corpus/recording/answer \
	fuzz/corpus/recording/answer-cut \
	fuzz/corpus/recording/answer-error \
	fuzz/corpus/recording/answer-types \
	fuzz/corpus/recording/brackets \
	fuzz/corpus/recording/dates \
	fuzz/corpus/recording/empty \
	fuzz/corpus/recording/extremes \
	fuzz/corpus/recording/hostile \
	fuzz/corpus/recording/lines \
	fuzz/corpus/recording/same-time \
	fuzz/corpus/recording/sawtooth \
	fuzz/corpus/recording/time-goes-back \
	fuzz/corpus/recording/utf-16 \
	fuzz/corpus/smaps/cut-in-a-field \
	fuzz/corpus/smaps/empty \
	fuzz/corpus/smaps/hostile-headers \
	fuzz/corpus/smaps/hostile-names \
	fuzz/corpus/smaps/hostile-numbers \
	fuzz/corpus/smaps/hostile-order \
	fuzz/corpus/smaps/linux-3.16-32-bit \
	fuzz/corpus/smaps/linux-6.18 \
	fuzz/corpus/smaps/maps \
	fuzz/corpus/smaps/rollup \
	fuzz/corpus/snapfile/deep \
	fuzz/corpus/snapfile/deep-hostile \
	fuzz/corpus/snapfile/deep-negative \
	fuzz/corpus/snapfile/deep-twice \
	fuzz/corpus/snapfile/hostile-names \
	fuzz/corpus/snapfile/kthread \
	fuzz/corpus/snapfile/small \
	fuzz/corpus/ytree/alias-bomb \
	fuzz/corpus/ytree/brackets \
	fuzz/corpus/ytree/complex-key \
	fuzz/corpus/ytree/empty \
	fuzz/corpus/ytree/not-utf-8 \
	fuzz/corpus/ytree/nul \
	fuzz/corpus/ytree/rules \
	fuzz/corpus/ytree/rules-wrong \
	fuzz/corpus/ytree/sample \
	fuzz/corpus/ytree/tags \
	fuzz/corpus/ytree/two-documents \
	fuzz/corpus/ytree/utf-16

EXTRA_DIST += $(FUZZ_CORPUS)
