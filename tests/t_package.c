/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of model/rule/package: the package of a shared object, for paths of real installations. */
#include "model/rule/package.h"

#include "base/sbuf.h"
#include "rows.h"

#define GNU "x86_64-linux-gnu"
#define JDK "/opt/jdk-17"

struct package_row {
	const char *name;
	const char *path;
	const char *runtime; /* NULL: not an extension */
	const char *package;
};

static const struct package_row package_rows[] = {
	/* CPython and PyPy. */
	{ "a package of Debian's",
	  "/usr/lib/python3/dist-packages/numpy/core/_multiarray_umath.cpython-311-" GNU ".so",
	  "cpython", "numpy" },
	{ "a package in a virtual environment",
	  "/srv/venv/lib/python3.12/site-packages/psycopg2/_psycopg.cpython-312-" GNU ".so",
	  "cpython", "psycopg2" },
	{ "one module as a package",
	  "/usr/lib/python3/dist-packages/_cffi_backend.cpython-311-" GNU ".so", "cpython",
	  "_cffi_backend" },
	{ "the stable ABI",
	  "/usr/lib/python3/dist-packages/cryptography/hazmat/bindings/_rust.abi3.so", "cpython",
	  "cryptography" },
	{ "the stable ABI elsewhere", "/srv/app/_rust.abi3.so", "cpython", "_rust" },
	{ "a library that auditwheel added",
	  "/v/site-packages/numpy.libs/libopenblas64_p-r0-0cf96a72.3.23.dev.so", "cpython",
	  "numpy" },
	{ "a library inside a package", "/v/site-packages/torch/lib/libcudart.so.12.1.105",
	  "cpython", "torch" },
	{ "an egg", "/v/site-packages/pyzmq-25.1-py3.11-linux-x86_64.egg/zmq/_zmq.so", "cpython",
	  "pyzmq" },
	{ "an egg without a version", "/v/site-packages/zmq.egg/a-b/_zmq.so", "cpython", "zmq" },
	{ "the innermost site-packages", "/v/site-packages/outer/site-packages/inner/x.so",
	  "cpython", "inner" },
	{ "the standard library", "/usr/lib/python3.11/lib-dynload/_json.cpython-311-" GNU ".so",
	  "cpython", "stdlib" },
	{ "Python 2 without a tag", "/usr/lib/python2.7/lib-dynload/bz2.so", "cpython", "stdlib" },
	{ "a build directory", "/home/u/proj/_core.cpython-313t-" GNU ".so", "cpython", "_core" },
	{ "PyPy's package", "/v/lib/pypy3.9/site-packages/lxml/etree.pypy39-pp73-" GNU ".so",
	  "pypy", "lxml" },
	{ "PyPy's own", "/opt/pypy/lib/pypy3.9/_ssl_cffi.pypy39-pp73-" GNU ".so", "pypy",
	  "_ssl_cffi" },
	{ "a file that is not a library", "/v/site-packages/certifi/cacert.pem", NULL, NULL },
	{ "an archive in site-packages", "/v/site-packages/x/data.so.gz", NULL, NULL },

	/* Node. */
	{ "an addon", "/srv/app/node_modules/bcrypt/build/Release/bcrypt_lib.node", "node",
	  "bcrypt" },
	{ "an addon of a scope", "/app/node_modules/@swc/core-linux-x64-gnu/swc.linux-x64-gnu.node",
	  "node", "@swc/core-linux-x64-gnu" },
	{ "the innermost node_modules",
	  "/app/node_modules/.pnpm/sharp@0.30/node_modules/sharp/build/sharp.node", "node",
	  "sharp" },
	{ "a library that an addon brings",
	  "/app/node_modules/@img/sharp-libvips/lib/libvips-cpp.so.42", "node",
	  "@img/sharp-libvips" },
	{ "an addon elsewhere", "/srv/build/Release/addon.node", "node", "addon" },
	{ "an addon right in node_modules", "/app/node_modules/addon.node", "node", "addon" },
	{ "a scope without a package", "/app/node_modules/@scope/addon.node", "node", "@scope" },

	/* Ruby. */
	{ "a gem's extension directory",
	  "/usr/lib/ruby/gems/3.1.0/extensions/x86_64-linux/3.1.0/debug-1.4.0/debug/debug.so",
	  "ruby", "debug" },
	{ "a static ruby's ABI", "/g/extensions/x86_64-linux/3.1.0-static/racc-1.6.0/cparse.so",
	  "ruby", "racc" },
	{ "a gem",
	  "/var/lib/gems/3.1.0/gems/nokogiri-1.13.0-x86_64-linux/lib/nokogiri/3.1/nokogiri.so",
	  "ruby", "nokogiri" },
	{ "a gem's name with a dash", "/g/gems/google-protobuf-3.21.0/lib/protobuf_c.so", "ruby",
	  "google-protobuf" },
	{ "a gem's name with a number", "/g/gems/x-25519-ng-1.0.10/lib/x.so", "ruby",
	  "x-25519-ng" },
	{ "a version without a dot", "/g/gems/ox-2/lib/ox.so", "ruby", "ox" },
	{ "a checkout by Bundler", "/g/bundler/gems/my-gem-abcdef012345/ext/my.so", "ruby",
	  "my-gem" },
	{ "Debian's vendor_ruby", "/usr/lib/" GNU "/ruby/vendor_ruby/3.1.0/msgpack/msgpack.so",
	  "ruby", "msgpack" },
	{ "one file in vendor_ruby", "/usr/lib/" GNU "/ruby/vendor_ruby/3.1.0/sdbm.so", "ruby",
	  "sdbm" },
	{ "site_ruby with its architecture",
	  "/usr/local/lib/ruby/site_ruby/3.1.0/x86_64-linux/foo.so", "ruby", "foo" },
	{ "Ruby's standard library", "/usr/lib/" GNU "/ruby/3.1.0/json/ext/parser.so", "ruby",
	  "stdlib" },
	{ "a directory that is called gems", "/opt/gems/lib/libruby-like.so", NULL, NULL },
	{ "a directory that is called ruby", "/opt/ruby/lib/libfoo.so", NULL, NULL },

	/* PHP. */
	{ "Debian's PHP", "/usr/lib/php/20220829/calendar.so", "php", "calendar" },
	{ "PHP from source", "/usr/local/lib/php/extensions/no-debug-non-zts-20230831/xdebug.so",
	  "php", "xdebug" },
	{ "PHP with debugging", "/usr/local/lib/php/extensions/debug-zts-20230831/gd.so", "php",
	  "gd" },
	{ "Fedora's PHP", "/usr/lib64/php/modules/mbstring.so", "php", "mbstring" },
	{ "Alpine's PHP", "/usr/lib/php82/modules/intl.so", "php", "intl" },
	{ "a directory of eight digits deeper down", "/srv/php/20220829/app/lib.so", NULL, NULL },
	{ "modules of another program", "/usr/lib/apache2/modules/mod_ssl.so", NULL, NULL },

	/* Perl. */
	{ "Perl", "/usr/lib/" GNU "/perl-base/auto/POSIX/POSIX.so", "perl", "POSIX" },
	{ "a nested module of Perl", "/usr/lib/" GNU "/perl/5.36.0/auto/Compress/Raw/Zlib/Zlib.so",
	  "perl", "Compress/Raw/Zlib" },
	{ "an automounter's directory", "/auto/home/u/lib/libfoo.so", NULL, NULL },
	{ "a file right in auto", "/auto/auto.so", NULL, NULL },

	/* Lua, R, Erlang, OCaml, .NET. */
	{ "Lua", "/usr/lib/" GNU "/lua/5.3/socket/core.so", "lua", "socket" },
	{ "one file of Lua", "/usr/local/lib/lua/5.1/cjson.so", "lua", "cjson" },
	{ "OpenResty", "/usr/local/openresty/lualib/cjson.so", "lua", "cjson" },
	{ "R itself", "/usr/lib/R/library/stats/libs/stats.so", "r", "stats" },
	{ "a package of R's site", "/usr/local/lib/R/site-library/data.table/libs/data_table.so",
	  "r", "data.table" },
	{ "a package of a user of R", "/home/u/R/x86_64-pc-linux-gnu-library/4.2/Rcpp/libs/Rcpp.so",
	  "r", "Rcpp" },
	{ "a directory that is called libs", "/opt/app/libs/libfoo.so", NULL, NULL },
	{ "Erlang/OTP", "/usr/lib/erlang/lib/crypto-5.1.3/priv/lib/crypto.so", "erlang", "crypto" },
	{ "a release of Elixir", "/app/lib/bcrypt_elixir-3.0.1/priv/bcrypt_nif.so", "erlang",
	  "bcrypt_elixir" },
	{ "a directory that is called priv", "/srv/priv/libfoo.so", NULL, NULL },
	{ "OCaml", "/usr/lib/ocaml/lwt/lwt.cmxs", "ocaml", "lwt" },
	{ ".NET", "/app/runtimes/linux-x64/native/libe_sqlite3.so", "dotnet", "libe_sqlite3" },
	{ ".NET for another system", "/app/runtimes/win-x64/native/x.so", NULL, NULL },

	/* Files that are extensions only with a JVM, and files that never are. */
	{ "a library without a JVM", "/opt/hadoop/lib/native/libhadoop.so", NULL, NULL },
	{ "unpacked without a JVM", "/tmp/libfoo.so", NULL, NULL },
	{ "a temporary file without a JVM", "/tmp/jna7254.tmp", NULL, NULL },
	{ "a library of the system", "/usr/lib/" GNU "/libssl.so.3", NULL, NULL },
	{ "nothing", "", NULL, NULL },
	{ "a slash", "/", NULL, NULL },
	{ "a memfd that is called like a library", "/memfd:libx.so", NULL, NULL },
	{ "no path", "anon_inode:x.node", NULL, NULL },
	{ "an empty component behind the directory", "/v/site-packages//x.so", NULL, NULL },
	{ "a name that is only an ending", "/v/site-packages/.libs/x.so", NULL, NULL },
	{ "an addon that is only an ending", "/a/.node", NULL, NULL },
	{ "a gem without a name", "/g/gems/-1.0/x.so", NULL, NULL },
	{ "an escape sequence in a name", "/v/site-packages/\033[2J/x.so", "cpython", "\033[2J" },
	{ "a file where directories are expected", "/library/libs/x.so", NULL, NULL },
};

/* In a process with a JVM. */
static const struct package_row jvm_rows[] = {
	{ "a library beside a JVM", "/opt/hadoop/lib/native/libhadoop.so.1.0.0", "jvm",
	  "libhadoop" },
	{ "unpacked by a JVM", "/tmp/snappy-1.1.8-1a2b-libsnappyjava.so", "jvm",
	  "snappy-1.1.8-1a2b-libsnappyjava" },
	{ "unpacked by JNA", "/home/u/.cache/JNA/temp/jna7254.tmp", "jvm", "jna" },
	{ "Debian's JNI directory", "/usr/lib/" GNU "/jni/libnetty.so", "jvm", "libnetty" },
	{ "the JVM's own", JDK "/lib/libnio.so", NULL, NULL },
	{ "a directory that begins like JAVA_HOME", JDK ".old/lib/libnio.so", "jvm", "libnio" },
	{ "a system library beside a JVM", "/usr/lib/" GNU "/libc.so.6", NULL, NULL },
	{ "a system library of a merged /usr", "/lib64/ld-linux-x86-64.so.2", NULL, NULL },
	{ "a local library", "/usr/local/lib/libz.so.1", NULL, NULL },
	{ "a convention of Python's within a JVM", "/v/site-packages/jep/libjep.so", "cpython",
	  "jep" },
};

static void assert_package(const struct package_row *row, const char *java_home)
{
	struct package_match m = { .name = "untouched" };
	bool found = package_of_path(row->path, java_home, &m);
	auto_free char *name = NULL;

	assert_int_equal(found, row->runtime != NULL);
	if (!found) {
		assert_string_equal(m.name, "untouched");
		return;
	}
	name = xstrndup(m.name, m.len);
	assert_string_equal(m.runtime, row->runtime);
	assert_string_equal(name, row->package);
}

static void test_package(void **state)
{
	assert_package(*state, NULL);
}

static void test_package_jvm(void **state)
{
	assert_package(*state, JDK);
}

/* A path may begin and end anywhere: no name extends beyond it, and no name is empty. */
static void test_pieces(void **state)
{
	const struct package_row *row = *state;
	size_t n = strlen(row->path);

	for (size_t from = 0; from <= n; from++) {
		for (size_t to = from; to <= n; to++) {
			/* On the heap with its exact size, for the sanitizer. */
			auto_free char *path = xstrndup(row->path + from, to - from);
			struct package_match m;

			if (!package_of_path(path, JDK, &m))
				continue;
			assert_true(m.len > 0 && m.len <= strlen(m.name));
			if (!streq(m.name, "stdlib"))
				assert_true(m.name >= path && m.name + m.len <= path + (to - from));
		}
	}
}

static void test_long(void **state attr_unused)
{
	enum { DEPTH = 1000 };
	auto_sbuf path = SBUF_INIT;
	struct package_match m;

	for (int i = 0; i < DEPTH; i++)
		sbuf_adds(&path, "/gems/a-1.0/auto/site-packages");
	sbuf_adds(&path, "/x.so");
	assert_true(package_of_path(sbuf_str(&path), NULL, &m));
	assert_string_equal(m.runtime, "cpython");
	assert_int_equal(m.len, 1);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "package_of_path", package_rows, test_package);
	ROWS_ADD(&list, "package_of_path with a JVM", jvm_rows, test_package_jvm);
	ROWS_ADD(&list, "package_of_path, pieces", package_rows, test_pieces);
	rows_add_one(&list, "package_of_path: a path of 30,000 bytes", test_long);
	return rows_run("package", &list);
}
