# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by tests of --watch: the programs of samples/, and a watch that runs beside the test."""

import json
import os
import re
import select
import shlex
import subprocess
import time

import live

CLASS_PATH = "classes"
MAPPINGS_AGE = "smaps_age_seconds"
READINGS = 6


def compile_sample(name, alone=""):
    """A program in C or Go of samples/; returns its path. With a suffix for `alone` it is a file of
    its own that needs no library: nothing that others start or end changes its PSS and USS."""
    source = os.path.join(live.SAMPLES, name)
    path = os.path.join(live.scratch(), name.removesuffix(".c").removesuffix(".go") + alone)
    if name.endswith(".go"):
        env = dict(os.environ, CGO_ENABLED="0", GO111MODULE="off", GOFLAGS="",
                   GOTOOLCHAIN="local", GOCACHE=os.path.join(live.scratch(), "go-cache"))
        return live.build(["go", "build", "-o", path, source], path, env=env)
    compiler = shlex.split(os.environ.get("CC", "cc"))
    static = ["-static"] if alone else []
    return live.build([*compiler, "-O1", "-pthread", *static, "-o", path, source], path)


def compile_extension():
    """samples/_leakext.c for the Python that runs the samples; returns its directory."""
    directory = os.path.join(live.scratch(), "extension")
    os.makedirs(directory, exist_ok=True)
    where = "import sysconfig; print(sysconfig.get_path('include'))"
    include = subprocess.check_output([live.PYTHON, "-c", where], text=True).strip()
    path = os.path.join(directory, "_leakext.so")
    compiler = shlex.split(os.environ.get("CC", "cc"))
    live.build([*compiler, "-O1", "-shared", "-fPIC", f"-I{include}", "-o", path,
                os.path.join(live.SAMPLES, "_leakext.c")], path)
    return directory


def compile_class(name):
    """Returns the class path."""
    directory = os.path.join(live.scratch(), CLASS_PATH)
    live.build(["javac", "-d", directory, os.path.join(live.SAMPLES, name)],
               os.path.join(directory, name.replace(".java", ".class")))
    return directory


class Sample(live.Target):
    """A program of samples/, built first: Sample("leak_malloc.c", 5, 60)."""

    def __init__(self, name, *args, alone=False):
        env = {}
        source = os.path.join(live.SAMPLES, name)
        if name.endswith((".c", ".go")):
            argv = [compile_sample(name, "-" + "-".join(map(str, args)) if alone else "")]
        elif name.endswith(".java"):
            argv = [live.need("java"), "-XX:+UseSerialGC", "-Xmx64m", "-cp", compile_class(name),
                    name.removesuffix(".java")]
        else:
            argv = [live.PYTHON if name.endswith(".py") else live.need("node"), source]
        if name == "leak_extension.py":
            env["PYTHONPATH"] = compile_extension()
        super().__init__([*argv, *map(str, args)], env=env)
        self.name = name
        self.told = []  # (seconds, bytes held), as it says

    def wait(self, seconds):
        """Waits until it has run for this long, by its own output."""
        while not self.told or self.told[-1][0] < seconds:
            line = self.process.stdout.readline()
            if not line:
                raise EOFError(f"{self.name} ended after {self.told[-1:]}")
            self._note(line)

    def _note(self, output):
        self.told += [(float(seconds), int(held)) for seconds, held in
                      re.findall(rb"^([\d.]+) s: (\d+) bytes$", output, re.M)]

    def rate(self):
        """Ends it. Returns its growth in bytes a second, by its own output."""
        self.process.terminate()
        self._note(self.process.stdout.read())
        first, last = self.told[0], self.told[-1]
        return (last[1] - first[1]) / (last[0] - first[0])


class Watch:
    """A running memspect, for use in `with`: .records has the records so far."""

    def __init__(self, *args, form="-j", **popen):
        words = [live.MEMSPECT, *([form] if form else []), *map(str, args)]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, **popen)
        self.pid = self.process.pid
        self.is_json = form == "-j"
        self.records = []
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def _read(self, deadline):
        """Adds the records that arrive; returns False at the end."""
        left = max(deadline - time.monotonic(), 0)
        if not select.select([self.process.stdout], [], [], left)[0]:
            raise TimeoutError(f"nothing more after {len(self.records)} records")
        chunk = os.read(self.process.stdout.fileno(), 1 << 20)
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        self.records += [json.loads(line) if self.is_json else line.decode() for line in lines]
        return bool(chunk)

    def until(self, is_it, seconds=live.PATIENCE_SECONDS):
        """Waits for a record of which this is true, and returns it."""
        deadline = time.monotonic() + seconds
        seen = 0
        while True:
            for record in self.records[seen:]:
                if is_it(record):
                    return record
            seen = len(self.records)
            if not self._read(deadline):
                raise EOFError(f"it ended after {self.records[-1:]}")

    def until_it_grows(self, pid, least=READINGS):
        """Waits for a sample of which a process grows, and whose mappings were read so often that
        their parts can be judged: a busy machine reads them seldom."""
        return self.until(lambda record: record["kind"] == "sample" and process_of(record, pid) and
                          grows(process_of(record, pid)) and
                          len(readings(self.samples, MAPPINGS_AGE, pid)) >= least)

    def until_sample(self, number, seconds=live.PATIENCE_SECONDS):
        """Waits for this many samples; returns the last one."""
        count = iter(range(1, number))
        return self.until(lambda record: record["kind"] == "sample" and
                          next(count, None) is None, seconds)

    def end(self, seconds=live.PATIENCE_SECONDS):
        """Waits for its end. Returns (exit status, stderr)."""
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        err = self.process.stderr.read().decode()
        return self.process.wait(max(deadline - time.monotonic(), 1)), err

    def stop(self, signal):
        self.process.send_signal(signal)
        return self.end()

    def events(self, kind=None):
        events = [record["event"] for record in self.records if record["kind"] == "event"]
        return [event for event in events if kind in (None, event["id"])]

    @property
    def samples(self):
        return [record for record in self.records if record["kind"] == "sample"]

    @property
    def summary(self):
        """The last record, which must be a summary."""
        last = self.records[-1]
        if last["kind"] != "summary":
            raise LookupError(f"the last record is a {last['kind']}")
        return last


def process_of(record, pid):
    for process in record["processes"]:
        if process["pid"] == pid:
            return process
    return None


def grows(process):
    """If a busy machine stopped it for a while, it grows in steps."""
    return process["growth"]["verdict"].startswith("growing")


def age(record, key, pid=None):
    """How old what was read of a process, or the first one, is at a sample, in seconds; None if it
    was not read."""
    process = process_of(record, pid) if pid else record["processes"][0]
    return process["growth"]["sampled"][key] if process else None


def readings(samples, key, pid=None):
    """The samples before which something was read again: its age grows until then."""
    found, before = [], None
    for sample in samples:
        now = age(sample, key, pid)
        if now is not None and (before is None or now <= before):
            found.append(sample)
        before = now
    return found


def watch(*args, **popen):
    """A watch that has ended: (exit status, its Watch, its stderr)."""
    with Watch(*args, **popen) as process:
        status, err = process.end()
    return status, process, err
