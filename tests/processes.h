/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes for tests of the full-screen view: a small system over twenty minutes.
 */
#ifndef TESTS_PROCESSES_H
#define TESTS_PROCESSES_H

#include "screens.h"

#define MIB (INT64_C(1) << 20)

enum fake_kind { FAKE_PLAIN, FAKE_DENIED, FAKE_KTHREAD, FAKE_STUCK, FAKE_UNREAD };

struct fake_process {
	pid_t pid, ppid;
	uint64_t uid;
	const char *user;
	const char *comm;
	const char *command; /* NULL: none */
	double rss_mib;      /* at first */
	double mib_per_hour;
	double wave_mib; /* it rises and falls by this, eight times */
	double swap_mib;
	unsigned int threads;
	enum fake_kind kind;
};

static const struct fake_process fake_processes[] = {
	{ 1, 0, 0, "root", "systemd", "/sbin/init", 11.5, 0, 0, 0, 1, FAKE_DENIED },
	{ 2, 0, 0, "root", "kthreadd", NULL, 0, 0, 0, 0, 1, FAKE_KTHREAD },
	{ 31, 2, 0, "root", "kswapd0", NULL, 0, 0, 0, 0, 1, FAKE_KTHREAD },
	{ 640, 1, 0, "root", "sshd", "sshd: /usr/sbin/sshd -D [listener]", 8.4, 0, 0, 0, 1,
	  FAKE_DENIED },
	{ 1361, 1, 1001, "api", "node", "node server.js --port 8080", 615, 38.4, 0, 0, 7,
	  FAKE_PLAIN },
	{ 1402, 1, 1001, "api", "python3", "python3 w.py --workers 2", 561, 0, 0, 0, 12,
	  FAKE_PLAIN },
	{ 1403, 1402, 1001, "api", "python3", "python3 w.py --workers 2", 212, 0, 0, 0, 4,
	  FAKE_PLAIN },
	{ 1404, 1402, 1001, "api", "python3", "python3 w.py --workers 2", 209, -6, 0, 0, 4,
	  FAKE_PLAIN },
	{ 1977, 1, 33, "www-data", "nginx", "nginx: worker process", 24, 0, 0, 0, 1, FAKE_PLAIN },
	{ 2210, 1, 0, "root", "java", "java -Xmx1g -jar /srv/app.jar", 402, 0, 160, 12, 31,
	  FAKE_PLAIN },
	{ 2311, 1, 998, "leaky", "leaky", "/opt/leaky/bin/leaky --fast", 40, 900, 0, 0, 2,
	  FAKE_PLAIN },
	{ 2400, 1, 1000, "ann", "evil\033[2J",
	  "/tmp/\xe6\x97\xa5\xe6\x9c\xac \x1b[31m\xff e\xcc\x81", 3.2, 0, 0, 0, 1, FAKE_PLAIN },
	{ 2401, 640, 1000, "ann", "bash", "-bash", 5.1, 0, 0, 0, 1, FAKE_PLAIN },
	{ 2500, 2401, 1000, "ann", "stuck", "cp -a /mnt/nfs/old .", 1.9, 0, 0, 0, 1, FAKE_STUCK },
	{ 2600, 2401, 1000, "ann", "sleep", NULL, 0.7, 0, 0, 0, 1, FAKE_UNREAD },
};

enum { FAKE_TICKS = 600, FAKE_TICK_S = 2 };

static inline uint64_t fake_rss(const struct fake_process *p, int tick)
{
	double hours = (double)tick * FAKE_TICK_S / 3600;
	double wave = p->wave_mib * (tick % (FAKE_TICKS / 8)) / (FAKE_TICKS / 8);

	return (uint64_t)((p->rss_mib + p->mib_per_hour * hours + wave) * (double)MIB) & ~0xfffULL;
}

static inline struct scan_reading fake_reading(const struct fake_process *p, int tick)
{
	struct amount none = amount_absent(REASON_NO_MM), rss = amount_of(fake_rss(p, tick));
	struct scan_reading r = {
		.pid = p->pid,
		.change = tick == 0 ? SCAN_NEW : SCAN_SAME,
		.stat = { .pid = p->pid,
			  .ppid = p->ppid,
			  .state = p->kind == FAKE_STUCK ? 'D' : 'S',
			  .threads = p->threads,
			  .start_ticks = (uint64_t)p->pid * 100,
			  .kthread = p->kind == FAKE_KTHREAD },
		.uid = amount_of(p->uid),
		.size_bytes = p->kind == FAKE_KTHREAD ? none : amount_of(2 * rss.value + 64 * MIB),
		.rss_bytes = p->kind == FAKE_KTHREAD ? none : rss,
		.shared_bytes = p->kind == FAKE_KTHREAD ? none : amount_of(4 * MIB),
	};

	(void)snprintf(r.stat.comm, sizeof(r.stat.comm), "%s", p->comm);
	return r;
}

static inline struct slow_fields fake_slow_fields(const struct fake_process *p, int64_t read_ns)
{
	uint64_t rss = fake_rss(p, FAKE_TICKS);
	struct amount denied = amount_absent(REASON_DENIED);
	struct slow_fields more = {
		.read_ns = read_ns,
		.took_ns = NS_PER_MS,
		.why = p->kind == FAKE_DENIED ? denied.why : REASON_NONE,
		.v[METRIC_RSS] = amount_of(rss),
		.v[METRIC_PSS] = p->kind == FAKE_DENIED ? denied : amount_of(rss - rss / 20),
		.v[METRIC_USS] = p->kind == FAKE_DENIED ? denied : amount_of(rss - rss / 10),
		.v[METRIC_SWAP] = amount_of((uint64_t)(p->swap_mib * (double)MIB)),
		.v[METRIC_SWAP_PSS] = p->kind == FAKE_DENIED
					      ? denied
					      : amount_of((uint64_t)(p->swap_mib * (double)MIB)),
		.v[METRIC_ANONYMOUS] = amount_of(rss / 2),
		.v[METRIC_FILE] = amount_of(rss / 2),
		.v[METRIC_SHMEM] = amount_of(0),
		.v[METRIC_LAZYFREE] = amount_of(0),
		.v[METRIC_THP] = amount_of(0),
		.v[METRIC_PEAK_RSS] = amount_of(rss + rss / 8),
		.v[METRIC_LOCKED] = amount_of(0),
		.v[METRIC_PAGE_TABLES] = amount_of(rss / 256),
		.v[METRIC_HUGETLB] = amount_of(0),
		.command = p->command ? xstrdup(p->command) : NULL,
		.user = xstrdup(p->user),
	};

	if (p->kind != FAKE_KTHREAD)
		return more;
	for (int i = 0; i < METRIC_COUNT; i++)
		more.v[i] = amount_absent(REASON_NO_MM);
	return more;
}

static inline void fold_tick(struct fake_screen *f, int tick)
{
	struct scan_reading readings[ARRAY_SIZE(fake_processes)];

	for (size_t i = 0; i < ARRAY_SIZE(readings); i++)
		readings[i] = fake_reading(&fake_processes[i], tick);
	procs_fold(&f->screen.procs, f->boot_ns - (FAKE_TICKS - tick) * FAKE_TICK_S * NS_PER_S,
		   readings, ARRAY_SIZE(readings));
}

static inline void fill_host(struct host *h)
{
	for (int i = 0; i < SM_COUNT; i++)
		h->sys.v[i] = amount_of(0);
	h->sys.v[SM_MEM_TOTAL] = amount_of(23 * 1024 * MIB + 512 * MIB);
	h->sys.v[SM_MEM_AVAILABLE] = amount_of(14 * 1024 * MIB + 200 * MIB);
	h->sys.v[SM_SWAP_TOTAL] = amount_of(2048 * MIB);
	h->sys.v[SM_SWAP_FREE] = amount_of(2036 * MIB);
	h->sys.uptime_ms = amount_of(10800 * 1000);
	h->pressure.some = amount_of(30);
	h->pressure.full = amount_of(0);
	h->own_rss = amount_of(12 * MIB);
	h->own_cpu_percent = 0.4;
	h->wall_ns = SCREEN_WALL_NS;
}

/* Fills in twenty minutes of the system, with everything that is read and judged. */
static inline void fill_processes(struct fake_screen *f)
{
	struct procs *procs = &f->screen.procs;

	for (int tick = 0; tick <= FAKE_TICKS; tick++)
		fold_tick(f, tick);
	for (size_t i = 0; i < procs->n; i++) {
		const struct fake_process *p = &fake_processes[i];
		struct proc *row = &procs->rows[i];
		struct slow_fields more = fake_slow_fields(p,
							   f->boot_ns - (int64_t)i * 7 * NS_PER_S);
		struct growth growth;

		if (p->kind == FAKE_UNREAD || p->kind == FAKE_STUCK)
			slow_fields_release(&more);
		else
			procs_set_slow_fields(procs, p->pid, 0, &more);
		row->is_stuck = p->kind == FAKE_STUCK;
		growth_judge(row->series.samples, row->series.n, &growth);
		procs_set_growth(procs, p->pid, 0, row->series.pushed, &growth);
	}
	fill_host(&f->screen.host);
}

#endif
