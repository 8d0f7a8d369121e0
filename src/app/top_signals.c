/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/top_signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

static const int waited[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH, SIGUSR1 };

/* Returns whether a signal that nobody waits for would end the program, leaving the terminal raw. */
static bool is_deadly(int signal)
{
	static const int harmless[] = { SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU,
					SIGCHLD, SIGCONT, SIGURG,  SIGWINCH };

	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++) {
		if (signal == harmless[i])
			return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(waited); i++) {
		if (signal == waited[i])
			return false;
	}
	/* The C library keeps some signals to itself. */
	return signal < SIGSYS + 1 || signal >= SIGRTMIN;
}

/* Static, because a signal handler has no argument. */
static const struct term_rescue *volatile terminal;

static void restore_terminal(void)
{
	const struct term_rescue *r = terminal;

	terminal = NULL;
	if (!r)
		return;
	if (write(r->fd, r->bytes, r->n) < 0) {
		/* The terminal is gone. */
	}
	(void)tcsetattr(r->fd, TCSANOW, &r->modes);
}

/*
 * Restores the terminal. The handler was reset before the call, so raising the signal again has its
 * default effect.
 */
static void on_deadly_signal(int signal)
{
	restore_terminal();
	(void)raise(signal);
}

int top_signals_open(struct err *err)
{
	sigset_t mask;
	int fd;

	(void)sigemptyset(&mask);
	for (size_t i = 0; i < ARRAY_SIZE(waited); i++)
		(void)sigaddset(&mask, waited[i]);
	fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return err_set_errno(err, errno, "signals");
	(void)sigprocmask(SIG_BLOCK, &mask, NULL);
	return fd;
}

int top_signals_next(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}

void top_signals_rescue(const struct term_rescue *rescue)
{
	struct sigaction action = { .sa_handler = rescue ? on_deadly_signal : SIG_DFL,
				    .sa_flags = (int)(SA_RESETHAND | SA_NODEFER) };

	if (rescue && !terminal)
		(void)at_quick_exit(restore_terminal);
	terminal = rescue;
	for (int signal = 1; signal <= SIGRTMAX; signal++) {
		if (is_deadly(signal))
			(void)sigaction(signal, &action, NULL);
	}
}

void top_signals_stop(void)
{
	(void)kill(getpid(), SIGSTOP);
}

void top_signals_die(int signal)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t mask;

	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, signal);
	(void)sigaction(signal, &action, NULL);
	(void)raise(signal);
	(void)sigprocmask(SIG_UNBLOCK, &mask, NULL);
}
