#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Snapshots of a watch of real processes, under bad luck and bad will; tests/store.py does it to
the directory alone. What counts is what is left for those who come later: another watch, --diff."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import zlib

import live
import watching

KILLS = 100
KEEP = 3
SNAPSHOT = re.compile(r"memory_snapshot_(\d{8}_\d{6})(?:_(\d+))?\.yaml")
HISTORY = "history.bin"
IN_NAMESPACE = "--in-namespace"


def new_directory(name):
    path = os.path.join(live.scratch(), name)
    shutil.rmtree(path, ignore_errors=True)
    return path


def snapshots(directory):
    """Paths, the oldest first."""
    found = filter(None, map(SNAPSHOT.fullmatch, os.listdir(directory)))
    names = sorted((match[1], int(match[2] or 1), match[0]) for match in found)
    return [os.path.join(directory, name) for _, _, name in names]


def broken(path):
    """The error of a file with the name of a snapshot; None: no error."""
    with open(path, "rb") as file:
        data = file.read()
    body, _, last = data.rstrip(b"\n").rpartition(b"\n")
    if not data.startswith(b"# memspect snapshot 1\n"):
        return f"{path}: no header"
    if last != b"# crc32: %08x" % zlib.crc32(body + b"\n"):
        return f"{path}: ends with {last}"
    return None


def load_error(old, new):
    """The error of --diff for two snapshots; None: it loads them."""
    status, out, err = live.memspect("-j", "--diff", old, new)
    if status or len(json.loads(out)["pairs"]) != 1:
        return err.decode()
    return None


def watch(directory, pid, *args, **popen):
    return watching.Watch(f"--snapshot={directory}", pid, *args, **popen)


def is_event(kind):
    return lambda record: record["kind"] == "event" and record["event"]["id"] == kind


def storm(directory, pid, seconds):
    """A watch that takes snapshots all the time and is killed after a while."""
    with watch(directory, pid, "--watch=0.05", f"--keep={KEEP}") as process:
        process.until(is_event("start"))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            process.process.send_signal(signal.SIGUSR1)
            time.sleep(0.002)
        process.process.kill()
        process.process.wait()


def samples_of(record):
    return record["processes"][0]["growth"]["samples"]


def resumed(directory, pid):
    """Whether a short watch continues an earlier one, by its message and its samples."""
    with watch(directory, pid, "--watch=0.05", "-n", 2) as process:
        got = process.end()
    if got != (0, ""):
        raise RuntimeError(f"the watch ended with {got}")
    notices = [event["text"] for event in process.events("notice")]
    return (any(text.endswith("from an earlier watch") for text in notices),
            samples_of(process.summary) > process.summary["watch"]["ticks"])


def leftovers(directory):
    return [name for name in os.listdir(directory) if name.endswith(".tmp")]


def test_kill(tap):
    directory = new_directory("storm")
    left, wrong, seen = 0, [], set()
    with live.Target([live.compile_c("target_mem"), "anonymous=1M"]) as target:
        kills = 0
        while kills < KILLS or (not left and kills < 10 * KILLS):
            kills += 1
            storm(directory, target.pid, random.uniform(0, 0.1))
            visible = snapshots(directory)
            fresh = [path for path in visible if path not in seen]
            wrong += filter(None, map(broken, visible))
            wrong += filter(None, (load_error(path, visible[0]) for path in fresh))
            seen.update(fresh)
            left += bool(leftovers(directory))
        tap.equal(wrong, [], "kill -9: all that is visible is whole, time after time")
        tap.ok(left and len(seen) > KEEP, "kill -9: some were killed while they wrote",
               (left, len(seen)))
        tap.note(f"{len(seen)} snapshots were loaded; {left} of {kills} left one half written")
        tap.equal(resumed(directory, target.pid), (True, True), "kill -9: then a watch goes on")
        tap.equal(leftovers(directory), [], "kill -9: and nothing half written is left")
        tap.ok(len(snapshots(directory)) >= KEEP, "kill -9: but every snapshot within --keep is there")
    with live.Target([live.compile_c("target_mem"), "anonymous=1M"]) as target:
        tap.equal(resumed(directory, target.pid), (False, False),
                  "kill -9: not with the series of a different process")


def test_exec(tap):
    """PID, start and name stay; and where a program is fixed, so do its addresses."""
    for flags in (), ("-no-pie",):
        name = " ".join(("exec", *flags))
        directory = new_directory("exec")
        with live.Target([live.compile_c("target_again", *flags)]) as target:
            before = [resumed(directory, target.pid) for _ in range(2)]
            target.send(b"x")
            target.process.stdout.readline()
            tap.equal(before, [(False, False), (True, True)], f"{name}: until then it goes on")
            tap.equal(resumed(directory, target.pid), (False, False),
                      f"{name}: then the series begins anew")


def test_damaged_history(tap):
    directory = new_directory("damaged")
    with live.Target([live.compile_c("target_mem"), "anonymous=1M"]) as target:
        resumed(directory, target.pid)
        path = os.path.join(directory, HISTORY)
        for name, damage in {"cut": lambda data: data[:-1], "changed": lambda data: b"x" + data[1:],
                             "empty": lambda data: b""}.items():
            with open(path, "rb") as file:
                data = file.read()
            with open(path, "wb") as file:
                file.write(damage(data))
            status, process, err = watching.watch(f"--snapshot={directory}", "--watch=0.05", "-n",
                                                  2, target.pid)
            tap.ok(status == 0 and err.startswith(f"memspect: {HISTORY}: ") and
                   err.endswith(": the series start again\n") and err.count("\n") == 1,
                   f"history, {name}: one line says so", (status, err))
            tap.equal(samples_of(process.summary), 2, f"history, {name}: and it begins anew")
        os.unlink(path)
        os.symlink("/etc/passwd", path)
        status, _, err = watching.watch(f"--snapshot={directory}", "--watch=0.05", "-n", 2,
                                        target.pid)
        tap.ok(status == 0 and err.startswith(f"memspect: {HISTORY}: ") and err.count("\n") == 1,
               "history, a planted link: one line says so", (status, err))
        tap.ok(os.path.isfile(path) and not os.path.islink(path),
               "history, a planted link: a file takes its place")


def test_two_watches(tap):
    directory = new_directory("two")
    with live.Target([live.compile_c("target_mem"), "anonymous=1M"]) as target:
        with watch(directory, target.pid, "--watch=0.05") as first:
            first.until_sample(2)
            got = live.memspect("--watch=0.05", f"--snapshot={directory}", target.pid)
            tap.equal(got, (5, b"", f"memspect: {directory}: in use by another watch, process "
                                    f"{first.pid}\n".encode()),
                      "two watches: the second is told who has the directory")
            first.process.send_signal(signal.SIGUSR1)
            first.until(lambda record: len(first.events("snapshot")) == 2)
            tap.equal(first.stop(signal.SIGTERM), (0, ""), "two watches: the first goes on")
        tap.equal(resumed(directory, target.pid), (True, True),
                  "two watches: another may when it has ended")


def test_keep(tap):
    """Snapshots of one second are ordered by number, not by name."""
    directory, taken = new_directory("keep"), 25
    with live.Target([live.compile_c("target_mem"), "anonymous=1M"]) as target:
        with watch(directory, target.pid, "--watch=60", "--keep=2") as process:
            for count in range(1, taken + 1):
                process.until(lambda record: len(process.events("snapshot")) >= count)
                process.process.send_signal(signal.SIGUSR1)
            process.until(lambda record: len(process.events("snapshot")) > taken)
            status, err = process.stop(signal.SIGTERM)
        newest = [event["text"] for event in process.events("snapshot")[-2:]]
        tap.equal((status, err), (0, ""), "keep: no error")
        tap.equal(snapshots(directory), newest, "keep: the two newest are left")
        tap.equal(sorted({os.stat(path).st_mode & 0o777 for path in newest}), [0o600],
                  "keep: no one else can read them")
        tap.equal(os.stat(directory).st_mode & 0o777, 0o700, "keep: nor look into the directory")
        tap.equal(list(filter(None, map(broken, newest))), [], "keep: they are whole")
        check_yaml(tap, newest[-1], process.summary)


def check_yaml(tap, path, summary):
    """Other YAML parsers read the data of the report."""
    load = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))"
    done = subprocess.run([live.PYTHON, "-c", load, path], capture_output=True, text=True)
    if "No module named 'yaml'" in done.stderr:
        tap.skip("keep: YAML", "python3-yaml is not installed")
        return
    document = json.loads(done.stdout)
    process, shown = document["processes"][0], summary["processes"][0]
    tap.equal([document[key] for key in ("schema", "kind", "boot_id")],
              [summary["schema"], "report", summary["boot_id"]], "keep: YAML of this boot")
    tap.equal([process[key] for key in ("pid", "start_ticks", "comm", "exe", "cmdline")],
              [shown[key] for key in ("pid", "start_ticks", "comm", "exe", "cmdline")],
              "keep: YAML of this process")
    tap.equal(sum(region.get("rss_bytes", 0) for region in process["regions"]),
              process["totals"]["rss_bytes"], "keep: YAML with all its mappings")


def test_planted(tap):
    directory, link = new_directory("planted"), new_directory("link")
    os.mkdir(directory, 0o700)
    os.symlink(directory, link)
    with live.Target([live.compile_c("target_mem"), "anonymous=1M"]) as target:
        for path, why in ((link, "a symbolic link; name the directory itself"),
                          ("/dev/null", "Not a directory")):
            tap.equal(live.memspect("--watch=0.05", "-n1", f"--snapshot={path}", target.pid),
                      (5, b"", f"memspect: {path}: {why}\n".encode()), f"{path}: is refused")
    tap.equal(os.listdir(directory), [], "a planted link: nothing was written where it leads")


def test_fifo(tap):
    """No file that the watch opens before it starts may block it."""
    path = new_directory("fifo")
    os.mkfifo(path)
    status, out, err = live.memspect(f"--config={path}", os.getpid())
    tap.ok(status == 2 and not out and
           err.startswith(f"memspect: {path}: ".encode()) and err.count(b"\n") == 1,
           "a FIFO as configuration: one line says so", (status, err))
    os.unlink(path)
    directory = new_directory("fifos")
    os.mkdir(directory, 0o700)
    os.mkfifo(os.path.join(directory, HISTORY), 0o600)
    with live.Target([live.compile_c("target_mem"), "anonymous=1M"]) as target:
        status, _, err = watching.watch(f"--snapshot={directory}", "--watch=0.05", "-n", 2,
                                        target.pid)
    tap.ok(status == 0 and err.startswith(f"memspect: {HISTORY}: ") and err.count("\n") == 1,
           "a FIFO as history: one line says so", (status, err))
    status, out, err = live.memspect("--snapshot=/proc/nosuch", "--watch=1", os.getpid())
    tap.ok(status == 5 and not out and err == b"memspect: /proc/nosuch: No such file or directory\n",
           "a directory that cannot be made: output fails, no process is missing", (status, err))


def check_full(tap, directory):
    """A file system of 64 KiB, with room for one snapshot."""
    with live.Target(["/bin/sh", "-c", "echo ready $$; exec sleep 1000"]) as target:
        with watch(directory, target.pid, "--watch=0.05", "--keep=1") as process:
            process.until(is_event("snapshot"))
            kept = {path: os.stat(path).st_mtime_ns for path in snapshots(directory)}
            process.process.send_signal(signal.SIGUSR1)
            lost = process.until(lambda record: is_event("notice")(record) and
                                 "lost" in record["event"]["text"])
            tap.ok("(1 in all)" in lost["event"]["text"] and
                   "No space left on device" in lost["event"]["text"], "full: says what was lost",
                   lost["event"])
            ticks = len(process.samples)
            process.until_sample(ticks + 3)
            tap.equal({path: os.stat(path).st_mtime_ns for path in snapshots(directory)}, kept,
                      "full: earlier snapshots stay")
            tap.equal([broken(path) for path in kept], [None], "full: and is whole")
            tap.equal(leftovers(directory), [], "full: nothing half written is left")
            for path in kept:
                os.unlink(path)
            process.process.send_signal(signal.SIGUSR1)
            process.until(lambda record: len(process.events("snapshot")) == 2)
            tap.equal([broken(path) for path in snapshots(directory)], [None],
                      "full: when there is room again, the next one is written")
            status, err = process.stop(signal.SIGTERM)
            tap.equal((status, err), (5, ""), "full: the exit status tells in the end")
            tap.equal(process.summary["kind"], "summary", "full: after the summary")


def test_full(tap):
    """In a private mount; skipped if that is denied."""
    directory = new_directory("full")
    os.mkdir(directory, 0o700)
    script = ('mount -t tmpfs -o size=64k,mode=0700 none "$1" && echo mounted && '
              'exec "$2" "$3" "$4" "$1"')
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-r", "-m"]
    done = subprocess.run([*unshare, "sh", "-c", script, "sh", directory, sys.executable,
                           os.path.abspath(__file__), IN_NAMESPACE], capture_output=True, text=True)
    if not done.stdout.startswith("mounted"):
        raise live.Skip(f"no mount of our own: {done.stderr.strip().splitlines()[-1:]}")
    if "1.." not in done.stdout:
        raise RuntimeError(done.stderr)
    tap.relay(done.stdout)


if len(sys.argv) == 3 and sys.argv[1] == IN_NAMESPACE:
    INNER = live.Tap()
    check_full(INNER, sys.argv[2])
    INNER.finish()
live.run(test_kill, test_exec, test_damaged_history, test_two_watches, test_keep, test_planted,
         test_fifo, test_full)
