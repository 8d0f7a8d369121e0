# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests, all through the TAP driver. `make check` reads no live process: unit tests (a new one is
# tests/t_NAME.c and a word here) and scripts. `make check-live` is the group on real processes.

UNIT_TESTS = \
	tests/t_accounting \
	tests/t_addrmap \
	tests/t_alloc \
	tests/t_amount \
	tests/t_apply \
	tests/t_arena \
	tests/t_atomic_file \
	tests/t_attribution \
	tests/t_axis \
	tests/t_blocks_recorded \
	tests/t_build_allocator \
	tests/t_build_growth \
	tests/t_canvas \
	tests/t_capture \
	tests/t_causes \
	tests/t_ceilings \
	tests/t_cells \
	tests/t_cgroup \
	tests/t_chart \
	tests/t_classify \
	tests/t_config \
	tests/t_counts \
	tests/t_cpython \
	tests/t_cpython_beside \
	tests/t_cpython_recorded \
	tests/t_cpython_tables \
	tests/t_crc \
	tests/t_cycles \
	tests/t_demangle \
	tests/t_diff \
	tests/t_diff_heap_stats \
	tests/t_diff_identity \
	tests/t_dir \
	tests/t_elf \
	tests/t_elf_symbols \
	tests/t_err \
	tests/t_fdinfo \
	tests/t_fdscan \
	tests/t_findings \
	tests/t_findings_deep \
	tests/t_fmt \
	tests/t_glibc \
	tests/t_glibc_recorded \
	tests/t_golang \
	tests/t_group \
	tests/t_growth \
	tests/t_growth_stats \
	tests/t_heap_stats \
	tests/t_heap_tracks \
	tests/t_heaps_recorded \
	tests/t_history \
	tests/t_hotspot \
	tests/t_hotspot_counters \
	tests/t_huge \
	tests/t_index \
	tests/t_io \
	tests/t_jobs \
	tests/t_keys \
	tests/t_limits \
	tests/t_main_table \
	tests/t_marks \
	tests/t_match \
	tests/t_memsrc \
	tests/t_metrics \
	tests/t_mounts \
	tests/t_num \
	tests/t_number_format \
	tests/t_off_rss \
	tests/t_package \
	tests/t_pagemap \
	tests/t_parts \
	tests/t_path \
	tests/t_pressure \
	tests/t_procfs \
	tests/t_procinfo \
	tests/t_procs \
	tests/t_prompt \
	tests/t_recording \
	tests/t_regress \
	tests/t_render_json \
	tests/t_render_text \
	tests/t_render_text_table \
	tests/t_render_yaml \
	tests/t_report \
	tests/t_rollup \
	tests/t_rootfile \
	tests/t_ruby \
	tests/t_rule \
	tests/t_rules_yaml \
	tests/t_runtime \
	tests/t_runtimes_recorded \
	tests/t_sbuf \
	tests/t_scan \
	tests/t_screen_inspect \
	tests/t_screen_list \
	tests/t_select \
	tests/t_series \
	tests/t_shape \
	tests/t_shapes \
	tests/t_shapes_bss \
	tests/t_size_account \
	tests/t_smaps \
	tests/t_smaps_stream \
	tests/t_snapfile \
	tests/t_snapfile_heap_stats \
	tests/t_snapfile_hostile \
	tests/t_snapshot \
	tests/t_stamp \
	tests/t_steps \
	tests/t_store \
	tests/t_store_name \
	tests/t_sysmem \
	tests/t_sysv \
	tests/t_table_order \
	tests/t_tables \
	tests/t_task \
	tests/t_text \
	tests/t_tracks \
	tests/t_trend \
	tests/t_v8 \
	tests/t_v8_buffers \
	tests/t_walk \
	tests/t_walkers \
	tests/t_workers \
	tests/t_ytree \
	tests/t_zend

SCRIPT_TESTS = \
	tests/captures.py \
	tests/cli.test \
	tests/config.test \
	tests/diff.test \
	tests/floors.test \
	tests/format.test \
	tests/fuzz-replay.test \
	tests/golden.test \
	tests/headers.test \
	tests/judge.test \
	tests/lists.test \
	tests/man.test \
	tests/option_modes.py \
	tests/recorded.test \
	tests/same_yaml.py \
	tests/schema.py \
	tests/shell.test \
	tests/store.py \
	tests/symbols.test

# With an ending, which make check-live finds a rule by: automake makes others for TESTS only.
LIVE_C_TESTS = \
	tests/live_elf.live \
	tests/live_fdscan.live \
	tests/live_memsrc.live \
	tests/live_poll.live \
	tests/live_read_process.live

tests_live_elf_live_SOURCES = tests/live_elf.c
tests_live_fdscan_live_SOURCES = tests/live_fdscan.c
tests_live_memsrc_live_SOURCES = tests/live_memsrc.c
tests_live_poll_live_SOURCES = tests/live_poll.c
tests_live_read_process_live_SOURCES = tests/live_read_process.c

LIVE_PY_TESTS = \
	tests/live_allocators.py \
	tests/live_churn.py \
	tests/live_cli.py \
	tests/live_cpython.py \
	tests/live_cxx.py \
	tests/live_deep.py \
	tests/live_diff.py \
	tests/live_diff_deep.py \
	tests/live_forked.py \
	tests/live_freeze.py \
	tests/live_go.py \
	tests/live_jvm.py \
	tests/live_leaks.py \
	tests/live_malloc.py \
	tests/live_node.py \
	tests/live_php.py \
	tests/live_readme.py \
	tests/live_regions.py \
	tests/live_ruby.py \
	tests/live_runtimes.py \
	tests/live_services.py \
	tests/live_snapshots.py \
	tests/live_sums.py \
	tests/live_targets.py \
	tests/live_top.py \
	tests/live_top_process.py \
	tests/live_untouched.py \
	tests/live_watch.py \
	tests/live_watch_deep.py

LIVE_TESTS = $(LIVE_C_TESTS) $(LIVE_PY_TESTS)

# They judge rates: one after the other, when the others are done.
LIVE_ALONE = \
	tests/live_leaks.py \
	tests/live_watch.py \
	tests/live_watch_deep.py

tests_t_growth_stats_SOURCES = \
	tests/series_gen.c \
	tests/series_gen.h \
	tests/t_growth_stats.c

# Programs for live tests: they print the results of walkers for a process, or record its memory.
TEST_TOOLS = \
	tests/capture_memory \
	tests/cpython_show \
	tests/walk_show

LDADD = $(PROGRAM_LIBS) $(CMOCKA_LIBS)

# What a script needs before it runs.

TEST_DRIVERS = \
	tests/store_writer \
	tests/write_snapshot

tests_store_writer_LDADD = $(PROGRAM_LIBS)
tests_write_snapshot_LDADD = $(PROGRAM_LIBS)

TESTS = $(UNIT_TESTS) $(SCRIPT_TESTS)
if HAVE_CMOCKA
check_PROGRAMS = $(UNIT_TESTS) $(LIVE_C_TESTS) $(FUZZ_TARGETS) $(TEST_TOOLS) $(TEST_DRIVERS)
else
check_DATA = cmocka
cmocka:
	@echo 'make check needs cmocka (Debian: apt install libcmocka-dev), then run configure again' >&2
	@exit 1
endif

TEST_EXTENSIONS = .test .py .live
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
TEST_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_DRIVER = $(LOG_DRIVER)
LIVE_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_COMPILER = $(PYTHON3)

AM_TESTS_ENVIRONMENT = \
	srcdir='$(abs_top_srcdir)'; export srcdir; \
	builddir='$(abs_top_builddir)'; export builddir; \
	MEMSPECT='$(abs_top_builddir)/memspect$(EXEEXT)'; export MEMSPECT; \
	AWK='$(AWK)'; export AWK; \
	CC='$(CC)'; export CC; \
	NM='$(NM)'; export NM; \
	OBJECTS='$(libmemspect_a_OBJECTS) $(memspect_OBJECTS)'; export OBJECTS; \
	TEST_CPPFLAGS='$(TEST_CPPFLAGS)'; export TEST_CPPFLAGS; \
	PYTHON3='$(PYTHON3)'; export PYTHON3; \
	PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE; \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	MEMSPECT_CONFIG=; export MEMSPECT_CONFIG; \
	LC_ALL=C.UTF-8; export LC_ALL;

TEST_CPPFLAGS = -include $(abs_top_builddir)/config.h -I$(abs_top_srcdir)/src $(LIB_CPPFLAGS)

check-live: all
	$(AM_V_at)status=0; \
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(filter-out $(LIVE_ALONE),$(LIVE_TESTS))' \
		TEST_SUITE_LOG=tests/live.log || status=1; \
	$(MAKE) $(AM_MAKEFLAGS) -j1 check TESTS='$(filter $(LIVE_ALONE),$(LIVE_TESTS))' \
		TEST_SUITE_LOG=tests/live-alone.log || status=1; \
	exit $$status

# Sums up the last run of both groups.
check-totals:
	$(AM_V_at)AWK='$(AWK)' $(SHELL) $(srcdir)/build-aux/tap-totals $(TESTS) $(LIVE_TESTS)

.PHONY: check-live check-totals

EXTRA_DIST += \
	tests/amounts.h \
	tests/attribute.h \
	tests/balance.py \
	tests/capture-proc \
	tests/captures \
	tests/diff_side.h \
	tests/edited.h \
	tests/elf_image.h \
	tests/fakego.h \
	tests/fakeheap.h \
	tests/fakejvm.h \
	tests/fakemem.h \
	tests/fakepy.h \
	tests/fakeruby.h \
	tests/fakev8.h \
	tests/fakezend.h \
	tests/gen-many-mappings \
	tests/given.h \
	tests/golden \
	tests/judged.h \
	tests/live.py \
	tests/make-captures \
	tests/memfile.h \
	tests/oracle.py \
	tests/proc_tree.h \
	tests/processes.h \
	tests/recorded.h \
	tests/rendered.h \
	tests/rows.h \
	tests/scene.h \
	tests/screens \
	tests/screens.h \
	tests/servers.py \
	tests/smaps_read.h \
	tests/snap.h \
	tests/targets \
	tests/terminal.py \
	tests/tree.h \
	tests/walk_test.h \
	tests/walked.py \
	tests/watching.py \
	$(SCRIPT_TESTS) \
	$(LIVE_PY_TESTS)

MOSTLYCLEANFILES = tests/live*.log tests/live*.trs
