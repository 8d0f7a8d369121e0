/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user wants kept: snapshots of processes and exported files, written by jobs.
 */
#ifndef SCREEN_DATA_SAVE_H
#define SCREEN_DATA_SAVE_H

#include "base/sbuf.h"
#include "present/report.h"
#include "screen/env.h"

struct saver;

struct saver *saver_new(const struct screen_env *env);
void saver_free(struct saver *k);

/* Captures a process into the store. 0, -ENOENT if there is no place for it, -EBUSY. */
int saver_snapshot(struct saver *k, pid_t pid, uint64_t start_ticks);
/* Writes a file, in place of what is there. The bytes are taken over. 0 or -EBUSY. */
int saver_file(struct saver *k, const char *path, struct sbuf *bytes);

/* Writes the file of env->state_dir. The bytes are taken over. 0, -ENOENT if there is none, -EBUSY. */
int saver_state(struct saver *k, struct sbuf *bytes);

/* Says what became of one of them, for as long as there are such: any bytes, and a tone. */
bool saver_poll(struct saver *k, struct sbuf *text, enum tone *ret_tone);

#endif
