/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/rule/runtime: which runtimes are found in the files of a process, and which are
 * not.
 */
#include "model/rule/runtime.h"

#include <errno.h>

#include "proc/rootfile.h"
#include "tree.h"

#define GNU "/usr/lib/x86_64-linux-gnu"
#define JDK "/usr/lib/jvm/java-17-openjdk-amd64"

enum { MAX_FILES = 4 };

struct runtime_row {
	const char *name;
	const char *program;              /* NULL: its path is not mapped */
	const char *libraries[MAX_FILES]; /* with executable mappings; '!' in front: replaced */
	const char *want;                 /* "name version module-base", joined by ", " */
};

static const struct runtime_row sign_rows[] = {
	{ "Debian's Python", "/usr/bin/python3.11", { NULL }, "cpython 3.11 python3.11" },
	{ "Python without a version", "/opt/bin/python3", { NULL }, "cpython 3 python3" },
	{ "Python that an extension dates",
	  "/opt/bin/python",
	  { "/v/site-packages/a.cpython-312-x86_64-linux-gnu.so" },
	  "cpython 3.12 python" },
	{ "a library of Python",
	  "/usr/bin/uwsgi-core",
	  { GNU "/libpython3.11.so.1.0" },
	  "cpython 3.11 libpython3.11.so.1.0" },
	{ "a library of Python 3.7 with its flags",
	  "/srv/x",
	  { "/opt/libpython3.7m.so.1.0" },
	  "cpython 3.7 libpython3.7m.so.1.0" },
	{ "both libraries of Python",
	  "/srv/x",
	  { "/opt/libpython3.so", "/opt/libpython3.12.so.1.0" },
	  "cpython 3.12 libpython3.so" },
	{ "an extension alone",
	  "/srv/x",
	  { "/v/a.cpython-39-x86_64-linux-gnu.so" },
	  "cpython 3.9 a.cpython-39-x86_64-linux-gnu.so" },
	{ "free-threaded Python", "/opt/bin/python3.13t", { NULL }, "cpython 3.13 python3.13t" },
	{ "PyPy",
	  "/opt/pypy/bin/pypy3.9",
	  { "/opt/pypy/bin/libpypy3.9-c.so" },
	  "pypy 3.9 pypy3.9" },
	{ "PyPy that an extension dates",
	  "/opt/pypy/bin/pypy",
	  { "/v/x.pypy310-pp73-x86_64-linux-gnu.so" },
	  "pypy 3.10 pypy" },
	{ "node", "/opt/bin/node", { NULL }, "node - node" },
	{ "Debian's older nodejs", "/usr/bin/nodejs", { NULL }, "node - nodejs" },
	{ "node with a library", "/usr/bin/node", { GNU "/libnode.so.108" }, "node 18 node" },
	{ "a library of a future node",
	  "/srv/x",
	  { GNU "/libnode.so.999" },
	  "node - libnode.so.999" },
	{ "the JVM", "/opt/j/bin/java", { JDK "/lib/server/libjvm.so" }, "jvm - libjvm.so" },
	{ "Ruby", "/usr/bin/ruby3.1", { GNU "/libruby-3.1.so.3.1.2" }, "ruby 3.1.2 ruby3.1" },
	{ "Ruby from source",
	  "/usr/local/bin/ruby",
	  { "/usr/local/lib/libruby.so.3.2.0" },
	  "ruby 3.2.0 ruby" },
	{ "PHP", "/usr/bin/php8.2", { NULL }, "php 8.2 php8.2" },
	{ "PHP that an extension dates",
	  "/usr/local/bin/php",
	  { "/usr/local/lib/php/extensions/no-debug-non-zts-20230831/sodium.so" },
	  "php 8.3 php" },
	{ "php-fpm",
	  "/usr/sbin/php-fpm8.2",
	  { "/usr/lib/php/20220829/opcache.so" },
	  "php 8.2 php-fpm8.2" },
	{ "PHP in Apache",
	  "/usr/sbin/apache2",
	  { "/usr/lib/apache2/modules/libphp8.2.so" },
	  "php 8.2 libphp8.2.so" },
	{ "an unknown interface of PHP", "/srv/x", { "/usr/lib/php/20991231/opcache.so" }, "" },
	{ "Perl", "/usr/bin/perl", { GNU "/perl/5.36.0/auto/Fcntl/Fcntl.so" }, "perl 5.36.0 perl" },
	{ "Perl without a version",
	  "/usr/bin/perl",
	  { GNU "/perl-base/auto/POSIX/POSIX.so" },
	  "perl - perl" },
	{ "a library of Perl",
	  "/usr/bin/vim",
	  { GNU "/libperl.so.5.36.0" },
	  "perl 5.36.0 libperl.so.5.36.0" },
	{ ".NET",
	  "/usr/bin/dotnet",
	  { "/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/libcoreclr.so" },
	  "dotnet 8.0.1 libcoreclr.so" },
	{ ".NET within an application",
	  "/app/web",
	  { "/app/libcoreclr.so" },
	  "dotnet - libcoreclr.so" },
	{ "several runtimes",
	  "/usr/bin/vim.gtk3",
	  { GNU "/libpython3.11.so.1.0", GNU "/libruby-3.1.so.3.1.2", GNU "/libperl.so.5.36.0" },
	  "cpython 3.11 libpython3.11.so.1.0, ruby 3.1.2 libruby-3.1.so.3.1.2, "
	  "perl 5.36.0 libperl.so.5.36.0" },
	{ "another version of a runtime that was found",
	  "/usr/bin/python3.11",
	  { "/v/a.cpython-312-x86_64-linux-gnu.so" },
	  "cpython 3.11 python3.11" },
	{ "a version with a longer number",
	  "/usr/bin/python3.1",
	  { "/v/a.cpython-311-x86_64-linux-gnu.so" },
	  "cpython 3.1 python3.1" },

	{ "an exporter for nodes", "/usr/bin/node_exporter", { NULL }, "" },
	{ "a daemon for nodes", "/usr/bin/node-cache", { NULL }, "" },
	{ "a word that begins like a runtime", "/usr/bin/rubyist", { NULL }, "" },
	{ "a library that begins like a runtime's", "/srv/x", { "/opt/libperlcritic.so" }, "" },
	{ "a library that only helps .NET", "/srv/x", { "/opt/libcoreclrtraceptprovider.so" }, "" },
	{ "a program in a directory called python", "/opt/python3/bin/daemon", { NULL }, "" },
	{ "no program", NULL, { NULL }, "" },
	{ "a tag without digits", "/srv/x", { "/v/a.cpython-.so" }, "" },
	{ "a tag that is not a version", "/srv/x", { "/v/a.cpython-3.so" }, "" },
	{ "a version of seventy digits is cut",
	  "/opt/bin/"
	  "python3.11111111111111111111111111111111111111111111111111111111111111111111",
	  { NULL },
	  "cpython 3.11111111111111111111111111111 "
	  "python3.11111111111111111111111111111111111111111111111111111111111111111111" },
	{ "dots are not a version", "/opt/bin/python3..", { NULL }, "cpython 3 python3.." },
};

/* A snapshot with one region for each file. */
struct fake {
	struct snapshot s;
	struct file files[1 + MAX_FILES + 1];
	struct region regions[1 + MAX_FILES];
};

static void fake_add(struct fake *fake, const char *path, bool is_program)
{
	size_t i = fake->s.n_files++;
	bool deleted = *path == '!';

	fake->files[i] = (struct file){ .inode = i,
					.path = path + deleted,
					.deleted = deleted,
					.is_program = is_program,
					.has_exec = true,
					.first_region = (uint32_t)fake->s.n_regions };
	fake->regions[fake->s.n_regions++] = (struct region){ .file = (uint32_t)i };
}

static void fake_make(struct fake *fake, const struct runtime_row *row)
{
	*fake = (struct fake){ .s.n_files = 1 };
	fake->s.files = fake->files;
	fake->s.regions = fake->regions;
	if (row->program)
		fake_add(fake, row->program, true);
	for (size_t i = 0; i < MAX_FILES && row->libraries[i]; i++)
		fake_add(fake, row->libraries[i], false);
}

static void fake_release(struct fake *fake)
{
	free(fake->s.runtimes);
	arena_release(&fake->s.arena);
}

#define auto_fake __attribute__((cleanup(fake_release))) struct fake

static void assert_runtimes(const struct snapshot *s, const char *want)
{
	auto_sbuf got = SBUF_INIT;

	for (size_t i = 0; i < s->n_runtimes; i++) {
		const struct runtime *r = &s->runtimes[i];

		sbuf_addf(&got, "%s%s %s %s", i ? ", " : "", r->name, r->version ? r->version : "-",
			  strrchr(r->module, '/') + 1);
		assert_true(runtime_present(s, r->name));
	}
	assert_string_equal(sbuf_str(&got), want);
	assert_false(runtime_present(s, "cobol"));
}

static void test_signs(void **state)
{
	const struct runtime_row *row = *state;
	const struct procfs fs = PROCFS_INIT;
	auto_tree t = tree_make();
	auto_fake fake;

	fake_make(&fake, row);
	runtime_detect(&fake.s, &fs, t.fd);
	assert_runtimes(&fake.s, row->want);
	/* A second attempt at the capture detects runtimes again. */
	runtime_detect(&fake.s, &fs, t.fd);
	assert_runtimes(&fake.s, row->want);
}

static void test_data_file(void **state attr_unused)
{
	static const struct runtime_row row = { "", "/srv/x", { JDK "/lib/server/libjvm.so" }, "" };
	const struct procfs fs = PROCFS_INIT;
	auto_tree t = tree_make();
	auto_fake fake;

	fake_make(&fake, &row);
	fake.files[2].has_exec = false;
	runtime_detect(&fake.s, &fs, t.fd);
	assert_runtimes(&fake.s, "");
}

struct neighbour_row {
	const char *name;
	struct runtime_row process;
	const char *file; /* below the process directory */
	const char *text;
};

#define NODE_H(major)                                                                              \
	"#define NODE_MAJOR_VERSION " major "\n#define NODE_MINOR_VERSION 20\n"                    \
	"#define NODE_PATCH_VERSION 2\n"
#define NODE(want)                                                                                 \
	{                                                                                          \
		"", "/opt/n/bin/node", { "/opt/n/lib/libnode.so.115" }, want                       \
	}
#define JVM(home, want)                                                                            \
	{                                                                                          \
		"", "/usr/bin/java", { home "/lib/server/libjvm.so" }, want                        \
	}

static const struct neighbour_row neighbour_rows[] = {
	{ "node's header", NODE("node 20.20.2 node"), "root/opt/n/include/node/node_version.h",
	  "// Copyright\n" NODE_H("20") },
	{ "a header of another node", NODE("node 20 node"),
	  "root/opt/n/include/node/node_version.h", NODE_H("22") },
	{ "a header without numbers", NODE("node 20 node"),
	  "root/opt/n/include/node/node_version.h", "#define NODE_MAJOR_VERSION x\n" },
	{ "half a header", NODE("node 20 node"), "root/opt/n/include/node/node_version.h",
	  "#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 20\n" },
	{ "node that is not in bin",
	  { "", "/opt/n/node", { NULL }, "node - node" },
	  "root/opt/n/include/node/node_version.h",
	  NODE_H("20") },
	{ "node that was replaced",
	  { "", "!/opt/n/bin/node", { NULL }, "node - node" },
	  "root/opt/n/include/node/node_version.h",
	  NODE_H("20") },
	{ "Java's release", JVM(JDK, "jvm 17.0.21 libjvm.so"), "root" JDK "/release",
	  "IMPLEMENTOR=\"Debian\"\nJAVA_RUNTIME_VERSION=\"17.0.21+9\"\nJAVA_VERSION=\"17.0."
	  "21\"\n" },
	{ "Java 8",
	  { "",
	    "/opt/jdk8/bin/java",
	    { "/opt/jdk8/jre/lib/amd64/server/libjvm.so" },
	    "jvm 1.8.0_392 libjvm.so" },
	  "root/opt/jdk8/release",
	  "JAVA_VERSION=\"1.8.0_392\"\n" },
	{ "Java's early access", JVM("/opt/j", "jvm 24-ea libjvm.so"), "root/opt/j/release",
	  "JAVA_VERSION=\"24-ea\"\n" },
	{ "a release without a version", JVM("/opt/j", "jvm - libjvm.so"), "root/opt/j/release",
	  "JAVA_VERSION=\"" },
	{ "a release with control bytes", JVM("/opt/j", "jvm 17 libjvm.so"), "root/opt/j/release",
	  "JAVA_VERSION=\"17\033[2J\"" },
	{ "a release of the parent directory", JVM("/opt/j", "jvm - libjvm.so"), "root/opt/release",
	  "JAVA_VERSION=\"17\"" },
	{ "a JVM that was replaced", JVM("!" JDK, "jvm - libjvm.so"), "root" JDK "/release",
	  "JAVA_VERSION=\"17.0.22\"" },
	{ "a program that is not an ELF file",
	  { "", "/bin/x", { NULL }, "" },
	  "root/bin/x",
	  "\177ELF and nothing more" },
};

static bool has_openat2(const struct procfs *fs, int dirfd, const char *path)
{
	auto_sbuf text = SBUF_INIT;
	int r = rootfile_read(fs, dirfd, path, 1, &text);

	return r != -ENOSYS && r != -EPERM;
}

static void test_neighbours(void **state)
{
	const struct neighbour_row *row = *state;
	const struct procfs fs = PROCFS_INIT;
	auto_tree t = tree_make();
	auto_fake fake;

	fake_make(&fake, &row->process);
	tree_put(&t, row->file, row->text);
	if (!has_openat2(&fs, t.fd, row->file + strlen("root")))
		skip();
	runtime_detect(&fake.s, &fs, t.fd);
	assert_runtimes(&fake.s, row->process.want);
}

struct home_row {
	const char *name;
	const char *library;
	const char *want; /* NULL: no version */
};

static const struct home_row home_rows[] = {
	{ "of a JDK", JDK "/lib/server/libjvm.so", JDK },
	{ "of Java 8", "/opt/jdk8/jre/lib/amd64/server/libjvm.so", "/opt/jdk8/jre" },
	{ "of a JVM without lib", "/opt/j/libjvm.so", NULL },
	{ "of a JVM in the root directory", "/lib/libjvm.so", NULL },
	{ "of a process without a JVM", "/usr/lib/libc.so.6", NULL },
};

static void test_java_home(void **state)
{
	const struct home_row *row = *state;
	const struct runtime_row process = { "", "/usr/bin/java", { row->library }, "" };
	const struct procfs fs = PROCFS_INIT;
	auto_tree t = tree_make();
	auto_sbuf home = SBUF_INIT;
	auto_fake fake;

	fake_make(&fake, &process);
	runtime_detect(&fake.s, &fs, t.fd);
	assert_int_equal(runtime_java_home(&fake.s, &home), row->want != NULL);
	assert_string_equal(sbuf_str(&home), row->want ? row->want : "");
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "runtime_detect", sign_rows, test_signs);
	ROWS_ADD(&list, "runtime_detect, version", neighbour_rows, test_neighbours);
	ROWS_ADD(&list, "runtime_java_home", home_rows, test_java_home);
	rows_add_one(&list, "runtime_detect: a library that is only read", test_data_file);
	return rows_run("runtime", &list);
}
