# SPDX-License-Identifier: GPL-2.0-or-later
"""With --freeze all counts are exact, and the process always continues afterwards."""

import contextlib
import os
import signal
import subprocess

import live

COUNT = 50000
STARTS = 20
OURS = f"MEMSPECT_LIVE_FREEZE={os.getpid()}"

# Three threads replace objects one by one: there are never less than there were, and at most one
# more for each of them.
REPLACE = f"""
import os, random, threading, time
class Point:
    def __init__(self, x): self.x = x
kept = [Point(i) for i in range({COUNT})]
def replace():
    while True: kept[random.randrange({COUNT})] = Point(1.5)
for _ in range(3): threading.Thread(target=replace, daemon=True).start()
print('ready', os.getpid(), flush=True)
time.sleep(600)
"""

# Takes long to read.
LARGE = """
import os, time
kept = [[i] for i in range(1500000)]
print('ready', os.getpid(), flush=True)
while True: time.sleep(0.01)
"""


def deep_of(*args, **popen):
    process, = live.report("--deep", "--freeze", *args, **popen)["processes"]
    return process["deep"]


def state_of(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rpartition(b")")[2].split()[0].decode()


def is_held(pid):
    return state_of(pid) == "T"


def guards():
    """The guards of the runs that start() started."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/comm", "rb") as comm, \
                open(f"/proc/{pid}/environ", "rb") as environ:
            if comm.read() == b"memspect-guard\n" and OURS.encode() in environ.read().split(b"\0"):
                found.append(int(pid))
    return found


def start(pid, until):
    """A memspect that is reading when until() is true; None if it was too fast each time."""
    variable, _, value = OURS.partition("=")
    for _ in range(STARTS):
        run = subprocess.Popen([live.MEMSPECT, "--deep", "--freeze", "-j", str(pid)],
                               env={**os.environ, variable: value},
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if live.becomes(lambda: until() or run.poll() is not None) and until():
            return run
        run.communicate()
    return None


def python(code):
    return live.Target([live.PYTHON, "-c", code])


def test_objects(tap):
    with python(REPLACE) as target:
        counts = set()
        for _ in range(5):
            deep = deep_of(target.pid)
            types = {row["type"]: row["count"] for row in deep["runtimes"][0]["types"]}
            counts.add(types["__main__.Point"])
        tap.ok(min(counts) >= COUNT and max(counts) <= COUNT + 3, "objects: exact", counts)
        tap.ok(deep["frozen_ms"] > 0, "objects: the time is reported")
        tap.ok(live.becomes(lambda: not is_held(target.pid)), "objects: it continues")


def test_blocks(tap):
    source = os.path.join(live.TARGETS, "target_replace.cc")
    path = os.path.join(live.scratch(), "target_replace")
    program = live.build(["g++", "-std=gnu++17", "-O1", "-pthread", "-o", path, source], path)
    with live.Target([program, str(COUNT), "3"]) as target:
        counts = set()
        for _ in range(10):
            classes = {}
            for allocator in deep_of(target.pid)["allocators"]:
                classes.update({row["class"]: row["blocks"] for row in allocator["classes"]})
            counts.add(classes["Replaced"])
    tap.ok(min(counts) >= 3 * COUNT - 3 and max(counts) <= 3 * COUNT, "blocks: exact", counts)


def test_killed(tap):
    """Ways to end memspect, or its guard."""
    with python(LARGE) as target:
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            run = start(target.pid, lambda: is_held(target.pid))
            if not tap.ok(run, f"{number.name}: while it reads"):
                continue
            run.send_signal(number)
            run.communicate()
            tap.ok(live.becomes(lambda: not is_held(target.pid)), f"{number.name}: it continues",
                   state_of(target.pid))
            tap.ok(live.becomes(lambda: not guards()), f"{number.name}: no guard is left", guards())
        run = start(target.pid, lambda: is_held(target.pid) and guards())
        for pid in guards():
            os.kill(pid, signal.SIGKILL)
        out, _ = run.communicate()
        tap.equal((run.returncode, bool(out)), (0, True), "the guard killed: there is a report")
        tap.ok(live.becomes(lambda: not is_held(target.pid)), "the guard killed: it continues")


def test_stopped(tap):
    with python(REPLACE) as target:
        live.stop_and_wait(target.pid)
        deep = deep_of(target.pid)
        tap.equal((deep["frozen_ms"], state_of(target.pid)), (0, "T"), "stopped: stays so")
        os.kill(target.pid, signal.SIGCONT)


def test_traced(tap):
    with python(REPLACE) as target:
        tracer = subprocess.Popen([live.need("strace"), "-qq", "-e", "none", "-p",
                                   str(target.pid)], stderr=subprocess.DEVNULL)
        try:
            with open(f"/proc/{target.pid}/status", encoding="utf-8") as file:
                def is_traced():
                    file.seek(0)
                    return "TracerPid:\t0\n" not in file.read()
                if not live.becomes(lambda: is_traced() or tracer.poll() is not None) or \
                        tracer.poll() is not None:
                    raise live.Skip("strace cannot attach")
            status, out, err = live.memspect("--deep", "--freeze", target.pid)
        finally:
            tracer.terminate()
            tracer.wait()
    tap.equal(status, 4, "traced: status 4")
    tap.ok(b"a debugger traces it" in err, "traced: is said", err)
    tap.ok(b"RSS" in out, "traced: there is a report without it")


def group_directory():
    """The directory to make groups of version 2 in; skips if they cannot be made, or lack a
    freezer."""
    live.need_root()
    for top in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        if os.path.exists(f"{top}/cgroup.controllers"):
            path = f"{top}/memspect-live-{os.getpid()}"
            try:
                os.mkdir(path)
            except OSError as error:
                raise live.Skip(f"cannot make a control group: {error}") from error
            if os.path.exists(f"{path}/cgroup.freeze"):
                return path
            os.rmdir(path)
    raise live.Skip("no control groups of version 2 with a freezer")


def join(group, pid):
    with open(f"{group}/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(pid))


def was_stopped(pid):
    """Whether its parent noticed that it stopped and continued."""
    return os.waitid(os.P_PID, pid, os.WCONTINUED | os.WSTOPPED | os.WNOHANG) is not None


def test_group(tap):
    group = group_directory()
    try:
        with python(REPLACE) as target, python(REPLACE) as other:
            join(group, target.pid)
            deep = deep_of(target.pid)
            tap.ok(deep["frozen_ms"] > 0, "group: frozen")
            tap.ok(not was_stopped(target.pid), "group: and its parent does not notice")
            with open(f"{group}/cgroup.freeze", encoding="ascii") as file:
                tap.equal(file.read(), "0\n", "group: thawed")
            join(group, other.pid)
            deep_of(target.pid)
            tap.ok(was_stopped(target.pid), "group: of more than one, only it is stopped")
        with python(LARGE) as target:
            join(group, target.pid)

            def is_frozen():
                with open(f"{group}/cgroup.freeze", encoding="ascii") as file:
                    return file.read() == "1\n"
            run = start(target.pid, is_frozen)
            if tap.ok(run, "group: while it reads"):
                run.kill()
                run.communicate()
            tap.ok(live.becomes(lambda: not is_frozen()), "group: thawed though killed")
    finally:
        live.becomes(lambda: not open(f"{group}/cgroup.procs", encoding="ascii").read())
        os.rmdir(group)


def test_selection(tap):
    with python(REPLACE) as one, python(REPLACE) as other:
        processes = live.report("--deep", "--freeze", one.pid, other.pid)["processes"]
        tap.ok(all(process["deep"]["frozen_ms"] > 0 for process in processes), "two: both frozen")
        tap.ok(live.becomes(lambda: not is_held(one.pid) and not is_held(other.pid)), "two: both continue")


live.run(test_objects, test_blocks, test_killed, test_stopped, test_traced, test_group,
         test_selection)
