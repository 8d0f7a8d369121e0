/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the language runtimes in a process, and their versions, from the files that it maps. */
#ifndef MODEL_RULE_RUNTIME_H
#define MODEL_RULE_RUNTIME_H

#include "model/snapshot/snapshot.h"
#include "proc/procfs.h"

/*
 * Fills s->runtimes from s->files (paths, is_program), each runtime once. May read small files
 * beside a runtime for its version, through the target's root (dirfd is the process directory).
 */
void runtime_detect(struct snapshot *s, const struct procfs *fs, int dirfd);

/* Returns whether the process has the runtime of that name. */
bool runtime_present(const struct snapshot *s, const char *name);

/*
 * Writes the directory of the mapped JVM (above lib/) to out (reset first). Returns false if there
 * is no JVM.
 */
bool runtime_java_home(const struct snapshot *s, struct sbuf *out);

#endif
