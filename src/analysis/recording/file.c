/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/recording/file.h"

#include <errno.h>
#include <fcntl.h>

#include "analysis/recording/csv.h"
#include "analysis/recording/prom.h"
#include "base/io.h"

enum { PATH_SHOWN = 300 }; /* bytes of a path in an error message, so that the reason fits too */

int recording_parse(const char *file, const char *bytes, size_t n, struct recordings *ret,
		    struct err *err)
{
	size_t i = 0;

	*ret = (struct recordings)RECORDINGS_INIT;
	while (i < n && strchr(" \t\r\n", bytes[i]) && bytes[i])
		i++;
	if (i < n && bytes[i] == '{')
		return recording_prom_parse(file, bytes, n, ret, err);
	return recording_csv_parse(file, bytes, n, ret, err);
}

int recording_read(const char *path, struct recordings *ret, struct err *err)
{
	bool is_stdin = streq(path, "-");
	const char *name = is_stdin ? "standard input" : path;
	auto_close int fd = -1;
	auto_sbuf text = SBUF_INIT;
	int status;

	*ret = (struct recordings)RECORDINGS_INIT;
	if (!is_stdin) {
		fd = io_open_named(path);
		if (fd == -EINVAL)
			return err_set(err, EINVAL,
				       "%.*s: not a regular file; '-' reads standard input",
				       PATH_SHOWN, path);
		if (fd < 0)
			return err_set_errno(err, -fd, "%.*s", PATH_SHOWN, path);
	}
	status = io_read_fd(is_stdin ? STDIN_FILENO : fd, RECORDING_FILE_MAX_BYTES, &text);
	if (status == -EFBIG)
		return err_set(err, EINVAL, "%.*s: larger than %d MiB", PATH_SHOWN, name,
			       RECORDING_FILE_MAX_BYTES >> 20);
	if (status < 0)
		return err_set_errno(err, -status, "%.*s", PATH_SHOWN, name);
	return recording_parse(name, sbuf_str(&text), text.len, ret, err);
}
