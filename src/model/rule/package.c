/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/rule/package.h"

#include "base/path.h"

/* The kind of a file, by the end of its name. */
enum file_kind {
	FILE_SO, /* foo.so, foo.so.1.2 */
	FILE_NODE,
	FILE_CMXS,
	FILE_JNA, /* jna1234567.tmp, which JNA unpacks from its archive */
	FILE_OTHER,
};

/* A path, divided as a convention requires. */
struct place {
	const char *path;
	const char *base;  /* the last component */
	size_t stem;       /* bytes of base without the end that shows its kind */
	const char *dir;   /* the convention's directory, from its '/' on; NULL if it has none */
	const char *below; /* the text behind it */
	const char *java_home;
};

/*
 * One convention by which a runtime names or places native modules; the first that matches applies.
 */
struct convention {
	const char *runtime;
	enum file_kind file;
	const char *tag; /* in the last component; NULL: not required */
	const char *dir; /* in the path, where the last occurrence counts; NULL: not required */
	/* Finds the name. Returns false if the convention does not match after all. */
	bool (*name)(const struct place *p, struct package_match *m);
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool span_ends_with(const char *s, size_t n, const char *suffix)
{
	size_t m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

/* Returns the length of the component at s. */
static size_t component(const char *s)
{
	return strcspn(s, "/");
}

/* Returns the length of the component at s if it is a directory; else 0. */
static size_t dir_component(const char *s)
{
	size_t n = component(s);

	return s[n] == '/' ? n : 0;
}

/* Returns the component that ends before the '/' at `end`; "" if there is none before it. */
static const char *component_before(const char *path, const char *end, size_t *ret_len)
{
	const char *s = end;

	while (s > path && s[-1] != '/')
		s--;
	*ret_len = (size_t)(end - s);
	return s;
}

/* Returns the component before the component that begins at `s`; "" if there is none before it. */
static const char *component_above(const char *path, const char *s, size_t *ret_len)
{
	return component_before(path, s > path ? s - 1 : s, ret_len);
}

static bool take(struct package_match *m, const char *name, size_t len)
{
	m->name = name;
	m->len = len;
	return len > 0;
}

static bool take_stdlib(struct package_match *m)
{
	return take(m, "stdlib", strlen("stdlib"));
}

/*
 * Returns the length of "name" in "name-1.2.3-x86_64-linux": names may hold dashes and digits,
 * versions hold a dot.
 */
static size_t length_without_version(const char *s, size_t n)
{
	enum { GIT_REVISION = 12 }; /* bytes that Bundler appends to the name of a checkout */
	size_t cut = n;

	for (size_t i = 1; i + 1 < n; i++) {
		const char *version = s + i + 1;
		size_t len = MIN(strcspn(version, "-"), n - i - 1);

		if (s[i] != '-')
			continue;
		if (len == GIT_REVISION && i + 1 + len == n &&
		    strspn(version, "0123456789abcdef") >= len)
			return i;
		if (!is_digit(*version))
			continue;
		cut = i;
		if (memchr(version, '.', len))
			break;
	}
	return cut;
}

static bool name_stdlib(const struct place *p attr_unused, struct package_match *m)
{
	return take_stdlib(m);
}

/* Takes the file's name without the end that shows its kind. */
static bool name_file(const struct place *p, struct package_match *m)
{
	return take(m, p->base, p->stem);
}

/* Takes the file's name up to its first dot: _rust.abi3.so, addon.linux-x64-gnu.node. */
static bool name_stem(const struct place *p, struct package_match *m)
{
	return take(m, p->base, strcspn(p->base, "."));
}

/* Takes the directory at s, or the file's stem if no directory follows. */
static bool take_top(const struct place *p, const char *s, struct package_match *m)
{
	return s == p->base ? name_stem(p, m) : take(m, s, component(s));
}

static bool name_top(const struct place *p, struct package_match *m)
{
	return take_top(p, p->below, m);
}

/*
 * auditwheel puts a package's libraries into numpy.libs/ beside it; an egg has everything in its
 * name.
 */
static bool name_python(const struct place *p, struct package_match *m)
{
	size_t n = dir_component(p->below);

	if (span_ends_with(p->below, n, ".libs"))
		return take(m, p->below, n - strlen(".libs"));
	if (span_ends_with(p->below, n, ".egg"))
		return take(m, p->below, MIN(strcspn(p->below, "-"), n - strlen(".egg")));
	return name_top(p, m);
}

static bool name_npm(const struct place *p, struct package_match *m)
{
	size_t n = dir_component(p->below), scoped;

	if (n == 0 || *p->below != '@')
		return name_top(p, m);
	scoped = dir_component(p->below + n + 1);
	return take(m, p->below, scoped ? n + 1 + scoped : n);
}

/* Takes the directory name-version at s. */
static bool take_gem(const char *s, struct package_match *m)
{
	size_t n = dir_component(s), cut = length_without_version(s, n);

	return cut < n && take(m, s, cut);
}

static bool name_gem(const struct place *p, struct package_match *m)
{
	return take_gem(p->below, m);
}

/* Matches extensions/x86_64-linux/3.1.0/name-version/. */
static bool name_gem_extension(const struct place *p, struct package_match *m)
{
	size_t arch = dir_component(p->below), abi;

	if (!arch || !is_digit(p->below[arch + 1]))
		return false;
	abi = dir_component(p->below + arch + 1);
	return abi && take_gem(p->below + arch + 1 + abi + 1, m);
}

/* Matches vendor_ruby/3.1.0/x86_64-linux/name/, where each directory in between may be missing. */
static bool name_ruby_dir(const struct place *p, struct package_match *m)
{
	const char *s = p->below;

	for (size_t n; (n = dir_component(s)) > 0; s += n + 1) {
		if (!is_digit(*s) && !memmem(s, n, "-linux", strlen("-linux")))
			break;
	}
	return take_top(p, s, m);
}

/* Matches ruby/3.1.0/. */
static bool name_ruby_stdlib(const struct place *p, struct package_match *m)
{
	size_t n = dir_component(p->below);

	return is_digit(*p->below) && memchr(p->below, '.', n) && take_stdlib(m);
}

/* Matches php/20220829/calendar.so. */
static bool name_php(const struct place *p, struct package_match *m)
{
	enum { API_DIGITS = 8 };
	size_t n = dir_component(p->below);

	return n == API_DIGITS && strspn(p->below, "0123456789") == n &&
	       p->below + n + 1 == p->base && name_file(p, m);
}

/* Matches extensions/no-debug-non-zts-20220829/calendar.so. */
static bool name_php_extension(const struct place *p, struct package_match *m)
{
	return (starts_with(p->below, "no-debug-") || starts_with(p->below, "debug-")) &&
	       p->below + component(p->below) + 1 == p->base && name_file(p, m);
}

/* Matches php82/modules/calendar.so. */
static bool name_php_module(const struct place *p, struct package_match *m)
{
	size_t n;
	const char *above = component_before(p->path, p->dir, &n);

	return n >= 3 && starts_with(above, "php") && p->below == p->base && name_file(p, m);
}

/*
 * Matches auto/List/Util/Util.so: the file has the name of its directory, which is not so below a
 * directory of an automounter.
 */
static bool name_perl(const struct place *p, struct package_match *m)
{
	size_t n;
	const char *parent;

	if (p->below == p->base)
		return false;
	parent = component_before(p->path, p->base - 1, &n);
	return parent >= p->below && n == p->stem && memcmp(parent, p->base, n) == 0 &&
	       take(m, p->below, (size_t)(p->base - 1 - p->below));
}

/* Matches lua/5.3/socket/core.so. */
static bool name_lua(const struct place *p, struct package_match *m)
{
	size_t n = dir_component(p->below);

	return n && starts_with(p->below, "5.") && take_top(p, p->below + n + 1, m);
}

/* Matches library/stats/libs/stats.so, x86_64-pc-linux-gnu-library/4.2/Rcpp/libs/Rcpp.so. */
static bool name_r(const struct place *p, struct package_match *m)
{
	size_t n, above_n;
	const char *package = component_before(p->path, p->dir, &n);
	const char *above = component_above(p->path, package, &above_n);

	if (above_n && is_digit(*above))
		above = component_above(p->path, above, &above_n);
	return p->below == p->base && span_ends_with(above, above_n, "library") &&
	       take(m, package, n);
}

/* Matches lib/crypto-5.1.3/priv/lib/crypto.so. */
static bool name_erlang(const struct place *p, struct package_match *m)
{
	size_t n, above_n;
	const char *app = component_before(p->path, p->dir, &n);
	const char *above = component_above(p->path, app, &above_n);

	return above_n == strlen("lib") && starts_with(above, "lib/") &&
	       take(m, app, length_without_version(app, n));
}

static bool name_parent(const struct place *p, struct package_match *m)
{
	size_t n;
	const char *parent = component_above(p->path, p->base, &n);

	return take(m, parent, n);
}

/* Matches runtimes/linux-x64/native/libe_sqlite3.so. */
static bool name_dotnet(const struct place *p, struct package_match *m)
{
	size_t n = dir_component(p->below);

	return n && (starts_with(p->below, "linux") || starts_with(p->below, "unix")) &&
	       starts_with(p->below + n, "/native/") && name_file(p, m);
}

static bool is_system_library(const char *path)
{
	static const char *const dirs[] = {
		"/lib",        "/lib32",         "/lib64",           "/libx32",
		"/usr/lib",    "/usr/lib32",     "/usr/lib64",       "/usr/libexec",
		"/usr/libx32", "/usr/local/lib", "/usr/local/lib64", "/nix/store",
		"/gnu/store",
	};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (path_is_below(path, dirs[i]))
			return true;
	}
	return false;
}

/* Matches Debian's directory for libraries that only a JVM loads. */
static bool name_jni(const struct place *p, struct package_match *m)
{
	return p->java_home && p->below == p->base && name_file(p, m);
}

static bool name_jna(const struct place *p, struct package_match *m)
{
	return p->java_home && take(m, p->base, strlen("jna"));
}

static bool name_jvm(const struct place *p, struct package_match *m)
{
	return p->java_home && !path_is_below(p->path, p->java_home) &&
	       !is_system_library(p->path) && name_file(p, m);
}

static const struct convention conventions[] = {
	{ "pypy", .tag = ".pypy", .dir = "/site-packages/", .name = name_python },
	{ "pypy", .tag = ".pypy", .name = name_stem },
	{ "cpython", .dir = "/lib-dynload/", .name = name_stdlib },
	{ "cpython", .dir = "/site-packages/", .name = name_python },
	{ "cpython", .dir = "/dist-packages/", .name = name_python },
	{ "cpython", .tag = ".cpython-3", .name = name_stem },
	{ "cpython", .tag = ".abi3.so", .name = name_stem },
	{ "node", FILE_NODE, .dir = "/node_modules/", .name = name_npm },
	{ "node", FILE_NODE, .name = name_stem },
	{ "node", .dir = "/node_modules/", .name = name_npm },
	{ "ruby", .dir = "/extensions/", .name = name_gem_extension },
	{ "ruby", .dir = "/gems/", .name = name_gem },
	{ "ruby", .dir = "/vendor_ruby/", .name = name_ruby_dir },
	{ "ruby", .dir = "/site_ruby/", .name = name_ruby_dir },
	{ "ruby", .dir = "/ruby/", .name = name_ruby_stdlib },
	{ "php", .dir = "/php/", .name = name_php },
	{ "php", .dir = "/extensions/", .name = name_php_extension },
	{ "php", .dir = "/modules/", .name = name_php_module },
	{ "perl", .dir = "/auto/", .name = name_perl },
	{ "lua", .dir = "/lua/", .name = name_lua },
	{ "lua", .dir = "/lualib/", .name = name_top },
	{ "r", .dir = "/libs/", .name = name_r },
	{ "erlang", .dir = "/priv/", .name = name_erlang },
	{ "ocaml", FILE_CMXS, .name = name_parent },
	{ "dotnet", .dir = "/runtimes/", .name = name_dotnet },
	{ "jvm", .dir = "/jni/", .name = name_jni },
	{ "jvm", FILE_JNA, .name = name_jna },
	{ "jvm", .name = name_jvm },
};

/* Sets *ret_stem to the bytes in front of the end that shows the kind. */
static enum file_kind file_kind_of(const char *base, size_t *ret_stem)
{
	const char *so = path_find_last(base, ".so");
	size_t n = strlen(base);

	if (so &&
	    (so[3] == '\0' || (so[3] == '.' && so[4 + strspn(so + 4, "0123456789.")] == '\0'))) {
		*ret_stem = (size_t)(so - base);
		return FILE_SO;
	}
	*ret_stem = n - MIN(n, strlen(".node")); /* .cmxs has the same length */
	if (ends_with(base, ".node"))
		return FILE_NODE;
	if (ends_with(base, ".cmxs"))
		return FILE_CMXS;
	return starts_with(base, "jna") && ends_with(base, ".tmp") ? FILE_JNA : FILE_OTHER;
}

bool package_of_path(const char *path, const char *java_home, struct package_match *ret_match)
{
	struct place p = { .path = path, .base = path_base(path), .java_home = java_home };
	enum file_kind kind = file_kind_of(p.base, &p.stem);

	if (kind == FILE_OTHER || *path != '/')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(conventions); i++) {
		const struct convention *c = &conventions[i];
		struct package_match m = { .runtime = c->runtime };

		if (c->file != kind || (c->tag && !strstr(p.base, c->tag)))
			continue;
		p.dir = c->dir ? path_find_last(path, c->dir) : NULL;
		if (c->dir && !p.dir)
			continue;
		p.below = p.dir ? p.dir + strlen(c->dir) : p.base;
		if (!c->name(&p, &m))
			continue;
		*ret_match = m;
		return true;
	}
	return false;
}
