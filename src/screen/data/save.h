/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes snapshots of processes, exported files and the settings, by jobs.
 */
#ifndef SCREEN_DATA_SAVE_H
#define SCREEN_DATA_SAVE_H

#include "base/sbuf.h"
#include "present/report.h"
#include "screen/env.h"

struct saver;

struct saver *saver_new(const struct screen_env *env);
void saver_free(struct saver *k);

/*
 * Starts to write a snapshot of a process. Returns 0, -ENOENT without a snapshot directory, or
 * -EBUSY while a write is running.
 */
int saver_snapshot(struct saver *k, pid_t pid, uint64_t start_ticks);
/* Starts to write or replace a file. Takes ownership of the bytes. Returns 0 or -EBUSY. */
int saver_file(struct saver *k, const char *path, struct sbuf *bytes);

/*
 * Starts to write STATE_NAME in env->state_dir. Takes ownership of the bytes. Returns 0, -ENOENT if
 * that is NULL, or -EBUSY.
 */
int saver_state(struct saver *k, struct sbuf *bytes);

/*
 * Takes the result of one finished write as a message, not yet escaped. Returns false if no write
 * has finished.
 */
bool saver_poll(struct saver *k, struct sbuf *text, enum tone *ret_tone);

#endif
