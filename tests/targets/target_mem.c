/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process with known amounts of memory of each kind: target_mem KIND=SIZE..., SIZE with K or M.
 * It prints a line of JSON for each, then "ready PID", and ends on SIGTERM or at the end of its
 * standard input. "bytes" is what is resident (or queued); where a kind cannot be had, "error" says
 * why. Files are made in $TMPDIR.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum {
	PAGE = 4096,
	HUGE_PAGE = 2 << 20,
	BLOCK = 64 << 10, /* below the size from which malloc maps each block on its own */
	PIPE_MAX = 1 << 20,
	SEGMENTS_MAX = 16,
	PATTERN = 0x5a,
};

struct made {
	void *address; /* NULL: it has no address */
	size_t bytes;
};

/* These outlive the process unless they are removed. */
static int segments[SEGMENTS_MAX];
static size_t n_segments;
static unsigned n_files;

static const char *scratch_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir ? dir : "/var/tmp";
}

static void file_name(const char *dir, unsigned number, char *name, size_t size)
{
	(void)snprintf(name, size, "%s/target_mem-%d-%u", dir, (int)getpid(), number);
}

/* A new file of zeroes. */
static int file_open(const char *dir, size_t bytes)
{
	char name[PAGE];
	int fd;

	file_name(dir, n_files++, name, sizeof(name));
	fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && ftruncate(fd, (off_t)bytes) < 0)
		return -1;
	return fd;
}

static void remove_remains(void)
{
	char name[PAGE];

	for (unsigned i = 0; i < n_files; i++) {
		file_name(scratch_dir(), i, name, sizeof(name));
		(void)unlink(name);
		file_name("/dev/shm", i, name, sizeof(name));
		(void)unlink(name);
	}
	for (size_t i = 0; i < n_segments; i++)
		(void)shmctl(segments[i], IPC_RMID, NULL);
}

static void read_pages(const void *address, size_t bytes)
{
	const volatile char *p = address;

	for (size_t i = 0; i < bytes; i += PAGE)
		(void)p[i];
}

/*
 * Maps private memory with a guard on both sides, so that it does not merge. Returns NULL on
 * failure.
 */
static void *map_alone(size_t bytes, size_t align)
{
	char *p = mmap(NULL, bytes + 2 * align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	p += align - (uintptr_t)p % align;
	return mprotect(p, bytes, PROT_READ | PROT_WRITE) < 0 ? NULL : p;
}

static bool made_touched(struct made *made, void *address, size_t bytes)
{
	if (!address || address == MAP_FAILED)
		return false;
	memset(address, PATTERN, bytes);
	*made = (struct made){ address, bytes };
	return true;
}

static bool make_heap(size_t bytes, struct made *made)
{
	void *p = sbrk((intptr_t)bytes);

	return p != (void *)-1 && made_touched(made, p, bytes);
}

static bool make_malloc(size_t bytes, struct made *made)
{
	for (size_t done = 0; done < bytes; done += BLOCK)
		if (!made_touched(made, malloc(BLOCK), BLOCK))
			return false;
	made->bytes = (bytes + BLOCK - 1) / BLOCK * BLOCK;
	return true;
}

static bool make_anonymous(size_t bytes, struct made *made)
{
	return made_touched(made, map_alone(bytes, PAGE), bytes);
}

/* Maps memory right behind the program's .bss, which becomes one mapping with it. */
static bool make_behind_bss(size_t bytes, struct made *made)
{
	/* More than the page that .bss shares with the data, so that it has its own mapping. */
	static char bss[4 * PAGE];
	extern char _end[];
	char *at = _end + (PAGE - (uintptr_t)_end % PAGE) % PAGE;
	void *p = mmap(at, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	memset(bss, PATTERN, sizeof(bss));
	return made_touched(made, p, bytes);
}

static bool make_named(size_t bytes, struct made *made)
{
	void *p = map_alone(bytes, PAGE);

	return p && prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p, bytes, "target") == 0 &&
	       made_touched(made, p, bytes);
}

static bool make_lazyfree(size_t bytes, struct made *made)
{
	return make_anonymous(bytes, made) && madvise(made->address, bytes, MADV_FREE) == 0;
}

static bool make_locked(size_t bytes, struct made *made)
{
	return make_anonymous(bytes, made) && mlock(made->address, bytes) == 0;
}

static bool make_thp(size_t bytes, struct made *made)
{
	void *p = map_alone(bytes, HUGE_PAGE);

	return p && madvise(p, bytes, MADV_HUGEPAGE) == 0 && made_touched(made, p, bytes);
}

/* Reading maps the zero page, which belongs to no process. */
static bool make_zero(size_t bytes, struct made *made)
{
	void *p = map_alone(bytes, PAGE);

	if (!p)
		return false;
	read_pages(p, bytes);
	*made = (struct made){ p, 0 };
	return true;
}

static bool make_shared(size_t bytes, struct made *made)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return made_touched(made, p, bytes);
}

static bool make_hugetlb(size_t bytes, struct made *made)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	return made_touched(made, p, bytes);
}

static void *map_written(int fd, size_t bytes, int flags)
{
	return fd < 0 ? NULL : mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
}

static bool make_file_read(size_t bytes, struct made *made)
{
	int fd = file_open(scratch_dir(), bytes);
	void *p = fd < 0 ? MAP_FAILED : mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return false;
	read_pages(p, bytes);
	*made = (struct made){ p, bytes };
	return true;
}

static bool make_file_private(size_t bytes, struct made *made)
{
	int fd = file_open(scratch_dir(), bytes);

	return made_touched(made, map_written(fd, bytes, MAP_PRIVATE), bytes);
}

static bool make_file_shared(size_t bytes, struct made *made)
{
	int fd = file_open(scratch_dir(), bytes);

	return made_touched(made, map_written(fd, bytes, MAP_SHARED), bytes);
}

static bool make_tmpfs(size_t bytes, struct made *made)
{
	int fd = file_open("/dev/shm", bytes);

	return made_touched(made, map_written(fd, bytes, MAP_SHARED), bytes);
}

static int memfd_open(size_t bytes)
{
	int fd = memfd_create("target", MFD_CLOEXEC);

	return fd >= 0 && ftruncate(fd, (off_t)bytes) < 0 ? -1 : fd;
}

static bool make_memfd(size_t bytes, struct made *made)
{
	return made_touched(made, map_written(memfd_open(bytes), bytes, MAP_SHARED), bytes);
}

static bool unmap(struct made *made)
{
	void *p = made->address;

	made->address = NULL;
	return munmap(p, made->bytes) == 0;
}

static bool make_tmpfs_unmapped(size_t bytes, struct made *made)
{
	return make_tmpfs(bytes, made) && unmap(made);
}

static bool make_memfd_unmapped(size_t bytes, struct made *made)
{
	return make_memfd(bytes, made) && unmap(made);
}

static bool make_sysv(size_t bytes, struct made *made)
{
	int id = n_segments < SEGMENTS_MAX ? shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600) : -1;

	if (id < 0)
		return false;
	segments[n_segments++] = id;
	return made_touched(made, shmat(id, NULL, 0), bytes);
}

static bool make_sysv_unattached(size_t bytes, struct made *made)
{
	void *p;

	if (!make_sysv(bytes, made))
		return false;
	p = made->address;
	made->address = NULL;
	return shmdt(p) == 0;
}

/* Writes to a descriptor that does not block. Returns how many of the bytes it accepted. */
static size_t fill(int fd, size_t bytes)
{
	static const char block[BLOCK];
	size_t done = 0;

	while (done < bytes) {
		size_t left = bytes - done;
		ssize_t n = write(fd, block, left < BLOCK ? left : BLOCK);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

static bool make_pipe(size_t bytes, struct made *made)
{
	while (made->bytes < bytes) {
		size_t n, left = bytes - made->bytes;
		int fds[2];

		if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) < 0)
			return false;
		(void)fcntl(fds[1], F_SETPIPE_SZ, left < PIPE_MAX ? (int)left : PIPE_MAX);
		n = fill(fds[1], left);
		if (n == 0)
			return false;
		made->bytes += n;
	}
	return true;
}

static bool make_unix_queue(size_t bytes, struct made *made)
{
	while (made->bytes < bytes) {
		size_t n;
		int fds[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
			return false;
		n = fill(fds[0], bytes - made->bytes);
		if (n == 0)
			return false;
		made->bytes += n;
	}
	return true;
}

/* Work for a thread that does not end afterwards. */
struct job {
	bool (*run)(size_t bytes, struct made *made);
	size_t bytes;
	struct made made;
	bool ok;
	sem_t done;
};

static void *job_run(void *arg)
{
	struct job *job = arg;

	job->ok = job->run(job->bytes, &job->made);
	(void)sem_post(&job->done);
	for (;;)
		(void)pause();
	return NULL;
}

static bool make_in_thread(struct job *job, size_t stack_bytes, struct made *made)
{
	pthread_attr_t attr;
	pthread_t thread;

	(void)sem_init(&job->done, 0, 0);
	(void)pthread_attr_init(&attr);
	if (stack_bytes)
		(void)pthread_attr_setstacksize(&attr, stack_bytes);
	errno = pthread_create(&thread, &attr, job_run, job);
	(void)pthread_attr_destroy(&attr);
	if (errno)
		return false;
	while (sem_wait(&job->done) < 0)
		;
	*made = job->made;
	return job->ok;
}

static bool make_arena(size_t bytes, struct made *made)
{
	struct job job = { .run = make_malloc, .bytes = bytes };

	return make_in_thread(&job, 0, made);
}

/* Touches every page of the calling thread's stack; the frames in use are at its top. */
static bool touch_own_stack(size_t bytes, struct made *made)
{
	char *frame = __builtin_frame_address(0);
	pthread_attr_t attr;
	void *lowest;

	if (pthread_getattr_np(pthread_self(), &attr))
		return false;
	(void)pthread_attr_getstack(&attr, &lowest, &bytes);
	(void)pthread_attr_destroy(&attr);
	for (char *p = lowest; p < frame - PAGE; p += PAGE)
		*(volatile char *)p = PATTERN;
	*made = (struct made){ lowest, bytes };
	return true;
}

static bool make_stack(size_t bytes, struct made *made)
{
	struct job job = { .run = touch_own_stack };

	return make_in_thread(&job, bytes, made);
}

static const struct kind {
	const char *name;
	bool (*make)(size_t bytes, struct made *made); /* false with errno set */
} kinds[] = {
	{ "anonymous", make_anonymous },
	{ "arena", make_arena },
	{ "behind_bss", make_behind_bss },
	{ "file_private", make_file_private },
	{ "file_read", make_file_read },
	{ "file_shared", make_file_shared },
	{ "heap", make_heap },
	{ "hugetlb", make_hugetlb },
	{ "lazyfree", make_lazyfree },
	{ "locked", make_locked },
	{ "malloc", make_malloc },
	{ "memfd", make_memfd },
	{ "memfd_unmapped", make_memfd_unmapped },
	{ "named", make_named },
	{ "pipe", make_pipe },
	{ "shared", make_shared },
	{ "stack", make_stack },
	{ "sysv", make_sysv },
	{ "sysv_unattached", make_sysv_unattached },
	{ "thp", make_thp },
	{ "tmpfs", make_tmpfs },
	{ "tmpfs_unmapped", make_tmpfs_unmapped },
	{ "unix_queue", make_unix_queue },
	{ "zero", make_zero },
};

static const struct kind *find_kind(const char *name, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i].name) == n && memcmp(kinds[i].name, name, n) == 0)
			return &kinds[i];
	return NULL;
}

/* Parses a size as whole pages, which the kernel counts; returns 0 if it is not a size. */
static size_t parse_size(const char *text)
{
	char *end;
	unsigned long size = strtoul(text, &end, 10);

	if (*end == 'K')
		size <<= 10, end++;
	else if (*end == 'M')
		size <<= 20, end++;
	return *end ? 0 : (size + PAGE - 1) / PAGE * PAGE;
}

static bool make_operand(const char *operand)
{
	size_t n = strcspn(operand, "="), bytes = operand[n] ? parse_size(operand + n + 1) : 0;
	const struct kind *kind = find_kind(operand, n);
	struct made made = { NULL, 0 };

	if (!kind || !bytes)
		return false;
	printf("{\"kind\": \"%s\", ", kind->name);
	if (!kind->make(bytes, &made))
		printf("\"error\": \"%s\"}\n", strerror(errno));
	else if (made.address)
		printf("\"address\": \"%jx\", \"bytes\": %zu}\n",
		       (uintmax_t)(uintptr_t)made.address, made.bytes);
	else
		printf("\"address\": null, \"bytes\": %zu}\n", made.bytes);
	return true;
}

static void on_sigterm(int number)
{
	(void)number;
}

/* The signal is unblocked only while waiting, so that it is not missed. */
static void wait_for_end(const sigset_t *before)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	while (ppoll(&input, 1, NULL, before) > 0) {
		char byte;

		if (read(STDIN_FILENO, &byte, 1) <= 0)
			break;
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_sigterm };
	sigset_t before, term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, &before);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (int i = 1; i < argc; i++) {
		if (make_operand(argv[i]))
			continue;
		fprintf(stderr, "target_mem: %s: want KIND=SIZE, of a kind that there is\n",
			argv[i]);
		remove_remains();
		return 2;
	}
	printf("ready %d\n", (int)getpid());
	(void)fflush(stdout);
	wait_for_end(&before);
	remove_remains();
	return 0;
}
