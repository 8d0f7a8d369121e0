# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract of --watch: what it prints and when, what starts a new series, how it ends."""

import glob
import json
import os
import re
import resource
import signal
import stat
import statistics
import subprocess
import time

import live
import watching
from servers import children
from watching import Sample, Watch, grows, process_of, watch

try:
    import jsonschema
except ImportError:
    jsonschema = None

MB = 1 << 20
NOBODY = 65534
MISSING = live.MISSING_PID
LEAK = (1, 300)  # MB a second; seconds, longer than any watch of it
LONG = 1000  # seconds: no test waits for a second tick
SLEEP = ["/bin/sh", "-c", "echo ready $$; read word"]
FARM = os.path.join(os.path.dirname(live.HERE), "bench", "farm.c")
UNPRIVILEGED = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def sleeper(**popen):
    return live.Target(SLEEP, **popen)


def validator():
    if not jsonschema:
        raise live.Skip("there is no module jsonschema")
    path = os.path.join(os.path.dirname(live.HERE), "schema", "memspect.report-1.schema.json")
    with open(path, encoding="utf-8") as file:
        return jsonschema.Draft202012Validator(json.load(file))


def complaints(records):
    check = validator()
    found = []
    for record in records:
        error = jsonschema.exceptions.best_match(check.iter_errors(record))
        if error:
            where = "/".join(map(str, error.absolute_path))
            found.append(f"{record['kind']} {record['seq']}: {where}: {error.message[:200]}")
    return found[:5]


def rates(process):
    return process["growth"]["verdict"], process["growth"]["rate_bytes_per_hour"]


def test_records(tap):
    """Lines of JSON: the start, the samples, the summary."""
    with Sample("leak_malloc.c", *LEAK) as sample:
        _, counted, _ = watch("--watch=0.2", "-n", 8, sample.pid)
        with Watch("--watch=0.2", sample.pid) as run:
            run.until_it_grows(sample.pid)
            status, err = run.stop(signal.SIGTERM)
    tap.equal([record["kind"] for record in counted.records if record["kind"] != "event"],
              ["sample"] * 8 + ["summary"], "records: as many samples as -n says, then the summary")
    kinds = [record["kind"] for record in run.records]
    tap.equal((status, err), (0, ""), "records: no error")
    tap.equal((kinds[0], kinds[-1]), ("event", "summary"), "records: the first and the last")
    tap.equal([record["seq"] for record in run.records], list(range(len(kinds))),
              "records: they are numbered")
    start = run.events()[0]
    tap.equal((start["id"], start["pid"], start["comm"]), ("start", sample.pid, "leak_malloc"),
              "records: the start says what is watched")
    tap.ok("0.2 s" in start["text"] and str(sample.pid) in start["text"],
           "records: and how often", start["text"])
    times = [record["tool"]["elapsed_ms"] for record in counted.samples]
    # A late one does not delay those behind it; most are not late even on a busy machine.
    steps = [later - earlier for earlier, later in zip(times, times[1:])]
    tap.near(statistics.median(steps), 200, 50, "records: the samples keep the interval")
    missed = counted.summary["watch"]["missed_ticks"]
    tap.ok(times[-1] - times[0] >= 200 * (7 + missed) - 200, "records: and none comes too early",
           (times, missed))
    process = process_of(watching.readings(run.samples, watching.MAPPINGS_AGE)[-1], sample.pid)
    tap.ok(process["totals"]["pss_bytes"] > 0 and process["categories"],
           "records: a sample has PSS and the categories", process)
    process = process_of(run.samples[-1], sample.pid)
    tap.ok(grows(process), "records: and the verdict", rates(process))
    tap.equal(rates(process_of(run.samples[0], sample.pid)), ("insufficient", None),
              "records: which the first does not have yet")
    tool = run.summary["tool"]
    tap.ok(tool["rss_bytes"] > 0 and tool["elapsed_ms"] > 0, "records: the cost is stated", tool)
    process = process_of(run.summary, sample.pid)
    tap.ok(process["cmdline"] and process["limits"] and process["growth"]["series"],
           "records: the summary is a full report")
    tap.equal(complaints(run.records), [], "records: each is valid")


def test_text(tap):
    """Lines for people: what is watched, a line for each tick, the summary with a chart."""
    line = re.compile(rf"^\d\d:\d\d:\d\d +\d+ +[\d.]+ MiB ")
    with Sample("leak_malloc.c", *LEAK) as sample, \
            Watch("--watch=0.2", sample.pid, form="--ascii") as run:
        run.until(lambda text: line.match(text) and re.search(r"GiB +growing", text))
        status, err = run.stop(signal.SIGTERM)
    tap.equal((status, err), (0, ""), "text: no error")
    tap.ok("leak_malloc" in run.records[0] and str(sample.pid) in run.records[0] and
           "0.2 s" in run.records[0], "text: the first line says what, and how often",
           run.records[0])
    lines = [text for text in run.records if line.match(text)]
    tap.equal({int(text.split()[1]) for text in lines}, {sample.pid}, "text: lines of the process")
    tap.ok(re.search(r"\+[\d.]+ [KM]iB +\+[\d.]+ GiB +growing", lines[-1]),
           "text: with the difference, the rate and the verdict", lines[-1])
    summary = "\n".join(run.records[run.records.index(lines[-1]) + 1:])
    for words in ("growing", r"95 %", r"heap", r"used [\d.]+ [KM]iB", f"{len(lines)} ticks"):
        tap.ok(re.search(words, summary), f"text: the summary has {words}", summary)
    tap.ok(summary.isascii(), "text: it can do without other characters", summary)


def first_line(*args):
    """The first line of a watch that is stopped at once, and the other lines."""
    with Watch(*args, form=None) as run:
        run.until(lambda line: line)
        status, err = run.stop(signal.SIGTERM)
    return status, run.records, err


def test_interval(tap):
    with sleeper() as target:
        for word, says in (("5m", r"5 min|5m|300 s"), ("300", r"5 min|5m|300 s"), ("0.5", r"0\.5 s"),
                           ("2h", r"120 min|2 h|2h")):
            status, lines, err = first_line(f"--watch={word}", target.pid)
            tap.equal((status, err), (0, ""), f"--watch={word}: no error")
            tap.ok(re.search(says, lines[0]) and str(target.pid) in lines[0],
                   f"--watch={word}: the first line says so", lines[0])
        for word in ("0", "-1", "abc", "5x", "", "nan", "1e999"):
            status, _, err = live.memspect(f"--watch={word}", target.pid)
            tap.ok(status == 2 and err.count(b"\n") <= 2, f"--watch={word}: is refused", err)
    status, _, err = live.memspect("-n", 3, os.getpid())
    tap.ok(status == 2 and b"--watch" in err, "-n alone: is refused", err)


def test_interval_or_pid(tap):
    """--watch=1234 when the user meant the process."""
    with sleeper() as target:
        status, lines, err = first_line(f"--watch={target.pid}")
        shown = "\n".join(lines[:3]) + err
        tap.equal(status, 0, "a PID as interval: no error")
        tap.ok(f"not as process {target.pid}" in shown,
               "a PID as interval: a notice says how it was read", shown)
        status, lines, err = first_line(f"--watch={target.pid}", target.pid)
        tap.ok("not as process" not in "\n".join(lines) + err,
               "a PID as interval: no notice where a PID was given", lines[:3])


def test_signals(tap):
    with sleeper() as target:
        for number in (signal.SIGINT, signal.SIGTERM):
            with Watch(f"--watch={LONG}", target.pid) as run:
                run.until_sample(1)
                status, err = run.stop(number)
            tap.equal((status, err, len(run.samples)), (0, "", 1), f"{number.name}: no error")
            tap.ok(run.summary, f"{number.name}: the summary does not wait for the next tick")
        with Watch(f"--watch={LONG}", "--max-rss=4K", target.pid) as run:
            run.until_sample(1)
            status, _ = run.stop(signal.SIGINT)
        tap.equal(status, 1, "SIGINT: a limit that was broken is told")


def test_exit(tap):
    with sleeper() as target:
        with Watch(f"--watch={LONG}", target.pid) as run:
            run.until_sample(1)
            target.send(b"\n")
            status, err = run.end()
    tap.equal((status, err), (0, ""), "exit: no error")
    tap.equal(len(run.samples), 1, "exit: ends the watch without another tick")
    event, = run.events("exit")
    tap.equal((event["pid"], event["comm"]), (target.pid, "sh"), "exit: is told")
    tap.equal(run.summary["kind"], "summary", "exit: the summary comes")
    tap.equal(complaints(run.records), [], "exit: the records are valid")
    with sleeper() as target:
        with Watch(f"--watch={LONG}", target.pid, form=None) as run:
            run.until(lambda line: re.match(rf"\d\d:\d\d:\d\d +{target.pid}", line))
            os.kill(target.pid, signal.SIGKILL)
            status, err = run.end()
    tap.equal((status, err), (0, ""), "killed: no error as text")
    tap.ok(any("ended" in line for line in run.records), "killed: is reported", run.records[:4])
    tap.ok(any(f"({target.pid})  has ended" in line for line in run.records),
           "killed: its report says so", run.records[4:])


def test_two(tap):
    """One of two processes ends: the other is still watched."""
    with sleeper() as target, Sample("leak_malloc.c", *LEAK) as sample:
        with Watch("--watch=0.2", target.pid, sample.pid) as run:
            run.until(lambda record: record["kind"] == "sample" and
                      process_of(record, target.pid)["growth"]["samples"] >= 3)
            target.send(b"\n")
            run.until(lambda record: run.events("exit"))
            run.until_it_grows(sample.pid)
            status, err = run.stop(signal.SIGTERM)
    tap.equal((status, err), (0, ""), "two: no error")
    tap.equal([process["pid"] for process in run.samples[0]["processes"]],
              [target.pid, sample.pid], "two: both are in a sample")
    tap.equal([event["pid"] for event in run.events("exit")], [target.pid], "two: one has ended")
    tap.equal([process["pid"] for process in run.samples[-1]["processes"]], [sample.pid],
              "two: the other is left")
    tap.ok(grows(process_of(run.summary, sample.pid)), "two: and judged", run.summary)
    ended = process_of(run.summary, target.pid)
    tap.ok(ended["totals"]["rss_bytes"] and ended["growth"]["samples"] >= 3,
           "two: the summary has what was seen of the first", ended["growth"])
    tap.equal(ended["growth"]["limit"]["id"], None, "two: which reaches no limit")
    tap.equal(run.summary["group"], None, "two: nor is it added to the other")
    tap.equal(complaints(run.records), [], "two: the records are valid")


def exec_test(name, script, comm):
    """exec starts a new series."""
    def test(tap):
        with live.Target(["/bin/sh", "-c", script]) as target:
            with Watch("--watch=0.1", target.pid) as run:
                run.until(lambda record: record["kind"] == "sample" and
                          process_of(record, target.pid)["growth"]["samples"] >= 10)
                target.send(b"\n")
                event = run.until(lambda record: record["kind"] == "event" and
                                  record["event"]["id"] == "exec")["event"]
                run.until_sample(len(run.samples) + 4)
                status, err = run.stop(signal.SIGINT)
        tap.equal((status, err), (0, ""), f"{name}: no error")
        tap.equal((event["pid"], event["comm"]), (target.pid, comm), f"{name}: is told")
        at = next(i for i, record in enumerate(run.records) if record.get("event") == event)
        before, after = ([process_of(record, target.pid)["growth"] for record in records
                          if record["kind"] == "sample"]
                         for records in (run.records[:at], run.records[at:]))
        tap.ok(after[1]["samples"] <= 2 and after[1]["verdict"] == "insufficient",
               f"{name}: the series begins anew", after[1])
        tap.ok(before[-1]["samples"] >= 10, f"{name}: which had been long", before[-1])
        tap.equal(len(run.events("exec")), 1, f"{name}: once")
        tap.equal(complaints(run.records), [], f"{name}: the records are valid")
    test.__name__ = name
    return test


def test_gap(tap):
    """A gap in the samples is not a jump, and the rate is that of the program."""
    with Sample("leak_malloc.c", *LEAK) as sample:
        with Watch("--watch=0.2", sample.pid) as run:
            run.until_it_grows(sample.pid)
            os.kill(run.pid, signal.SIGSTOP)
            time.sleep(2)
            os.kill(run.pid, signal.SIGCONT)
            run.until_sample(len(run.samples) + 12)
            status, err = run.stop(signal.SIGTERM)
        process = process_of(run.summary, sample.pid)
        rate = sample.rate()
    tap.equal((status, err), (0, ""), "gap: no error")
    told = [re.search(r"nothing was read for ([\d.]+) s", event["text"])
            for event in run.events("gap")]
    tap.ok(any(found and float(found[1]) >= 2 for found in told), "gap: is reported", run.events())
    tap.ok(run.summary["watch"]["missed_ticks"] >= 8, "gap: what was missed is counted",
           run.summary["watch"])
    tap.ok(process["growth"]["verdict"] == "growing", "gap: it grows, and not in a step",
           process["growth"]["verdict"])
    tap.near(process["growth"]["rate_bytes_per_hour"] / 3600, rate, 0.1 * rate, "gap: its rate")


def test_snapshot(tap):
    """SIGUSR1 takes a snapshot, in addition to those of the configured interval."""
    directory = os.path.join(live.scratch(), "snapshots")
    os.mkdir(directory, 0o700)
    with sleeper() as target:
        with Watch("--watch=0.2", f"--snapshot={directory}", target.pid) as run:
            run.until(lambda record: run.events("snapshot"))
            before = set(glob.glob(f"{directory}/memory_snapshot_*.yaml"))
            os.kill(run.pid, signal.SIGUSR1)
            run.until(lambda record: len(run.events("snapshot")) >= 2)
            run.until_sample(len(run.samples) + 2)
            taken = set(glob.glob(f"{directory}/memory_snapshot_*.yaml"))
            status, err = run.stop(signal.SIGINT)
    tap.equal((status, err), (0, ""), "snapshot: no error")
    new = sorted(taken - before)
    tap.equal(len(new), 1, "snapshot: SIGUSR1 takes one")
    for path in taken:
        tap.ok(re.fullmatch(r"memory_snapshot_\d{8}_\d{6}(_\d+)?\.yaml", os.path.basename(path)),
               "snapshot: its name", path)
        mode = os.stat(path).st_mode
        tap.ok(stat.S_ISREG(mode) and stat.S_IMODE(mode) == 0o600, "snapshot: its mode", oct(mode))
    with open(new[0], encoding="utf-8") as file:
        tap.ok(str(target.pid) in file.read(), "snapshot: has the process")
    tap.equal(complaints(run.records), [], "snapshot: the records are valid")


def test_usr1_alone(tap):
    with sleeper() as target:
        with Watch("--watch=0.2", target.pid) as run:
            run.until_sample(2)
            os.kill(run.pid, signal.SIGUSR1)
            run.until_sample(4)
            status, err = run.stop(signal.SIGINT)
    tap.equal((status, err), (0, ""), "SIGUSR1 without --snapshot: does no harm")


@live.alone
def test_all(tap):
    """Without a PID: growing processes are found among all, even if they grow slowly."""
    with Sample("leak_malloc.c", 1, 300) as fast, Sample("leak_malloc.c", 0.1, 300) as slow, \
            sleeper() as idle, Watch("--watch=0.5") as run:
        for sample in (fast, slow):
            run.until_it_grows(sample.pid)
        run.until_sample(24)
        status, err = run.stop(signal.SIGTERM)
        seen = [process["pid"] for process in run.samples[-1]["processes"]]
        tap.equal((status, err), (0, ""), "all: no error")
        tap.ok(fast.pid in seen and slow.pid in seen, "all: what grows is listed", seen)
        tap.ok(idle.pid not in seen, "all: what does not is not", seen)
        tap.equal(run.samples[0]["processes"], [], "all: nothing is listed at first")
        counts = run.samples[-1]["watch"]
        tap.ok(counts["processes"] >= 4 and counts["growing_processes"] == len(seen),
               "all: all are counted", counts)
        tap.ok(seen.index(fast.pid) < seen.index(slow.pid), "all: the fastest first", seen)
        for sample, name in ((fast, "the fast one"), (slow, "the slow one")):
            process = process_of(run.summary, sample.pid)
            rate = sample.rate()
            tap.near(process["growth"]["rate_bytes_per_hour"] / 3600, rate, 0.15 * rate,
                     f"all: the rate of {name}")
            grown = {row["id"] for row in process["growth"]["series"]
                     if row["verdict"].startswith("growing")}
            tap.ok("category:heap" in grown, f"all: what grew of {name} is named", grown)
        tap.equal(complaints(run.records), [], "all: the records are valid")


@live.alone
def test_appears(tap):
    """A process that starts during a watch of all is found, and one that ends is not an error."""
    with Watch("--watch=0.2") as run:
        run.until_sample(2)
        with Sample("leak_malloc.c", 10, 60) as sample:
            run.until(lambda record: record["kind"] == "sample" and process_of(record, sample.pid))
            tap.ok(True, "appears: a new process is found")
        run.until(lambda record: record["kind"] == "sample" and
                  record["watch"]["ended_processes"] >= 1)
        status, err = run.stop(signal.SIGINT)
    tap.equal((status, err), (0, ""), "appears: no error")
    tap.equal(run.summary["watch"]["ended_processes"], 1, "appears: its end is counted")


@live.alone
def test_zombies(tap):
    """A process that was a zombie before the watch is not reported as ended at each tick."""
    program = ("import os, time; [os.fork() or os._exit(0) for _ in range(50)]; "
               "print('ready', os.getpid(), flush=True); time.sleep(1000)")
    with live.Target([live.PYTHON, "-c", program]) as target:
        zombies = live.wait_until(lambda: children(target.pid), "there are children")
        live.wait_until(lambda: all(live.states(pid) == {"Z"} for pid in zombies), "all have ended")
        _, run, _ = watch("--watch=0.1", "-n", 5)
    tap.equal(run.summary["watch"]["ended_processes"], 0,
              "zombies: are not counted as processes that end")


@live.alone
def test_few_descriptors(tap):
    """Processes that do not fit are reported as left out, and the others are watched."""
    with live.Target(["/bin/sh", "-c", "for i in $(seq 100); do sleep 1000 & done; echo ready $$; "
                      "trap 'kill $(jobs -p)' EXIT; trap exit TERM; wait"]):
        status, run, err = watch("--watch=0.1", "-n", 3, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (70, 70)))
    tap.equal((status, err), (4, ""), "few descriptors: some were not read")
    said = [record["event"]["text"] for record in run.records if record["kind"] == "event"]
    tap.ok(any("limit of open files" in text for text in said), "few descriptors: it is said",
           said)


def test_fifo(tap):
    """A watch that waits for the reader of its output can be ended."""
    path = os.path.join(live.scratch(), "fifo")
    os.mkfifo(path)
    with sleeper() as target:
        command = [live.MEMSPECT, "--watch=0.1", "-o", path, str(target.pid)]
        with subprocess.Popen(command) as process:
            live.wait_for_rest(process.pid)
            process.terminate()
            try:
                status = process.wait(live.PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                status = None
    tap.equal(status, -signal.SIGTERM, "FIFO: SIGTERM ends the wait for a reader")


# In a PID namespace of its own, where the next PID can be chosen. Arguments: memspect, a leak.
REUSE = """
import json, signal, subprocess, sys
def start(words, **popen):
    return subprocess.Popen(words, **popen)
def sample():
    while True:
        record = json.loads(watch.stdout.readline())
        if record["kind"] == "sample":
            return record
first = start(["sleep", "1000"])
watch = start([sys.argv[1], "-j", "--watch=0.2"], stdout=subprocess.PIPE)
for _ in range(8):
    sample()
first.kill()
first.wait()
with open("/proc/sys/kernel/ns_last_pid", "w") as file:
    file.write(str(first.pid - 1))
second = start([sys.argv[2], "3", "300"], stdout=subprocess.DEVNULL)
while second.pid not in [process["pid"] for process in sample()["processes"]]:
    pass
watch.send_signal(signal.SIGINT)
last = json.loads(watch.stdout.read().splitlines()[-1])
second.kill()
print(json.dumps({"pids": [first.pid, second.pid], "status": watch.wait(), "last": last}))
"""


def test_reuse(tap):
    """A PID that is given to another process: that has a series of its own."""
    live.need_root()
    leak = watching.compile_sample("leak_malloc.c")
    done = subprocess.run([live.need("unshare"), "--pid", "--fork", "--mount-proc", live.PYTHON,
                           "-c", REUSE, live.MEMSPECT, leak], capture_output=True, check=False,
                          timeout=live.PATIENCE_SECONDS)
    if done.returncode:
        raise live.Skip(f"no PID namespace: {done.stderr.decode().splitlines()[-1:]}")
    got = json.loads(done.stdout)
    first, second = got["pids"]
    if first != second:
        raise live.Skip("the PID could not be had again")
    process = process_of(got["last"], second)
    tap.equal(got["status"], 0, "reuse: no error")
    tap.ok(process and process["comm"] == "leak_malloc", "reuse: the other process is found",
           got["last"]["processes"])
    tap.ok(process["growth"]["samples"] <= got["last"]["watch"]["ticks"] - 8,
           "reuse: with a series of its own", process["growth"])
    tap.ok(got["last"]["watch"]["ended_processes"] >= 1, "reuse: the first has ended",
           got["last"]["watch"])


def need_unprivileged():
    live.need_root()
    live.need("setpriv")
    if subprocess.run([*UNPRIVILEGED, live.MEMSPECT, "--version"], capture_output=True,
                      check=False).returncode:
        raise live.Skip("another user cannot run memspect from here")


def unprivileged(*args):
    done = subprocess.run([*UNPRIVILEGED, live.MEMSPECT, *map(str, args)], capture_output=True,
                          check=False, timeout=live.PATIENCE_SECONDS, cwd="/")
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_denied(tap):
    """PSS may be denied; RSS and its verdict are not."""
    need_unprivileged()
    with Sample("leak_malloc.c", *LEAK) as sample:
        _, out, _ = unprivileged("-j", "--watch=0.2", "-n", 20, sample.pid)
        records = list(map(json.loads, out.splitlines()))
        last, summary = [record for record in records if record["kind"] != "event"][-2:]
        process = process_of(last, sample.pid)
        tap.equal((process["totals"]["pss_bytes"], process["unavailable"]["totals.pss_bytes"]),
                  (None, "permission denied"), "denied: PSS is null with the reason")
        tap.ok(process["totals"]["rss_bytes"] > 0, "denied: RSS is there", process["totals"])
        tap.ok(grows(process), "denied: and judged", process["growth"])
        rss = process_of(summary, sample.pid)
        tap.ok(rss and grows(rss), "denied: in the summary too", summary)
        tap.equal(complaints(records), [], "denied: the records are valid")
        _, out, _ = unprivileged("--watch=0.2", "-n", 20, sample.pid)
        lines = [line for line in out.splitlines() if re.match(rf"[\d:]+ +{sample.pid} ", line)]
        tap.ok(all("n/a" in line for line in lines) and "growing" in lines[-1],
               "denied: text says n/a, and the verdict", lines)
        tap.equal(unprivileged("--watch=0.1", "-n", 2, "--max-pss=1G", sample.pid)[0], 4,
                  "denied: a limit of what cannot be read is 4")
        status, out, err = unprivileged("-j", "--watch=0.2", "-n", 20)
        last = json.loads(out.splitlines()[-1])
        tap.equal((status, err), (0, ""), "denied: no error in a watch of all")
        tap.ok(process_of(last, sample.pid), "denied: where it is found", out.splitlines()[-1][:500])


def test_limits(tap):
    for words, want in ((("--max-rss=1M",), 1), (("--max-rss=10G",), 0),
                        (("--max-growth=1G",), 1), (("--max-growth=1G/h",), 1),
                        (("--max-growth=1T",), 0), (("--max-pss=1M",), 1),
                        (("--max-rss=10G", "--max-uss=1M"), 1)):
        with Sample("leak_malloc.c", *LEAK) as sample, \
                Watch("--watch=0.2", *words, sample.pid) as run:
            run.until_it_grows(sample.pid)
            if want:
                run.until(lambda record: run.events("alarm"))
            run.until_sample(len(run.samples) + 2)
            status, err = run.stop(signal.SIGTERM)
        name = " ".join(words)
        tap.equal((status, err), (want, ""), f"{name}: status")
        alarms = [event for event in run.events("alarm")
                  if any(word.partition("=")[0] in event["text"] for word in words)]
        tap.equal(len(alarms), want, f"{name}: {'an alarm, once' if want else 'no alarm'}")
        found = {row["id"] for row in process_of(run.summary, sample.pid)["findings"]}
        tap.equal("over_limit" in found, bool(want), f"{name}: as a finding")


def test_peak(tap):
    """What a process needed before the watch, or between two samples, breaks a limit too."""
    program = ("import os; x = bytearray(150 << 20); del x; print('ready', os.getpid(), flush=True); "
               "input()")
    with live.Target([live.PYTHON, "-c", program]) as target:
        status, run, err = watch("--watch=0.1", "-n", 2, "--max-rss=100M", target.pid)
        tap.equal((status, err), (1, ""), "peak: a watch that comes late")
        found = {row["id"] for row in process_of(run.summary, target.pid)["findings"]}
        tap.ok("over_limit" in found, "peak: is a finding", found)
        tap.equal(live.memspect("--max-rss=100M", target.pid)[0], 1, "peak: a report")
        tap.equal(live.memspect("--max-rss=200M", target.pid)[0], 0, "peak: a higher limit holds")


def test_status(tap):
    gone = f"process {MISSING}: no such process"
    status, out, err = live.memspect("--watch=0.1", "-n", 2, MISSING)
    tap.equal((status, err.decode()), (3, f"memspect: {gone}\n"), "missing: status 3")
    with sleeper() as target:
        status, out, err = live.memspect("-j", "--watch=0.1", "-n", 2, MISSING, target.pid)
        tap.equal((status, err.decode()), (3, f"memspect: {gone}\n"), "missing, of two: status 3")
        last = json.loads(out.splitlines()[-1])
        tap.ok(process_of(last, target.pid), "missing, of two: the other is watched", last)


def test_output(tap):
    """A write error ends the watch."""
    with sleeper() as target:
        for form in ("-j", "--format=text"):
            words = ["--watch=0.1", form, str(target.pid)]
            with open("/dev/full", "wb") as full:
                done = subprocess.run([live.MEMSPECT, *words], stdout=full, check=False,
                                      stderr=subprocess.PIPE, timeout=live.PATIENCE_SECONDS)
            tap.equal(done.returncode, 5, f"/dev/full, {form}: ends it with status 5")
            tap.ok(done.stderr.startswith(b"memspect: ") and done.stderr.count(b"\n") == 1,
                   f"/dev/full, {form}: is told once", done.stderr)
            done = subprocess.run(["/bin/sh", "-c", 'exec "$@" >&-', "sh", live.MEMSPECT, *words],
                                  stderr=subprocess.PIPE, check=False, timeout=live.PATIENCE_SECONDS)
            tap.equal(done.returncode, 5, f"closed stdout, {form}: status 5")
            with Watch("--watch=0.05", target.pid, form=form) as run:
                run.until(bool)
                run.process.stdout.close()
                status = run.process.wait(live.PATIENCE_SECONDS)
                tap.ok(status in (-signal.SIGPIPE, 5), f"no reader, {form}: ends it", status)
                run.process.stdout = open(os.devnull, "rb")


def test_stretched(tap):
    """Mappings that take long to read are read rarely, and that is reported."""
    farm = live.build(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-o",
                       os.path.join(live.scratch(), "farm"), FARM],
                      os.path.join(live.scratch(), "farm"))
    with live.Target([farm, "8000", "1"]) as target:
        status, run, err = watch("--watch=0.1", "-n", 40, target.pid)
    tap.equal((status, err), (0, ""), "stretched: no error")
    tap.ok(any("mappings" in event["text"] for event in run.events("notice")),
           "stretched: is told", run.events())
    read = [process_of(record, target.pid) for record in run.samples]
    complete = [process for process in read if process["totals"]["pss_bytes"] is not None]
    tap.ok(1 <= len(complete) < 20, "stretched: PSS is not in each sample", len(complete))
    tap.ok(all(process["totals"]["rss_bytes"] for process in read), "stretched: RSS is")
    cheap = next(process for process in read if process["totals"]["pss_bytes"] is None)
    tap.ok("totals.pss_bytes" in cheap["unavailable"], "stretched: with the reason", cheap)
    tap.equal([record["seq"] for record in watching.readings(run.samples, watching.MAPPINGS_AGE)],
              [record["seq"] for record in run.samples
               if process_of(record, target.pid)["totals"]["pss_bytes"] is not None],
              "stretched: and the age of what was read, which begins anew with each PSS")
    tap.equal(complaints(run.records), [], "stretched: the records are valid")


def test_dead_leader(tap):
    with live.Target([live.compile_c("target_leader_exit")]) as target:
        status, run, err = watch("--watch=0.1", "-n", 4, target.pid)
    tap.equal((status, err), (0, ""), "dead leader: no error")
    tap.equal(len(run.samples), 4, "dead leader: it is watched on")
    tap.ok(all(process_of(record, target.pid)["totals"]["rss_bytes"] > 8 * MB
               for record in run.samples), "dead leader: its memory is seen")


def test_selection(tap):
    with Sample("leak_malloc.c", 5, 60) as sample:
        status, run, err = watch("--watch=0.1", "-n", 3, "-C", "^leak_malloc$")
        tap.equal((status, err), (0, ""), "-C: no error")
        tap.ok(process_of(run.samples[0], sample.pid), "-C: is watched", run.samples[0])


def test_output_file(tap):
    path = os.path.join(live.scratch(), "watch.jsonl")
    with sleeper() as target:
        status, out, err = live.memspect("-j", "--watch=0.1", "-n", 3, "-o", path, target.pid)
    tap.equal((status, out, err), (0, b"", b""), "-o: no error")
    with open(path, encoding="utf-8") as file:
        kinds = [json.loads(line)["kind"] for line in file]
    tap.equal([kind for kind in kinds if kind != "event"], ["sample"] * 3 + ["summary"],
              "-o: has all of it")


live.run(test_records, test_text, test_interval, test_interval_or_pid, test_signals, test_exit,
         test_two, exec_test("exec", "echo ready $$; read word; exec sleep 1000", "sleep"),
         exec_test("exec of the same name",
                   "echo ready $$; read word; exec /bin/sh -c 'read word'", "sh"),
         test_gap, test_snapshot, test_usr1_alone, test_all, test_appears, test_zombies,
         test_few_descriptors, test_fifo, test_reuse,
         test_denied, test_limits, test_peak, test_status, test_output, test_stretched, test_dead_leader,
         test_selection, test_output_file)
