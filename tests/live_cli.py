# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line on real processes: permissions, exit statuses, terminals, hostile names."""

import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import unicodedata

import live

NOBODY = 65534
MISSING = live.MISSING_PID
SECRET = "--password=correct-horse"
SLEEP = ["/bin/sh", "-c", "echo ready $$; read word"]


@contextlib.contextmanager
def sleeper(*args, **popen):
    with live.Target([*SLEEP, *args], **popen) as target:
        yield target.pid


def unprivileged(*args):
    """Runs as live.memspect does, as a user without processes."""
    done = subprocess.run(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                           live.MEMSPECT, *map(str, args)], capture_output=True, check=False,
                          timeout=live.PATIENCE_SECONDS, cwd="/")
    return done.returncode, done.stdout, done.stderr


def need_unprivileged():
    live.need_root()
    live.need("setpriv")
    if unprivileged("--version")[0]:
        raise live.Skip("another user cannot run memspect from here")


def check_error(tap, got, status, message, name):
    tap.equal((got[0], got[2].decode()), (status, f"memspect: {message}\n"), name)


def test_missing(tap):
    gone = f"process {MISSING}: no such process"
    check_error(tap, live.memspect(MISSING), 3, gone, "3: no such process")
    with sleeper() as pid:
        got = live.memspect("-j", MISSING, pid)
        check_error(tap, got, 3, gone, "3: one of two is missing")
        tap.equal([process["pid"] for process in json.loads(got[1])["processes"]], [pid],
                  "the other is reported on")


def test_no_memory(tap):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    process, = live.report(child)["processes"]
    os.waitpid(child, 0)
    tap.equal((process["state"], process["unavailable"]["totals.pss_bytes"]),
              ("Z", "no address space"), "a zombie has no memory, and the reason is given")
    process, = live.report(live.need_kernel_thread())["processes"]
    tap.equal(process["totals"]["rss_bytes"], None, "0: a kernel thread, which has no RSS")
    tap.equal(process["unavailable"]["totals.rss_bytes"], "no address space", "and it says why")


def test_stopped(tap):
    with sleeper() as pid:
        os.kill(pid, signal.SIGSTOP)
        try:
            os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
            process, = live.report(pid)["processes"]
            tap.ok(process["state"] == "T" and process["totals"]["rss_bytes"] > 0,
                   "a stopped process is read, and stays stopped", process["state"])
        finally:
            os.kill(pid, signal.SIGCONT)


def test_denied(tap):
    need_unprivileged()
    with sleeper(SECRET) as pid:
        status, out, err = unprivileged("-j", pid)
        process, = json.loads(out)["processes"]
        totals, reasons = process["totals"], process["unavailable"]
        check_error(tap, (status, out, err), 4, f"process {pid}: smaps: permission denied",
                    "4: smaps is denied")
        for key in ("rss_bytes", "pss_bytes", "uss_bytes", "swap_bytes"):
            tap.equal((totals[key], reasons[f"totals.{key}"]), (None, "permission denied"),
                      f"{key} is null, not 0")
        tap.ok(totals["status_rss_bytes"] > 0, "RSS of status is open to everyone", totals)
        tap.equal((process["categories"], process["regions"], process["accounting"]), (None,) * 3,
                  "there is no balance sheet")
        rows = {row["id"]: row["bytes"] for row in process["outside_rss"]}
        tap.equal((rows["pipes"], rows["memfd_tmpfs"], rows["unix_sockets"]), (None,) * 3,
                  "what descriptors hold is null")
        tap.ok(rows["page_tables"] > 0, "page tables are known", rows)

        status, out, _ = unprivileged(pid)
        lines = out.decode().splitlines()
        tap.equal(status, 4, "4: in text too")
        tap.ok(any(re.match(r"PSS +n/a ", line) for line in lines), "PSS is n/a", lines)
        tap.ok(not any(re.match(r"(RSS|PSS|USS) +0 B", line) for line in lines), "nothing is 0 B",
               lines)
        tap.equal(unprivileged(pid, MISSING)[0], 4, "4 counts more than 3")
        tap.equal(unprivileged("--would-fit=1K", pid)[0], 4, "4: a limit cannot be judged")
        check_error(tap, unprivileged("--list", pid), 4,
                    f"process {pid}: smaps_rollup: permission denied", "4: in a list")


def test_denied_but_found(tap):
    need_unprivileged()
    with sleeper() as pid:
        status, out, err = unprivileged("-j", "-f", "-C", f"^{re.escape(SLEEP[0])}")
        tap.equal((status, err), (0, b""), "0: what was found may be denied")
        found = {process["pid"]: process for process in json.loads(out)["processes"]}
        tap.equal(found[pid]["totals"]["pss_bytes"], None, "and is null")
        status, out, err = unprivileged("-j")
        tap.equal((status, err), (0, b""), "0: so in the list")
        listed = {process["pid"]: process for process in json.loads(out)["processes"]}
        tap.equal((listed[pid]["totals"]["pss_bytes"],
                   listed[pid]["unavailable"]["totals.pss_bytes"]), (None, "permission denied"),
                  "where PSS is null with the reason")
        tap.ok(listed[pid]["totals"]["rss_bytes"] > 0, "and RSS is that of status")
        text = unprivileged()[1].decode()
        line, = (line for line in text.splitlines() if line.split()[:1] == [str(pid)])
        tap.ok("n/a" in line and " 0 B " not in line.split("n/a")[0], "text has n/a", line)
        tap.ok(re.search(r"\d+ not readable", text), "and counts them", text.splitlines()[-3:])


def test_own_process(tap):
    need_unprivileged()
    with sleeper(user=NOBODY, group=NOBODY, extra_groups=[]) as pid:
        status, out, _ = unprivileged("-j", pid)
        process, = json.loads(out)["processes"]
        tap.ok(status == 0 and process["totals"]["pss_bytes"] > 0,
               "one's own process needs no privilege", (status, process["unavailable"]))
        listed = live.report("--list", "-u", NOBODY, "-C", "^sh$")["processes"]
        tap.ok(pid in [process["pid"] for process in listed], "-u takes a number", listed)


def test_itself(tap):
    word = f"nobody-else-has-this-{os.getpid()}"
    check_error(tap, live.memspect("-f", "-C", word), 3,
                f"command line '{word}': no process matches", "it never finds itself")
    listed = live.report("--list", "-t", os.getpid())["processes"]
    pids = [process["pid"] for process in listed]
    tap.ok(os.getpid() in pids and len(pids) == len(set(pids)), "nor as a descendant", pids)


def test_secrets(tap):
    with sleeper(SECRET) as pid:
        for args in ([pid], ["-r", pid], ["-j", pid], ["--list", pid], ["-j", "--list", pid],
                     ["-f", "-C", "correct-horse"]):
            shown, hidden = live.memspect(*args), live.memspect("--no-cmdline", *args)
            words = " ".join(map(str, args[:-1] or ["PID"]))
            tap.ok(SECRET.encode() in shown[1], f"arguments are shown: {words}")
            tap.ok(hidden[0] == 0 and SECRET.encode() not in hidden[1] + hidden[2],
                   f"and hidden by --no-cmdline: {words}", hidden)
        listed = live.memspect("--no-cmdline", "--list", pid)[1].decode()
        tap.ok(listed.splitlines()[1].endswith("]"), "the list has its name instead", listed)


def on_terminal(*args, term="xterm", columns=80):
    """(exit status, output) of a run on a terminal."""
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        env = {key: value for key, value in os.environ.items()
               if key not in ("NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "COLUMNS")}
        os.execvpe(live.MEMSPECT, [live.MEMSPECT, *map(str, args)], {**env, "TERM": term})
    output = b""
    with contextlib.suppress(OSError):  # the end of a terminal is an error
        while chunk := os.read(fd, 65536):
            output += chunk
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), output.decode()


def width(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "FW"
               else 1 for c in line)


def test_terminal(tap):
    with sleeper() as pid:
        status, text = on_terminal(pid)
        tap.ok(status == 0 and "\033[" in text, "a terminal gets colour", (status, text[:200]))
        tap.ok("\033" not in on_terminal(pid, term="dumb")[1], "a dumb one does not")
        tap.ok("\033" not in on_terminal("--color=never", pid)[1], "nor with --color=never")
        for columns in (60, 80, 200):
            for args in ([pid], ["-r", pid], ["--list", pid]):
                status, text = on_terminal("--color=never", *args, columns=columns)
                most = max(map(width, text.splitlines()))
                limit = 100 if args == [pid] and columns > 100 else columns
                tap.ok(status == 0 and most <= limit,
                       f"{' '.join(map(str, args[:-1] or ['a report']))}: fits {columns} columns",
                       f"{most} columns")


def controls(text, allowed):
    return [c for c in text
            if c not in allowed and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]


def test_hostile_names(tap):
    with live.Target([live.compile_c("target_hostile")]) as target:
        for args in ([target.pid], ["-r", target.pid], ["-j", "-r", target.pid],
                     ["--ascii", "-r", target.pid], ["-r", "-O", "name,what", target.pid],
                     ["--list", "-O", "pid,comm"]):
            status, out, err = live.memspect(*args)
            name = " ".join(map(str, args)).replace(str(target.pid), "PID")
            text = out.decode()  # it has to be UTF-8
            raw = controls(text, "\n")
            tap.ok((status, err, raw) == (0, b"", []), f"hostile names are escaped: {name}",
                   (status, err, raw[:10]))
            tap.ok(") R 1" in text, f"and printed: {name}")
        status, text = on_terminal("--color=never", "-r", target.pid)
        tap.equal((status, controls(text, "\r\n")), (0, []), "a terminal gets them escaped, too")
        process, = live.report("-r", target.pid)["processes"]
        tap.equal(process["comm"], ') R 1\\x0a\\x1b[1m\\xff")', "JSON has the name by the rule")


def test_early_reader(tap):
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run([live.MEMSPECT, "-j"], stdout=write_end, stderr=subprocess.PIPE,
                          check=False, timeout=live.PATIENCE_SECONDS)
    os.close(write_end)
    tap.equal((done.returncode, done.stderr), (-signal.SIGPIPE, b""),
              "a reader that has left ends it by SIGPIPE")


def test_leaves_no_trace(tap):
    """Reading changes nothing: no page faults, signals or processor time of the process."""
    def times(pid):
        fields = live.stat_fields(f"/proc/{pid}")
        return {name: fields[i - 3] for name, i in
                {"minflt": 10, "majflt": 12, "utime": 14, "stime": 15}.items()}

    def inspect(target):
        for args in ([target.pid], ["-r", "-j", target.pid], ["--list", target.pid]):
            live.memspect(*args)
    before, after = live.before_and_after(lambda: live.Target(SLEEP), times, inspect)
    tap.equal(after, before, "a process does not notice that it is inspected")


live.run(test_missing, test_no_memory, test_stopped, test_denied, test_denied_but_found,
         test_own_process, test_itself, test_secrets, test_terminal, test_hostile_names,
         test_early_reader, test_leaves_no_trace)
