/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/live.h"

#include <dlfcn.h>
#include <errno.h>
#include <libproc2/pids.h>

#include "base/alloc.h"
#include "base/util.h"

#define LIBRARY "libproc2.so.0"

/* The functions of libproc2 that are used, with the types of its header. */
struct libproc2 {
	void *handle;
	__typeof__(procps_pids_new) *pids_new;
	__typeof__(procps_pids_reap) *pids_reap;
	__typeof__(procps_pids_unref) *pids_unref;
};

static void libproc2_release(struct libproc2 *lib)
{
	if (lib->handle)
		(void)dlclose(lib->handle);
}

#define auto_libproc2 __attribute__((cleanup(libproc2_release))) struct libproc2

static int libproc2_load(struct libproc2 *ret_lib, struct err *err)
{
	/* NODELETE: unloading is as slow as loading, and the list may be needed again. */
	auto_libproc2 lib = { .handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) };

	if (!lib.handle)
		return err_set(err, ENOENT, "cannot list processes without %s (package libproc2-0)",
			       LIBRARY);
	lib.pids_new = (__typeof__(lib.pids_new))dlsym(lib.handle, "procps_pids_new");
	lib.pids_reap = (__typeof__(lib.pids_reap))dlsym(lib.handle, "procps_pids_reap");
	lib.pids_unref = (__typeof__(lib.pids_unref))dlsym(lib.handle, "procps_pids_unref");
	if (!lib.pids_new || !lib.pids_reap || !lib.pids_unref)
		return err_set(err, ENOENT, "cannot list processes with this %s", LIBRARY);
	*ret_lib = lib;
	lib.handle = NULL;
	return 0;
}

int live_list(pid_t **ret_pids, size_t *ret_n, struct err *err)
{
	enum pids_item items[] = { PIDS_ID_PID };
	auto_libproc2 lib = { .handle = NULL };
	struct pids_info *info = NULL;
	struct pids_fetch *fetch;
	pid_t *pids;
	int n, r;

	r = libproc2_load(&lib, err);
	if (r < 0)
		return r;
	r = lib.pids_new(&info, items, ARRAY_SIZE(items));
	if (r < 0)
		return err_set_errno(err, -r, "cannot list processes");
	fetch = lib.pids_reap(info, PIDS_FETCH_TASKS_ONLY);
	if (!fetch) {
		r = errno;
		(void)lib.pids_unref(&info);
		return err_set_errno(err, r, "cannot list processes");
	}
	n = fetch->counts->total;
	pids = xcalloc((size_t)n, sizeof(*pids));
	for (int i = 0; i < n; i++)
		pids[i] = PIDS_VAL(0, s_int, fetch->stacks[i], info);
	(void)lib.pids_unref(&info);
	*ret_pids = pids;
	*ret_n = (size_t)n;
	return 0;
}
