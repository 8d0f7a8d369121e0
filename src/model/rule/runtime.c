/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/rule/runtime.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/path.h"
#include "proc/elf.h"
#include "proc/rootfile.h"

enum {
	VERSION_MAX = 31,         /* longer ones are cut, because they come from the target */
	NEIGHBOUR_MAX = 16 << 10, /* the most bytes that are read of a file beside a runtime */
};

/* The text in which a sign is searched. */
enum sign_part {
	SIGN_PROGRAM, /* the name of the program's own file */
	SIGN_NAME,    /* the name of any file with executable mappings */
	SIGN_PATH,    /* the whole path of such a file */
};

/*
 * A pattern in the name of a file that identifies a runtime. With a prefix, the version behind it
 * may be missing; without a prefix, the version (digits and dots) is what is recognised.
 */
struct sign {
	const char *runtime;
	enum sign_part part;
	const char *prefix; /* the name begins with this; NULL: with anything */
	const char *before; /* the version follows this; NULL: it follows the prefix */
	const char *after;  /* the text behind the version; NULL: any text */
	/*
	 * Converts the digits into a version; NULL if they are the version. Returns false if they
	 * are not a known version.
	 */
	bool (*decode)(const char *digits, char version[VERSION_MAX + 1]);
};

/* Versions of an interface, and the versions of the runtime that have it. */
struct abi {
	const char *abi, *version;
};

static bool decode_abi(const struct abi *abis, size_t n, const char *digits,
		       char version[VERSION_MAX + 1])
{
	for (size_t i = 0; i < n; i++) {
		if (!streq(abis[i].abi, digits))
			continue;
		(void)snprintf(version, VERSION_MAX + 1, "%s", abis[i].version);
		return true;
	}
	return false;
}

/* Converts NODE_MODULE_VERSION; source: node's doc/abi_version_registry.json. */
static bool decode_node_abi(const char *digits, char version[VERSION_MAX + 1])
{
	static const struct abi abis[] = {
		{ "64", "10" },  { "72", "12" },  { "83", "14" },  { "93", "16" },
		{ "108", "18" }, { "111", "19" }, { "115", "20" }, { "120", "21" },
		{ "127", "22" }, { "131", "23" }, { "137", "24" },
	};

	return decode_abi(abis, ARRAY_SIZE(abis), digits, version);
}

/* Converts ZEND_MODULE_API_NO; source: Zend/zend_modules.h of each release. */
static bool decode_php_api(const char *digits, char version[VERSION_MAX + 1])
{
	static const struct abi abis[] = {
		{ "20151012", "7.0" }, { "20160303", "7.1" }, { "20170718", "7.2" },
		{ "20180731", "7.3" }, { "20190902", "7.4" }, { "20200930", "8.0" },
		{ "20210902", "8.1" }, { "20220829", "8.2" }, { "20230831", "8.3" },
		{ "20240924", "8.4" },
	};

	return decode_abi(abis, ARRAY_SIZE(abis), digits, version);
}

/* Converts "311" to "3.11". */
static bool decode_python_tag(const char *digits, char version[VERSION_MAX + 1])
{
	if (!digits[0] || !digits[1] || strchr(digits, '.'))
		return false;
	(void)snprintf(version, VERSION_MAX + 1, "%c.%s", digits[0], digits + 1);
	return true;
}

/* For PyPy the version is that of the language, which is in its file names. */
static const struct sign signs[] = {
	{ "cpython", SIGN_PROGRAM, .prefix = "python" },
	{ "cpython", SIGN_NAME, .prefix = "libpython" },
	{ "cpython", SIGN_NAME, .before = ".cpython-", .decode = decode_python_tag },
	{ "pypy", SIGN_PROGRAM, .prefix = "pypy" },
	{ "pypy", SIGN_NAME, .prefix = "libpypy" },
	{ "pypy", SIGN_NAME, .before = ".pypy", .after = "-pp", .decode = decode_python_tag },
	{ "node", SIGN_PROGRAM, .prefix = "node" },
	{ "node", SIGN_PROGRAM, .prefix = "nodejs" },
	{ "node", SIGN_NAME, .prefix = "libnode.so", .before = ".so.", .decode = decode_node_abi },
	{ "jvm", SIGN_NAME, .prefix = "libjvm.so" },
	{ "ruby", SIGN_PROGRAM, .prefix = "ruby" },
	{ "ruby", SIGN_NAME, .prefix = "libruby", .before = ".so." },
	{ "php", SIGN_PROGRAM, .prefix = "php" },
	{ "php", SIGN_PROGRAM, .prefix = "php-fpm" },
	{ "php", SIGN_PROGRAM, .prefix = "php-cgi" },
	{ "php", SIGN_NAME, .prefix = "libphp" },
	{ "php", SIGN_PATH, .before = "/php/", .after = "/", .decode = decode_php_api },
	{ "php", SIGN_PATH, .before = "-zts-", .after = "/", .decode = decode_php_api },
	{ "perl", SIGN_PROGRAM, .prefix = "perl" },
	{ "perl", SIGN_NAME, .prefix = "libperl.so", .before = ".so." },
	{ "perl", SIGN_PATH, .before = "/perl/", .after = "/auto/" },
	{ "perl", SIGN_PATH, .before = "/perl5/", .after = "/auto/" },
	{ "dotnet", SIGN_PATH, .prefix = "libcoreclr.so", .before = "/Microsoft.NETCore.App/" },
};

/*
 * Returns whether the name may end here. Behind the prefix a program has nothing but a version; a
 * library may have more.
 */
static bool ends_word(enum sign_part part, const char *rest)
{
	return *rest == '\0' || (*rest >= '0' && *rest <= '9') ||
	       (part != SIGN_PROGRAM && (*rest == '.' || *rest == '-'));
}

/*
 * Copies the version at `s` ("" if there is none): digits with dots in between. Returns the text
 * behind it.
 */
static const char *copy_digits(const char *s, char digits[VERSION_MAX + 1])
{
	size_t n = *s >= '0' && *s <= '9' ? strspn(s, "0123456789.") : 0;

	while (n > 0 && s[n - 1] == '.')
		n--;
	(void)snprintf(digits, VERSION_MAX + 1, "%.*s", (int)MIN(n, (size_t)VERSION_MAX), s);
	return s + n;
}

/* Returns whether the file shows the sign; sets version to "" if the version is unknown. */
static bool sign_matches(const struct sign *sign, const struct file *f, const char *base,
			 char version[VERSION_MAX + 1])
{
	char digits[VERSION_MAX + 1] = "";
	const char *at = base, *rest;

	version[0] = '\0';
	if (sign->part == SIGN_PROGRAM ? !f->is_program : !f->has_exec)
		return false;
	if (sign->prefix) {
		if (!starts_with(base, sign->prefix))
			return false;
		at = base + strlen(sign->prefix);
		if (!ends_word(sign->part, at))
			return false;
	}
	if (sign->before) {
		at = path_find_last(sign->part == SIGN_PATH ? f->path : base, sign->before);
		at = at ? at + strlen(sign->before) : "";
	}
	rest = copy_digits(at, digits);
	if (sign->after && !starts_with(rest, sign->after))
		digits[0] = '\0';
	if (digits[0] && !sign->decode)
		memcpy(version, digits, sizeof(digits));
	else if (digits[0] && !sign->decode(digits, version))
		version[0] = '\0';
	return sign->prefix || version[0];
}

/* Returns whether `version` says the same as `known` and more: "3.1.2" and "3.1". */
static bool is_more_precise(const char *version, const char *known)
{
	return version[0] &&
	       (!known || (starts_with(version, known) && version[strlen(known)] == '.'));
}

static struct runtime *find_runtime(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->n_runtimes; i++) {
		if (streq(s->runtimes[i].name, name))
			return &s->runtimes[i];
	}
	return NULL;
}

static void refine(struct snapshot *s, struct runtime *runtime, const char *version)
{
	if (is_more_precise(version, runtime->version))
		runtime->version = arena_strdup(&s->arena, version);
}

static void add(struct snapshot *s, const char *name, const char *module, const char *version)
{
	struct runtime *runtime = find_runtime(s, name);

	if (!runtime) {
		s->runtimes = xgrow(s->runtimes, s->n_runtimes, &s->cap_runtimes,
				    sizeof(*s->runtimes));
		runtime = &s->runtimes[s->n_runtimes++];
		*runtime = (struct runtime){ .name = name, .module = module };
	}
	refine(s, runtime, version);
}

static void find_signs(struct snapshot *s)
{
	char version[VERSION_MAX + 1];

	for (size_t i = 1; i < s->n_files; i++) {
		const struct file *f = &s->files[i];
		const char *base = path_base(f->path);

		if (!f->is_program && !f->has_exec)
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(signs); k++) {
			if (sign_matches(&signs[k], f, base, version))
				add(s, signs[k].runtime, f->path, version);
		}
	}
}

/* Finds Go in the program's own ELF file, because Go has no files of its own beside the program. */
static void find_go(struct snapshot *s, const struct procfs *fs, int dirfd)
{
	const struct file *program = NULL;
	const struct region *mapped;
	auto_sbuf version = SBUF_INIT;
	auto_close int fd = -1;
	char digits[VERSION_MAX + 1] = "";
	int r;

	for (size_t i = 1; i < s->n_files && !program; i++)
		program = s->files[i].is_program ? &s->files[i] : NULL;
	if (!program || program->first_region >= s->n_regions)
		return;
	for (size_t i = 0; i < s->n_runtimes; i++) {
		if (s->runtimes[i].module == program->path)
			return;
	}
	mapped = &s->regions[program->first_region];
	fd = elf_open_mapped(fs, dirfd, mapped->start, mapped->end, program->path, program->major,
			     program->minor, program->inode);
	r = fd < 0 ? fd : elf_go_version(fd, &version);
	if (r < 0 && r != -ENOTSUP)
		return;
	/* Otherwise Go is older than 1.18, or a development version, "devel go1.23-0a1b2c3". */
	if (r == 0 && starts_with(sbuf_str(&version), "go"))
		(void)copy_digits(sbuf_str(&version) + strlen("go"), digits);
	add(s, "go", program->path, digits);
}

/* Copies the number in "#define NAME number" as text; "" if there is no such line. */
static void defined_number(const char *text, const char *name, char digits[VERSION_MAX + 1])
{
	const char *at = strstr(text, name);

	digits[0] = '\0';
	if (at) {
		at += strlen(name);
		(void)copy_digits(at + strspn(at, " \t"), digits);
	}
}

/* Reads the version beside PREFIX/bin/node, in PREFIX/include/node/node_version.h. */
static void read_node_version(struct snapshot *s, const struct procfs *fs, int dirfd,
			      struct runtime *runtime)
{
	static const char *const names[] = {
		"#define NODE_MAJOR_VERSION",
		"#define NODE_MINOR_VERSION",
		"#define NODE_PATCH_VERSION",
	};
	const char *bin = path_find_last(runtime->module, "/bin/");
	char digits[VERSION_MAX + 1];
	auto_sbuf path = SBUF_INIT, text = SBUF_INIT, version = SBUF_INIT;

	if (!bin || bin + strlen("/bin/") != path_base(runtime->module))
		return;
	sbuf_add(&path, runtime->module, (size_t)(bin - runtime->module));
	sbuf_adds(&path, "/include/node/node_version.h");
	if (rootfile_read(fs, dirfd, sbuf_str(&path), NEIGHBOUR_MAX, &text) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		defined_number(sbuf_str(&text), names[i], digits);
		if (!digits[0])
			return;
		sbuf_addf(&version, "%s%s", i ? "." : "", digits);
	}
	refine(s, runtime, sbuf_str(&version));
}

/*
 * Reads JAVA_VERSION="17.0.15" in JAVA_HOME/release; up to JDK 8, JAVA_HOME is a jre/ beside that
 * file.
 */
static void read_java_version(struct snapshot *s, const struct procfs *fs, int dirfd,
			      struct runtime *runtime)
{
	static const char key[] = "JAVA_VERSION=\"";
	static const char allowed[] = "0123456789._-abcdefghijklmnopqrstuvwxyz";
	auto_sbuf home = SBUF_INIT, path = SBUF_INIT, text = SBUF_INIT;
	char version[VERSION_MAX + 1];
	const char *at;

	if (!runtime_java_home(s, &home))
		return;
	if (ends_with(sbuf_str(&home), "/jre"))
		home.len -= strlen("/jre");
	sbuf_add(&path, home.data, home.len);
	sbuf_adds(&path, "/release");
	if (rootfile_read(fs, dirfd, sbuf_str(&path), NEIGHBOUR_MAX, &text) < 0)
		return;
	at = strstr(sbuf_str(&text), key);
	if (!at)
		return;
	at += strlen(key);
	(void)snprintf(version, sizeof(version), "%.*s",
		       (int)MIN(strspn(at, allowed), (size_t)VERSION_MAX), at);
	refine(s, runtime, version);
}

/* The runtimes that have a file beside them that contains the version. */
static const struct {
	const char *runtime;
	void (*read)(struct snapshot *s, const struct procfs *fs, int dirfd,
		     struct runtime *runtime);
} neighbours[] = {
	{ "node", read_node_version },
	{ "jvm", read_java_version },
};

static bool is_replaced(const struct snapshot *s, const char *module)
{
	for (size_t i = 1; i < s->n_files; i++) {
		if (s->files[i].path == module && s->files[i].deleted)
			return true;
	}
	return false;
}

static void read_neighbours(struct snapshot *s, const struct procfs *fs, int dirfd)
{
	for (size_t i = 0; i < ARRAY_SIZE(neighbours); i++) {
		struct runtime *runtime = find_runtime(s, neighbours[i].runtime);

		/* If a file was replaced, the files beside it belong to the new one. */
		if (runtime && !is_replaced(s, runtime->module))
			neighbours[i].read(s, fs, dirfd, runtime);
	}
}

void runtime_detect(struct snapshot *s, const struct procfs *fs, int dirfd)
{
	s->n_runtimes = 0;
	find_signs(s);
	find_go(s, fs, dirfd);
	read_neighbours(s, fs, dirfd);
}

bool runtime_present(const struct snapshot *s, const char *name)
{
	return find_runtime(s, name) != NULL;
}

bool runtime_java_home(const struct snapshot *s, struct sbuf *out)
{
	const struct runtime *jvm = find_runtime(s, "jvm");
	const char *lib = jvm ? path_find_last(jvm->module, "/lib/") : NULL;

	sbuf_reset(out);
	if (!lib || lib == jvm->module)
		return false;
	sbuf_add(out, jvm->module, (size_t)(lib - jvm->module));
	return true;
}
