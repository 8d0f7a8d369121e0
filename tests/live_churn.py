# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that change, die, execute, share, stop or are very large while they are read."""

import json
import os
import shlex
import signal
import subprocess
import time

import balance
import live
import oracle
import servers

MIB = 1 << 20
TRIES_MAX = 600
NO_ADDRESS_SPACE = "no address space"
FARM = os.path.join(os.path.dirname(live.HERE), "bench", "farm.c")


def compile_farm():
    path = os.path.join(live.scratch(), "farm")
    compiler = shlex.split(os.environ.get("CC", "cc"))
    return live.build([*compiler, "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-o", path, FARM], path)


def farm(mappings, pages=1):
    return live.Target([compile_farm(), str(mappings), str(pages)])


def one(*args):
    return live.report(*args)["processes"][0]


def pin():
    """Both run on one processor: otherwise the target rarely changes memory during a read."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def churn_test(mode):
    """Torn reads are flagged; all others have the 64 MiB exactly once."""
    def test(tap):
        with live.Target([live.compile_c("target_churn"), mode], preexec_fn=pin) as target:
            torn, wrong = 0, []
            for _ in range(40):
                process, = live.report("-r", target.pid, preexec_fn=pin)["processes"]
                wrong += balance.errors(process)
                totals = process["totals"]
                drift = process["accounting"]["drift_bytes"]
                torn += not process["consistent"]
                if not process["consistent"]:
                    wrong += ["a drift of torn sums"] if drift is not None else []
                elif totals["anonymous_bytes"] < 64 * MIB and not drift:
                    wrong.append(f"{totals['anonymous_bytes']} anonymous bytes, and no drift")
                elif totals["anonymous_bytes"] > 65 * MIB:
                    wrong.append(f"{totals['anonymous_bytes']} anonymous bytes pass as consistent")
            tap.note(f"{torn} of 40 reads were torn, again and again")
            tap.ok(not wrong, f"churn, {mode}: nothing torn passes as whole", "\n".join(wrong))
    test.__name__ = f"churn {mode}"
    return test


def run_and_kill(pid, delay):
    """A run of memspect on a process that is killed after this many seconds."""
    run = subprocess.Popen([live.MEMSPECT, "-j", str(pid)], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE)
    time.sleep(delay)
    os.kill(pid, signal.SIGKILL)
    out, err = run.communicate(timeout=live.PATIENCE_SECONDS)
    return run.returncode, out, err


def test_kill(tap):
    mappings, tries = 8000, 60
    with farm(mappings) as target:
        whole = one(target.pid)
        started = time.monotonic()
        live.memspect("-j", target.pid)
        seconds = time.monotonic() - started
    wrong, short, gone, n = [], 0, 0, 0
    # How long it takes depends on the load: until one was killed in its midst.
    while n < tries or (not short and n < TRIES_MAX):
        with farm(mappings) as target:
            status, out, err = run_and_kill(target.pid, 1.5 * seconds * (n % tries) / tries)
        n += 1
        if status == 3:
            gone += 1
            if not err.startswith(b"memspect: ") or err.count(b"\n") != 1:
                wrong.append(f"error {err!r}")
            continue
        process, = json.loads(out)["processes"]
        wrong += balance.errors(process)
        if status != 0:
            wrong.append(f"status {status}, {err!r}")
        if process["partial"] is not None or process["categories"] is None:
            short += 1
        elif process["totals"]["mappings"] != whole["totals"]["mappings"]:
            wrong.append(f"{process['totals']['mappings']} mappings pass as all")
    tap.note(f"{gone} gone before, {short} cut short, {n - gone - short} whole")
    tap.ok(not wrong, "killed again and again: nothing short passes as whole", "\n".join(wrong))
    tap.ok(short, "killed: some were cut short")


def exec_test(name, *flags):
    def test(tap):
        wrong, short, n = [], 0, 0
        with live.Target([live.compile_c("target_exec", *flags)]) as target:
            while n < 30 or (not short and n < TRIES_MAX):
                n += 1
                status, out, err = live.memspect("-j", "-r", target.pid)
                if status == 3 and b"executed another program" in err:
                    short += 1  # before its first mapping was read
                    continue
                process, = json.loads(out)["processes"]
                wrong += balance.errors(process)
                names = {region["name"] for region in process["regions"] or ()}
                if process["partial"] is not None:
                    short += 1
                elif process["regions"] and "[stack]" not in names:
                    wrong.append(f"{len(process['regions'])} mappings pass as all")
        tap.note(f"{short} of {n} were cut short")
        tap.ok(not wrong, f"{name}: nothing short passes as whole", "\n".join(wrong))
        tap.ok(short, f"{name}: some were cut short")
    test.__name__ = name
    return test


def test_dead_leader(tap):
    """Its memory is read through a live thread."""
    with live.Target([live.compile_c("target_leader_exit")]) as target:
        process = one("-r", target.pid)
        tap.ok(process["totals"]["anonymous_bytes"] >= 8 * MIB, "dead leader: its memory is seen",
               process["totals"])
        tap.equal((process["consistent"], process["partial"]), (True, None),
                  "dead leader: read whole")
        tap.equal(balance.errors(process), [], "dead leader: adds up")
        listed = {row["pid"]: row for row in live.report()["processes"]}[target.pid]
        tap.equal(listed["totals"]["rss_bytes"], process["totals"]["rss_bytes"],
                  "dead leader: the list has its RSS")


def test_vfork(tap):
    """Two processes, one address space: counted once."""
    with live.Target([live.compile_c("target_vfork")]) as target:
        twin = int(target.lines[0].split()[1])
        document = live.report(target.pid, twin)
        first, second = document["processes"]
        group = document["group"]
        tap.equal((group["count"], group["address_spaces"]), (2, 1), "twins: one address space")
        tap.equal(first["totals"]["rss_bytes"], second["totals"]["rss_bytes"],
                  "twins: both have it all")
        for key in ("pss_bytes", "uss_bytes", "swap_bytes"):
            tap.equal(group[key], first["totals"][key], f"twins: {key} is counted once")


def check_no_memory(tap, name, pid, state=None):
    process = one("-r", pid)
    tap.equal((process["categories"], process["accounting"], process["regions"]), (None,) * 3,
              f"{name}: has no balance sheet")
    tap.equal(set(process["totals"].values()), {None}, f"{name}: has no totals")
    tap.equal({process["unavailable"].get(f"totals.{key}") for key in process["totals"]},
              {NO_ADDRESS_SPACE}, f"{name}: says why")
    status, out, err = live.memspect(pid)
    tap.equal((status, err), (0, b""), f"{name}: is no error")
    tap.ok(NO_ADDRESS_SPACE.encode() in out, f"{name}: says why as text", out)
    if state:
        tap.equal(process["state"], state, f"{name}: state")


def test_zombie(tap):
    with servers.zombie() as (pid,):
        check_no_memory(tap, "zombie", pid, "Z")


def test_kernel_thread(tap):
    check_no_memory(tap, "kernel thread", live.need_kernel_thread())


def test_stopped(tap):
    with live.Target([live.compile_c("target_mem"), "anonymous=1M"]) as target:
        live.stop_and_wait(target.pid)
        process = one("-r", target.pid)
        os.kill(target.pid, signal.SIGCONT)
        tap.equal((process["state"], process["consistent"], process["partial"]),
                  ("T", True, None), "stopped: read whole")
        tap.equal(balance.errors(process), [], "stopped: adds up")


def check_stuck(tap, directory, pid, hung):
    for name in ("smaps_rollup", "smaps"):
        path = f"{directory}/proc/{pid}/{name}"
        if os.path.exists(path):
            os.unlink(path)
        os.symlink(f"{hung}/file", path)
    listed = {row["pid"]: row for row in live.report(f"--proc-root={directory}/proc")["processes"]}
    text = live.memspect(f"--proc-root={directory}/proc")
    tap.ok(True, "stuck: the list comes to its end")
    stuck, other = listed[pid], listed[os.getpid()]
    tap.ok(stuck["totals"]["pss_bytes"] is None and stuck["unavailable"].get("totals.pss_bytes"),
           "stuck: the list says so", stuck)
    tap.ok(other["totals"]["pss_bytes"], "stuck: the list has the other one", other)
    tap.equal((text[0], text[2]), (0, b""), "stuck: the list as text is no error")
    tap.ok(b"n/a" in text[1], "stuck: the list as text says so", text[1].decode())
    status, out, err = live.memspect("-j", f"--proc-root={directory}/proc", pid, os.getpid())
    tap.ok(status == 5 and err.startswith(b"memspect: "), "stuck: a report says so",
           (status, err))
    tap.equal([row["pid"] for row in json.loads(out)["processes"]], [os.getpid()],
              "stuck: a report has the other one")


def test_stuck(tap):
    """A file that blocks forever: the list reports it, and has the other processes."""
    directory = os.path.join(live.scratch(), "stuck")
    with live.Target([live.compile_c("target_mem"), "anonymous=1M"]) as target:
        for pid in (target.pid, os.getpid()):
            subprocess.run([f"{live.HERE}/capture-proc", str(pid), directory], check=True,
                           stdout=subprocess.DEVNULL)
    with servers.hung_directory() as hung:
        check_stuck(tap, directory, target.pid, hung)


def own_rss(*args):
    """The peak RSS of a run, reported by the kernel and by the run itself."""
    out = os.path.join(live.scratch(), "rss")
    done = subprocess.run([live.compile_c("target_rss"), out, live.MEMSPECT, *map(str, args)],
                          stdout=subprocess.PIPE, check=True)
    with open(out, encoding="ascii") as file:
        return int(file.read()) << 10, done.stdout


def is_sanitized():
    with open(live.MEMSPECT, "rb") as file:
        return b"__asan_init" in file.read()


def test_many_mappings(tap):
    mappings = 60000
    if is_sanitized():
        raise live.Skip("sanitizers take memory of their own")
    with open("/proc/sys/vm/max_map_count", encoding="ascii") as file:
        if int(file.read()) < mappings + 100:
            raise live.Skip("vm.max_map_count is too low")
    with farm(mappings) as target:
        for limit, args in ((24, ("--watch=0.1", "-n3")), (16, ()), (32, ("-r",))):
            for form in ("--format=text", "--format=json"):
                rss, out = own_rss(form, *args, target.pid)
                tap.ok(rss < limit * MIB and len(out) > 1000,
                       f"{mappings} mappings: {' '.join((form, *args))} takes under {limit} MiB",
                       f"{rss / MIB:.1f} MiB")
                tap.note(f"{form} {' '.join(args)}: {rss / MIB:.1f} MiB")
        process = json.loads(out)["processes"][0]
        tap.equal(balance.errors(process), [], f"{mappings} mappings: adds up")
        tap.ok(len(process["regions"]) > mappings, f"{mappings} mappings: all are there")


def counters(pid):
    """Values that reading must not change."""
    with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
        fields = file.read().rpartition(")")[2].split()
    with open(f"/proc/{pid}/status", encoding="latin-1") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file)
    with open(f"/proc/{pid}/smaps", encoding="latin-1", newline="\n") as file:
        totals = oracle.sum_smaps(file.read())["totals"]
    return {"faults": fields[7:11],
            **{name: status[name] for name in ("VmRSS", "VmHWM", "VmPTE", "VmSwap", "VmLck")},
            **{name: totals[name] for name in ("Referenced", "Anonymous",
                                               "AnonHugePages")}}


def test_untouched(tap):
    kinds = [f"{kind}=2M" for kind in ("malloc", "anonymous", "lazyfree", "file_read", "arena",
                                       "zero", "shared", "thp")]

    def read(target):
        for args in (("-r",), ("-j", "-r"), ()):
            live.memspect(*args, target.pid)
        live.memspect()
    before, after = live.before_and_after(
        lambda: live.Target([live.compile_c("target_mem"), *kinds]), counters, read)
    tap.equal(after, before, "reading changes nothing in the target")


live.run(*map(churn_test, ("split", "move", "map")), test_kill,
         exec_test("exec"), exec_test("exec in place", "-no-pie"),
         test_dead_leader, test_vfork, test_zombie, test_kernel_thread, test_stopped, test_stuck,
         test_many_mappings, test_untouched)
