/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which language runtimes a process hosts, and their versions, told from the files it maps.
 */
#ifndef MODEL_RULE_RUNTIME_H
#define MODEL_RULE_RUNTIME_H

#include "model/snapshot/snapshot.h"
#include "proc/procfs.h"

/*
 * Fills s->runtimes from s->files (paths, is_program). Small files beside a runtime may be read
 * for its version, through the target's root (dirfd is the process directory). Each runtime once.
 */
void runtime_detect(struct snapshot *s, const struct procfs *fs, int dirfd);

/* True if the process hosts the runtime of that name. */
bool runtime_present(const struct snapshot *s, const char *name);

/* The directory of the mapped JVM (above lib/), into out (reset first); false if there is none. */
bool runtime_java_home(const struct snapshot *s, struct sbuf *out);

#endif
