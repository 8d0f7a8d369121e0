#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The full screen in a real terminal: every key, every way it ends, and what it shows of processes
that grow and that have hostile names."""

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import time

import live
from terminal import KEYS, Terminal

NAME = f"memspect-top-{os.getpid()}"

# Renames itself, gives itself a command line, grows if asked to.
TARGET = """
import ctypes, os, sys, time
ctypes.CDLL(None).prctl(15, bytes.fromhex(sys.argv[2]), 0, 0, 0)
kept = [bytearray(4 << 20)]
print('ready', os.getpid(), flush=True)
while True:
    time.sleep(0.05)
    if sys.argv[3] == 'grow':
        kept.append(b'x' * (1 << 16))
        if len(kept) > 4000: time.sleep(600)
"""


def target(comm=NAME.encode(), mode="rest", word=NAME):
    return live.Target([live.PYTHON, "-c", TARGET, word, comm[:15].hex(), mode])


def top(*args, state=None, **kwargs):
    """A terminal with --top; state: the directory of saved things."""
    env = {"XDG_STATE_HOME": state or os.path.join(live.scratch(), "state"),
           "MEMSPECT_CONFIG": "", "NO_COLOR": None, **kwargs.pop("env", {})}
    return Terminal(live.MEMSPECT, "--top", *args, env=env, **kwargs)


@contextlib.contextmanager
def quiet_processes(count=40):
    """A parent and children that do nothing, so that a list of them stays as it is: their pids."""
    script = f"for i in $(seq {count}); do sleep 600 & done; echo ready $$; wait"
    with live.Target(["sh", "-c", script, NAME], stdin=subprocess.DEVNULL) as shell:
        with open(f"/proc/{shell.pid}/task/{shell.pid}/children", encoding="ascii") as file:
            pids = file.read().split()
        yield [str(shell.pid), *pids]
        for pid in pids:
            os.kill(int(pid), signal.SIGKILL)


def has_footer(t):
    return t.wait(lambda: "? help" in t.lines()[-1])


def is_up(t):
    """Whether the whole list is on the screen."""
    return t.shows("COMMAND", "available") and has_footer(t) and \
        t.wait(lambda: t.lines()[0].startswith("memspect"))


def find(t, text, pid):
    """Searches until the cursor is on the process: command lines are read after the first tick."""
    def found():
        t.press("/", text, "Enter")
        return t.wait(lambda: str(pid) in t.cursor_line(), 0.5)
    return t.wait(found)


def run_without(env, **kwargs):
    done = subprocess.run([live.MEMSPECT, "--top"], capture_output=True, text=True,
                          env={**os.environ, **env}, check=False, **kwargs)
    return done.returncode, done.stdout, done.stderr


def test_where_it_cannot_be(tap):
    status, out, err = run_without({"TERM": "xterm"}, stdin=subprocess.DEVNULL)
    tap.equal((status, out, err), (2, "", "memspect: standard input is not a terminal\n"),
              "no terminal: status 2 and a line")
    for term, said in (("", "TERM is not set"), ("dumb", "has no full screen"),
                       ("no-such-terminal", "has no full screen")):
        with top(env={"TERM": term}) as t:
            status = t.end()
            lines = t.lines()
            tap.ok(status == 2 and said in lines[0] and not any(lines[1:]),
                   f"TERM={term}: status 2 and a line", t.text())
    done = subprocess.run([live.MEMSPECT, "--top", "2000000000"], capture_output=True, text=True,
                          check=False)
    tap.equal((done.returncode, done.stderr),
              (3, "memspect: process 2000000000: no such process\n"), "a process that is not there")
    for args in (["--watch=1"], ["--freeze", "--deep"], ["--diff"], ["-j"], ["-o", "x"],
                 ["--judge=x"], ["-t"]):
        done = subprocess.run([live.MEMSPECT, "--top", *args], capture_output=True, text=True,
                              check=False)
        tap.ok(done.returncode == 2 and len(done.stderr.splitlines()) == 2,
               f"not with {args[0]}", done.stderr)


def test_the_screen(tap):
    with target() as process, top() as t:
        tap.ok(t.shows("COMMAND", "available"), "it shows headings and the system", t.text())
        tap.ok(is_up(t), "its first line has its name, its last one keys", t.text())
        tap.ok(find(t, NAME, process.pid), "search finds a process", t.text())
        with open(f"/proc/{process.pid}/statm", "rb") as file:
            rss = int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
        shown = re.search(r"([\d.]+) MiB", t.cursor_line())
        tap.ok(shown and abs(float(shown[1]) - rss) < 0.06, "its RSS is that of statm",
               f"{t.cursor_line()}, want {rss}")
        t.press("q")
        tap.equal(t.end(), 0, "q ends it with status 0")
        tap.ok(t.is_sane(), "and leaves the terminal as it was", t.raw[-100:])


# What each key of the help is to do: keys to press first, and what the screen then shows or the
# line of the cursor has. Those with None are tested on their own.
def key_checks(t):
    def row():
        return t.cursor_row() or 0
    first = row()
    line = t.cursor_line
    yield "Down", [], lambda: row() == first + 1
    yield "Up", [], lambda: row() == first
    yield "j", [], lambda: row() == first + 1
    yield "k", [], lambda: row() == first
    yield "PgDn", [], lambda: row() > first + 1
    yield "PgUp", [], lambda: row() == first
    yield "G", [], lambda: row() > first + 1
    yield "g", [], lambda: row() == first
    yield "End", [], lambda: row() > first + 1
    yield "Home", [], lambda: row() == first
    for key in ("?", "h", "F1"):
        yield key, [], lambda: "memspect help" in t.text()
        yield "Esc", [], lambda: "memspect help" not in t.text()
    for key in (">", ".", "F6", "<", ","):
        yield key, [], lambda: "sorted by" in t.lines()[-1]
    for key, title in (("M", "RSS"), ("P", "PSS"), ("N", "PID"), ("T", "GROW/h")):
        yield key, [], lambda title=title: re.search(title + "[▾▴]", t.text())
    yield "X", ["C"], lambda: "Columns of the list" in t.text()
    yield "Esc", [], lambda: "Columns of the list" not in t.text()
    yield "F2", [], lambda: "Columns of the list" in t.text()
    yield "Backspace", [], lambda: "Columns of the list" not in t.text()
    yield "I", ["M"], lambda: "RSS▴" in t.text()
    yield "I", [], lambda: "RSS▾" in t.text()
    for key in ("t", "F5"):
        yield key, [], lambda: t.lines()[-1].startswith("tree")
        yield key, [], lambda: t.lines()[-1] == "no tree"
    yield "K", [], lambda: "with kernel threads" in t.text()
    yield "K", [], lambda: "without kernel threads" in t.text()
    yield "v", [], lambda: "only growing processes" in t.text()
    yield "v", [], lambda: "all processes" in t.text()
    yield "g", ["N"], lambda: row() == first
    yield "Space", [], lambda: "1 tagged" in t.text()
    yield "U", [], lambda: "tagged" not in t.text()
    for unit in ("KiB", "MiB", "GiB", "by size"):
        yield "e", [], lambda unit=unit: f"units: {unit}" in t.text()
    for key in ("p", "Z"):
        yield key, [], lambda: "PAUSED" in t.text()
        yield key, [], lambda: "PAUSED" not in t.text()
    for key in ("/", "F3"):
        yield key, [], lambda: t.lines()[-1].startswith("Search:")
        yield "Esc", [], lambda: "? help" in t.text()
    for key in ("\\", "F4"):
        yield key, [], lambda: t.lines()[-1].startswith("Filter:")
        yield "Esc", [], lambda: "? help" in t.text()
    yield "u", [], lambda: t.lines()[-1].startswith("User")
    yield "Esc", [], lambda: "? help" in t.text()
    for key in ("s", "d"):
        yield key, [], lambda: t.lines()[-1].startswith("Seconds")
        yield "Esc", [], lambda: "? help" in t.text()
    yield "b", [], lambda: "base" in t.lines()[0]
    yield "B", [], lambda: "base" not in t.lines()[0]
    yield "n", [], lambda: "no text to search for" in t.text()
    for key in ("x", "F8"):
        yield key, [], lambda: t.lines()[-1].startswith("Export to")
        yield "Esc", [], lambda: "? help" in t.text()


def test_every_key(tap):
    with quiet_processes() as pids, top("--sort=pid", *pids) as t:
        is_up(t)
        t.wait(lambda: t.cursor_row() == 3)
        pressed = set()
        for key, before, holds in key_checks(t):
            t.press(*before)
            t.press(key)
            pressed.update([key, *before])
            tap.ok(t.wait(holds), f"key {key}", t.text())
        t.press("?")
        t.shows("memspect help")
        t.screen.reset()
        t.resize(80, 150)
        t.press("Ctrl-L")
        t.shows("memspect help")
        t.wait(lambda: "Esc back" in t.lines()[-1])
        named = set()
        for text in t.lines():
            if re.match(r" \S.{20}\S", text):
                named.update(text[1:22].split())
        elsewhere = {"Enter", "Left", "Right", "Tab", "-", "+", "=", "r", "F9", "Ctrl-L", "S",
                     "F7", "W", "q", "F10"}
        tap.equal(sorted(named - pressed - elsewhere), [], "all keys of the help are tested")
        t.press("F10")
        tap.equal(t.end(), 0, "key F10 ends it")


def test_readings(tap):
    """Keys that control reading."""
    with target() as process, top("-d", "600") as t:
        is_up(t)
        clock = t.lines()[0]
        for key in ("r", "F9"):
            live.wait_until(lambda: time.strftime("%H:%M:%S", time.gmtime()) not in clock,
                            "another second")
            t.press(key)
            tap.ok(t.wait(lambda: t.lines()[0] != clock), f"key {key} reads now", t.text())
            clock = t.lines()[0]
        t.press("s", "Ctrl-U", "0.2", "Enter")
        tap.ok(t.shows("every 0.2 s"), "the delay is changed", t.text())
        tap.ok(t.wait(lambda: t.lines()[0] != clock), "and then it continues", t.text())
        t.press("s", "Ctrl-U", "never", "Enter")
        tap.ok(t.shows("not a time"), "an invalid time is refused", t.text())
        t.press("p")
        t.shows("PAUSED")
        t.press("/")
        t.wait(lambda: t.lines()[-1].startswith("Search:"))
        t.press("Esc")
        has_footer(t)  # which is painted last
        before = t.text()
        t.pump(0.5)  # two intervals and more
        tap.equal(t.text(), before, "paused, nothing changes")
        painted = len(t.raw)
        t.press("Ctrl-L")
        tap.ok(t.wait(lambda: len(t.raw) > painted and t.text() == before),
               "painted anew it is the same", t.text())
        t.press("p", "t", "\\", NAME, "Enter")
        tap.ok(t.wait(lambda: str(process.pid) in t.cursor_line()), "a filter shows what matches",
               t.text())
        process.stop()
        tap.ok(t.shows("no process"), "a process that ends is gone", t.text())


def test_tree(tap):
    with quiet_processes(2) as pids, top("-d", "0.3", *pids, width=160) as t:
        is_up(t)
        t.press("t")
        find(t, NAME, pids[0])

        def children():
            """The number of rows below their parent, which has the cursor; None while it is
            painted."""
            row = t.cursor_row()
            below = t.lines()[row + 1:][:2] if row else []
            return sum("sleep 600" in line and "─" in line for line in below) if row else None
        tap.ok(t.wait(lambda: children() == 2), "children stand below", t.text())
        for fold, unfold in (("-", "+"), ("Left", "Right"), ("-", "=")):
            t.press(fold)
            tap.ok(t.wait(lambda: children() == 0), f"key {fold} folds", t.text())
            t.press(unfold)
            tap.ok(t.wait(lambda: children() == 2), f"key {unfold} unfolds", t.text())


def test_the_mouse(tap):
    with quiet_processes() as pids, top("--sort=pid", *pids) as t:
        is_up(t)
        t.wait(lambda: t.cursor_row() == 3)
        t.press("\x1b[<0;10;8M", "\x1b[<0;10;8m")
        tap.ok(t.wait(lambda: t.cursor_row() == 7), "a click moves the cursor", t.text())
        t.press("\x1b[<65;10;8M")
        tap.ok(t.wait(lambda: t.cursor_row() not in (7, None)), "the wheel, too", t.text())
        t.shows("RSS")
        column = t.lines()[2].index("RSS") + 1
        t.press(f"\x1b[<0;{column};3M", f"\x1b[<0;{column};3m")
        tap.ok(t.wait(lambda: "RSS▾" in t.text()), "a click on a heading sorts by it", t.text())


def test_what_is_kept(tap):
    directory = os.path.join(live.scratch(), "kept")
    os.makedirs(directory)
    path = os.path.join(directory, "shown.json")
    config = os.path.join(directory, "config.yaml")
    with open(config, "w", encoding="ascii") as file:
        file.write(f"snapshots:\n  directory: {directory}/snapshots\n")
    env = {"MEMSPECT_CONFIG": config}
    with target() as process, \
            top(state=directory, env=env, cwd=directory, width=160) as t:
        is_up(t)
        t.press("\\", NAME, "Enter")
        t.wait(lambda: str(process.pid) in t.cursor_line())
        t.press("x", "Ctrl-U", path, "Enter")
        tap.ok(t.shows("written:"), "x says where it wrote", t.text())
        with open(path, encoding="utf-8") as file:
            rows = json.load(file)["rows"]
        tap.ok(len(rows) == 1 and rows[0]["pid"] == process.pid, "the table that is shown is exported", rows)
        t.press("S")
        tap.ok(t.shows("snapshots/memory_"), "S says where the snapshot is", t.text())

        def taken():
            return [n for n in os.listdir(f"{directory}/snapshots") if n.startswith("memory_")]
        names = taken()
        done = subprocess.run([live.MEMSPECT, "--diff", f"{directory}/snapshots/{names[0]}",
                               str(process.pid)], capture_output=True, text=True, check=False)
        tap.equal(done.returncode, 0, "and a snapshot it is")
        t.press("F7")
        tap.ok(t.wait(lambda: len(taken()) == 2), "so says F7")
        os.kill(t.pid, signal.SIGUSR1)
        tap.ok(t.wait(lambda: len(taken()) == 3), "so does SIGUSR1")
        t.press("Esc", "C", "G", "Space", "Esc", "N", "s", "Ctrl-U", "0.5", "Enter", "t", "W")
        tap.ok(t.shows("saved:"), "W says where it saved", t.text())
    with top(state=directory) as t:
        is_up(t)
        tap.ok(t.shows("every 0.5 s", "PID▴"), "what was saved comes back", t.text())
    with top("-d", "3", "-O", "pid,rss,user,command", "--sort=user", state=directory) as t:
        is_up(t)
        tap.ok(t.shows("every 3 s", "USER▴") and t.wait(lambda: "PSS" not in t.lines()[2]),
               "unless the command line says otherwise", t.text())
    with open(os.path.join(directory, "memspect", "top.yaml"), "a", encoding="ascii") as file:
        file.write("nonsense\n")
    with top(state=directory) as t:
        tap.ok(t.shows("top.yaml:"), "a spoilt file is said to be so", t.text())


def is_stopped(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0] == b"T"


def test_suspend(tap):
    with top("-d", "0.3") as t:
        is_up(t)
        for attempt in ("once", "twice"):
            t.press("Ctrl-Z")
            tap.ok(t.wait(lambda: is_stopped(t.pid)), f"Ctrl-Z stops it {attempt}")
            tap.ok(t.wait(t.is_sane), "with the terminal as it was", t.raw[-100:])
            t.screen.reset()
            t.resize(100, 30)
            os.kill(t.pid, signal.SIGCONT)
            tap.ok(is_up(t), "and fg paints it, at its new size", t.text())
        t.press("q")
        tap.equal(t.end(), 0, "it can still be ended")


def test_signals(tap):
    for name in ("TERM", "HUP", "INT", "SEGV", "ABRT", "BUS", "QUIT", "USR2", "ALRM", "XCPU",
                 "PIPE", "RTMIN", "RTMAX"):
        number = getattr(signal, "SIG" + name)
        with top() as t:
            is_up(t)
            os.kill(t.pid, number)
            status = t.end()
            tap.equal(status, 0 if name == "INT" else -number, f"SIG{name}: how it ends")
            tap.ok(t.is_sane(), f"SIG{name}: the terminal is as it was", t.raw[-100:])
    with top() as t:
        is_up(t)
        t.press("Ctrl-C")
        tap.equal(t.end(), 0, "Ctrl-C ends it")


def test_no_memory(tap):
    with Terminal("sh", "-c", f"ulimit -v 200000; exec {live.MEMSPECT} --top") as t:
        is_up(t)
        subprocess.run(["prlimit", f"--pid={t.pid}", "--as=1"], check=True)
        for width in range(400, 800, 10):
            if t.ended:
                break
            t.resize(width, 200)
            t.press("?", "Esc")
        if not t.wait(lambda: t.ended, 20):
            raise live.Skip("it did with the memory it had")
        status = t.end()
        # The stack cannot grow either, so it may be a crash.
        tap.ok(status in (5, -signal.SIGSEGV, -signal.SIGABRT), "out of memory: it ends", status)
        tap.ok(t.is_sane(), "out of memory: the terminal is as it was", t.raw[-100:])


def test_resize_storm(tap):
    chance = random.Random(5)
    with top("-d", "0.2") as t:
        is_up(t)
        for _ in range(150):
            t.resize(chance.randint(1, 220), chance.randint(1, 70))
            t.press(chance.choice(["j", "k", "G", "g", "t", "?", "Esc", ">", "C", "Esc"]))
        t.press("Esc", "Esc")
        t.resize(80, 24)
        t.screen.reset()
        t.press("Ctrl-L", "g")
        tap.ok(is_up(t), "after 150 sizes it is whole", t.text())
        tap.equal(len(t.lines()), 24, "and fits")
        t.resize(40, 8)
        t.screen.reset()
        t.press("Ctrl-L")
        tap.ok(t.wait(lambda: "RSS" in t.lines()[2] and "COMMAND" in t.lines()[2]),
               "at 40x8 RSS and the command stay", t.text())


def test_colors(tap):
    for env, has in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "xterm"}, True),
                     ({"TERM": "vt220"}, False), ({"TERM": "linux"}, True)):
        with target(mode="grow") as process, top("-d", "0.1", str(process.pid), env=env) as t:
            tap.ok(t.shows(" !"), f"{env}: what grows has its mark", t.text())
            has_footer(t)
            tap.equal(bool(t.colors()), has, f"{env}: colours")

            def is_bold():
                row = t.screen.buffer[t.cursor_row() or 3]
                return any(cell.bold for cell in row.values())
            tap.ok(t.wait(is_bold), f"{env}: and stands out without them", t.text())


def test_ascii(tap):
    for env, args in (({"LC_ALL": "C"}, []), ({}, ["--ascii"])):
        with target(word="né日") as process, top(*args, str(process.pid), env=env) as t:
            is_up(t)
            for key, shown in (("?", "memspect help"), ("Esc", "COMMAND"), ("t", "tree"),
                               ("C", "Columns of the list"), ("Esc", "COMMAND")):
                t.press(key)
                t.shows(shown)
            has_footer(t)
            rest = re.sub(rb"n\xc3\xa9\xe6\x97\xa5", b"", t.raw)
            tap.ok(all(byte < 0x80 for byte in rest), f"{env} {args}: nothing beyond ASCII")


HOSTILE = (b"\x1b[2J\x1b[31mred", b"a\nb\rc\x07", b"\xff\xfe\x9b31m", "日本\u202eabc".encode(),
           b"\x1b]0;title\x07", "e\u0301\u0302\u0303".encode(), b"\\x1b(0")


def test_hostile_names(tap):
    for name in HOSTILE:
        word = name.decode("utf-8", "surrogateescape")
        with target(comm=name, word=word) as process, \
                top("--no-cmdline", str(process.pid)) as by_name, \
                top(str(process.pid)) as by_command:
            for t in (by_name, by_command):
                def is_shown():
                    return str(process.pid) in t.text() and \
                        ("[" in t.cursor_line() or "python" in t.text())
                tap.ok(t.wait(is_shown), f"{name!r} is shown", t.text())
                tap.ok(is_up(t) and b"\x1b[2J\x1b[31m" not in t.raw and b"\x07" not in t.raw,
                       f"{name!r} leaves the screen whole", t.text())
                tap.ok(all(cell.fg != "red" for cell in t.screen.buffer[3].values()),
                       f"{name!r} has no colour of its own")


def test_churn(tap):
    """Processes come and go while keys are pressed."""
    script = "while :; do for i in 1 2 3 4 5 6 7 8; do sleep 0.05 & done; wait; done"
    chance = random.Random(7)
    keys = [*"jkgGtIMPNTXKve>< U", "PgDn", "PgUp", "Home", "End", "Ctrl-L", "r", "Down", "Up"]
    with live.Target(["sh", "-c", "echo ready $$; " + script], stdin=subprocess.DEVNULL,
                     start_new_session=True) as shell, top("-d", "0.1") as t:
        is_up(t)
        for _ in range(400):
            t.press(chance.choice(keys))
        t.press("Esc")
        tap.ok(is_up(t) and t.child.isalive(), "400 keys over processes that come and go", t.text())
        t.press("q")
        tap.equal(t.end(), 0, "and it ends as it should")
        os.killpg(shell.pid, signal.SIGKILL)


live.run(test_where_it_cannot_be, test_the_screen, test_every_key, test_readings, test_tree,
         test_the_mouse, test_what_is_kept, test_suspend, test_signals, test_no_memory,
         test_resize_storm, test_colors, test_ascii, test_hostile_names, test_churn)
