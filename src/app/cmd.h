/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The modes of the program: each does its work and returns the exit status.
 */
#ifndef APP_CMD_H
#define APP_CMD_H

#include "app/context.h"

enum status cmd_columns(const struct context *ctx); /* -O help */
enum status cmd_diff(const struct context *ctx);
enum status cmd_show(const struct context *ctx);
enum status cmd_list(const struct context *ctx);
enum status cmd_watch(const struct context *ctx);
enum status cmd_judge(const struct context *ctx);
enum status cmd_top(const struct context *ctx);

#endif
