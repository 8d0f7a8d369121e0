#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One process on the full screen, in a real terminal: every tab of a real one, with its own keys."""

import os
import re

import live
from terminal import Terminal

# Creates more of its objects on request.
TARGET = """
import os, sys
class Ledger: pass
kept = [bytes(1000) for i in range(20000)]
print('ready', os.getpid(), flush=True)
while sys.stdin.readline():
    kept += [Ledger() for i in range(50000)]
    print('more', flush=True)
"""


def top(pid):
    env = {"XDG_STATE_HOME": os.path.join(live.scratch(), "state"), "MEMSPECT_CONFIG": "",
           "NO_COLOR": None}
    return Terminal(live.MEMSPECT, "--top", "-d", "0.5", str(pid), width=110, height=40, env=env)


def target():
    return live.Target([live.PYTHON, "-c", TARGET])


def rss_of(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Rss: +(\d+)", file.read(), re.M)[1]) / 1024


def is_open(t, pid):
    t.shows("COMMAND")
    t.wait(lambda: str(pid) in t.cursor_line())
    t.press("Enter")
    return t.shows("Where RSS is")


def test_tabs(tap):
    with target() as process, top(process.pid) as t:
        tap.ok(is_open(t, process.pid), "Enter shows the balance sheet", t.text())
        tap.ok(t.wait(lambda: f"({process.pid})" in t.lines()[0]), "the first line says whose",
               t.lines()[0])

        def shown():
            found = re.search(r"RSS ([\d.]+) MiB", t.lines()[0])
            return float(found[1]) if found else 0
        t.wait(shown)
        tap.near(shown(), rss_of(process.pid), 0.1, "and its RSS is the kernel's")
        for key, want in (("2", "every mapping"), ("3", "folded by file"), ("4", "VERDICT"),
                          ("5", "Limits  "), ("6", "Enter reads what memory holds"),
                          ("1", "Where RSS is")):
            t.press(key)
            tap.ok(t.shows(want), f"key {key}", t.text())
        for want in ("every mapping", "folded by file", "VERDICT"):
            t.press("Tab")
            tap.ok(t.shows(want), "Tab: the next one", t.text())
        t.press("Left")
        tap.ok(t.shows("folded by file"), "Left: the one before", t.text())
        t.press("Esc")
        tap.ok(t.shows("COMMAND"), "Esc: back to the list", t.text())
        t.press("q")
        tap.equal(t.end(), 0, "q ends it")


def test_mappings(tap):
    with target() as process, top(process.pid) as t:
        is_open(t, process.pid)
        t.press("2")
        tap.ok(t.shows("[heap]"), "mappings are listed", t.text())
        for want in ("folded by file", "folded by owner", "folded by extension package",
                     "folded by permission", "every mapping"):
            t.press("f")
            tap.ok(t.shows(want), f"f: {want}", t.text())
        t.press("\\", "heap", "Enter")
        tap.ok(t.shows("filter: heap") and t.hides("libc.so.6"), "a filter", t.text())
        t.press("Enter")
        tap.ok(t.shows("EVIDENCE", "brk-heap"),
               "Enter: every counter, the rule and the evidence", t.text())
        t.press("Esc")
        tap.ok(t.shows("filter: heap"), "Esc: back", t.text())
        t.press("Esc")
        tap.ok(t.hides("filter: heap"), "Esc: no filter", t.text())
        t.press("/", "libc.so", "Enter")
        tap.ok(t.wait(lambda: "libc.so" in t.cursor_line()), "a search", t.text())
        t.press(">")
        tap.ok(t.shows("sorted by"), "another order", t.text())


def test_memory(tap):
    with target() as process, top(process.pid) as t:
        is_open(t, process.pid)
        t.press("6", "Enter")
        tap.ok(t.shows("of live objects"), "Enter reads what memory holds", t.text())
        t.press("f")
        tap.ok(t.shows("every type") and t.wait(lambda: re.search(r"^bytes +\d+", t.text(), re.M)),
               "f: every type", t.text())
        t.press("f", "b")
        t.shows("base ")
        process.send(b"\n")
        process.process.stdout.readline()
        t.press("d")
        more = r"__main__\.Ledger .*\+50000 "
        tap.ok(t.wait(lambda: re.search(more, t.text())), "what has been made since the base",
               t.text())
        t.press("1")
        tap.ok(t.shows("Where RSS changed"), "and what that is on the balance sheet", t.text())
        t.press("B")
        tap.ok(t.shows("Where RSS is"), "B: no base", t.text())


def test_its_end(tap):
    with target() as process, top(process.pid) as t:
        is_open(t, process.pid)
        process.process.kill()
        process.process.wait()
        tap.ok(t.wait(lambda: "has ended" in t.text() or "no such process" in t.text()),
               "its end is said", t.text())
        tap.ok(t.shows("Where RSS is"), "and what was last seen of it stays", t.text())


live.run(test_tabs, test_mappings, test_memory, test_its_end)
