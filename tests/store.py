#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A directory of snapshots under bad luck and bad will: kills, two writers, no room, planted links.

Each snapshot that store_writer adds says in its second line what has to follow.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from live import Tap, wait_until

WRITER = os.path.join(os.environ.get("builddir", "."), "tests", "store_writer")
SNAPSHOT = re.compile(r"memory_snapshot_\d{8}_\d{6}(_\d+)?\.yaml")
LEFTOVER = re.compile(r"\.memspect-[0-9a-f]{16}\.tmp")
WALL = 1767323045  # 2026-01-02 03:04:05 UTC
NAME = "memory_snapshot_20260102_030405"
KILLS = 100
IN_NAMESPACE = "--in-namespace"


def command(directory, rounds, lines, keep=0):
    return [WRITER, directory, str(WALL), str(rounds), str(lines), str(keep)]


def write(directory, rounds=1, lines=10, keep=0):
    """(status, lines printed, the error)"""
    run = subprocess.run(command(directory, rounds, lines, keep), capture_output=True, text=True,
                         check=False)
    return run.returncode, run.stdout.split()[1:], run.stderr.strip()


def is_whole(directory, name):
    with open(os.path.join(directory, name), encoding="ascii") as f:
        text = f.read()
    header, numbers, rest = text.split("\n", 2)
    seed, lines = numbers.split()
    return (header == "# memspect snapshot 1" and
            rest == "".join(f"{seed} {i}\n" for i in range(int(lines))))


def broken(directory):
    """Files with the name of a snapshot that are not complete."""
    return [name for name in os.listdir(directory)
            if (SNAPSHOT.fullmatch(name) or name == "state") and not is_whole(directory, name)]


def leftovers(directory):
    return [name for name in os.listdir(directory) if LEFTOVER.fullmatch(name)]


def kill_one(directory):
    """Starts a writer that never ends, and kills it while it writes. False: it did not start to
    write."""
    with subprocess.Popen(command(directory, 10 ** 9, 4000, 5), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as writer:
        ready = writer.stdout.readline() == b"ready\n"
        time.sleep(random.uniform(0, 0.02))
        writer.kill()
        writer.communicate()
    return ready


def test_kill(tap, directory):
    kills = started = left = 0
    bad = []
    while kills < KILLS or (not left and kills < 10 * KILLS):
        kills += 1
        started += kill_one(directory)
        left += bool(leftovers(directory))
        bad += broken(directory)
    tap.equal(started, kills, "kill -9: the next writer takes over the lock of each")
    tap.equal(bad, [], "kill -9: all that is visible is whole, time after time")
    tap.ok(left > 0, "kill -9: some were killed while they wrote")
    status, _, error = write(directory, keep=5)
    tap.equal((status, error), (0, ""), "kill -9: then a last one writes")
    tap.equal(leftovers(directory), [], "kill -9: and nothing half written is left")
    tap.equal(sum(bool(SNAPSHOT.fullmatch(name)) for name in os.listdir(directory)), 5,
              "kill -9: as many snapshots as are kept")


def test_two_writers(tap, directory):
    writers = [subprocess.Popen(command(directory, 100, 500), stdout=subprocess.PIPE, text=True)
               for _ in range(2)]
    printed = [writer.communicate()[0].split()[1:] for writer in writers]
    tap.equal([writer.returncode for writer in writers], [0, 0],
              "two writers: both write 100 snapshots of one second")
    names = printed[0] + printed[1]
    want = {NAME + (f"_{i}.yaml" if i > 1 else ".yaml") for i in range(1, 201)}
    tap.equal((len(names), set(names)), (200, want), "two writers: no name is given twice")
    tap.equal(sorted(os.listdir(directory)), sorted(want | {"state"}),
              "two writers: these are the files")
    tap.equal(broken(directory), [], "two writers: and each is whole")


def test_two_watches(tap, directory):
    with subprocess.Popen(command(directory, 10 ** 9, 10, 5), stdout=subprocess.PIPE) as first:
        first.stdout.readline()
        got = write(directory, keep=5)
        tap.equal(got, (1, [], f"{directory}: in use by another watch, process {first.pid}"),
                  "two watches: the second is told who has the directory")
        first.kill()
    tap.equal(write(directory, keep=5)[0], 0, "two watches: until the first has died")


def test_planted(tap, directory):
    victim = os.path.join(directory, "victim")
    inner = os.path.join(directory, "snapshots")
    os.mkdir(inner, 0o700)
    with open(victim, "w", encoding="ascii") as f:
        f.write("victim")
    for name in (NAME + ".yaml", "state"):
        os.symlink(victim, os.path.join(inner, name))
    os.symlink(victim, os.path.join(inner, ".memspect-0123456789abcdef.tmp"))
    status, names, error = write(inner, keep=1)
    tap.equal((status, names, error), (0, [NAME + "_2.yaml"], ""),
              "planted links: a snapshot is added beside them")
    with open(victim, encoding="ascii") as f:
        tap.equal(f.read(), "victim", "planted links: what they lead to stays as it was")
    tap.ok(is_whole(inner, "state") and not os.path.islink(os.path.join(inner, "state")),
           "planted links: a state file takes the place of one")
    tap.equal(sorted(name for name in os.listdir(inner)
                     if os.path.islink(os.path.join(inner, name))),
              [".memspect-0123456789abcdef.tmp", NAME + ".yaml"],
              "planted links: the others are left alone")
    link = os.path.join(directory, "link")
    os.symlink(inner, link)
    tap.equal(write(link), (1, [], link + ": a symbolic link; name the directory itself"),
              "planted links: one as the directory is refused")


def test_unsafe(tap, directory):
    names = ("unsafe: a directory of another user", "unsafe: root in a directory for all",
             "unsafe: not if it is sticky")
    if os.geteuid() != 0:
        for name in names:
            tap.skip(name, "not root")
        return
    os.chown(directory, 65534, -1)
    tap.equal(write(directory), (1, [], directory + ": unsafe: belongs to user 65534"), names[0])
    os.chown(directory, 0, -1)
    os.chmod(directory, 0o777)
    tap.equal(write(directory),
              (1, [], directory + ": unsafe: users other than root may write to it"), names[1])
    os.chmod(directory, 0o1777)
    tap.equal(write(directory)[0], 0, names[2])


def test_removed(tap, directory):
    inner = os.path.join(directory, "snapshots")
    with subprocess.Popen(command(inner, 10 ** 9, 10), stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as writer:
        moved = inner + "-moved"
        wait_until(lambda: os.path.exists(os.path.join(inner, "state")), "a writer has begun")
        os.rename(inner, moved)
        newest = sorted(os.listdir(moved))
        wait_until(lambda: sorted(os.listdir(moved)) != newest, "the writer goes on")
        tap.ok(not os.path.exists(inner) and writer.poll() is None,
               "removed: a directory that was moved is still the same one")
        writer.send_signal(signal.SIGSTOP)  # or it would add a file while the others go
        os.waitid(os.P_PID, writer.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        shutil.rmtree(moved)
        writer.send_signal(signal.SIGCONT)
        error = writer.communicate()[1].strip()
    tap.equal((writer.returncode, error), (1, inner + ": the directory was removed"),
              "removed: one that is gone is an error that says so")


def fill_tmpfs(directory):
    """Small snapshots, then a large one: (names and sizes before, status, error, after)."""
    write(directory, rounds=3, lines=100)
    before = {name: os.path.getsize(os.path.join(directory, name))
              for name in os.listdir(directory)}
    status, _, error = write(directory, lines=100000)
    after = {name: os.path.getsize(os.path.join(directory, name))
             for name in os.listdir(directory)}
    return before, status, error, after


def in_namespace(what, directory):
    """The part of test_mounts that runs with private mounts; prints TAP."""
    tap = Tap()
    if what == "full":
        before, status, error, after = fill_tmpfs(directory)
        tap.equal((status, error), (1, directory + ": No space left on device"),
                  "full: an error that says so")
        tap.ok(len(before) == 4 and after == before, "full: nothing was added or changed", after)
        tap.equal(broken(directory), [], "full: what was there is whole")
        tap.equal(write(directory)[0], 0, "full: a small one still fits")
    else:
        tap.equal(write(directory)[2].rsplit(": ", 1)[-1], "Read-only file system",
                  "read-only: an error that says so")
    tap.finish()


def run_in_namespace(tap, what, mount, directory):
    """Runs in_namespace below a private mount; skipped if that is denied."""
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-r", "-m"]
    run = subprocess.run(
        [*unshare, "sh", "-c", f'mount {mount} "$1" && exec "$2" "$3" {IN_NAMESPACE} {what} "$1"',
         "sh", directory, sys.executable, os.path.abspath(__file__)],
        capture_output=True, text=True, check=False)
    if "1.." not in run.stdout:
        tap.skip(what, "no mount of our own: " + (run.stderr.strip().split("\n") or [""])[-1])
        return
    for line in run.stdout.splitlines():
        good = re.match(r"(not )?ok \d+ - (.*)", line)
        if good:
            tap.ok(not good[1], good[2])
        elif line.startswith("#"):
            print(line)


def test_full(tap, directory):
    run_in_namespace(tap, "full", "-t tmpfs -o size=64k,mode=0700 none", directory)


def test_read_only(tap, directory):
    run_in_namespace(tap, "read-only", "-t tmpfs -o ro,mode=0700 none", directory)


def main():
    if len(sys.argv) == 4 and sys.argv[1] == IN_NAMESPACE:
        in_namespace(sys.argv[2], sys.argv[3])
    tap = Tap()
    for test in (test_kill, test_two_writers, test_two_watches, test_planted, test_unsafe,
                 test_removed, test_full, test_read_only):
        with tempfile.TemporaryDirectory() as directory:
            test(tap, directory)
    tap.finish()


if __name__ == "__main__":
    main()
