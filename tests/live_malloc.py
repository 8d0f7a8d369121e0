# SPDX-License-Identifier: GPL-2.0-or-later
"""glibc's malloc from outside: byte for byte what mallinfo2(3) and the program's own list say."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time

import walked
import live

CASES = ("single", "fast", "threads", "heaps", "mmap", "noncontiguous", "foreign", "trim", "odd",
         "small", "few")
THREADED = ("threads", "heaps", "few")
TCACHE_TABLES = [size + more for size in (0x250, 0x290, 0x300) for more in (0, 16)]
STOPS = 10
CHURN_WALKS = 40
CHURN_THREADS = 4
CHURN_SECONDS = 2  # of a processor, so that the heaps are as they stay


def truth(target):
    return target.made[0]


def check_mallinfo(tap, name, heap, want):
    got = walked.as_mallinfo(heap)
    tap.equal(got, {key: want[key] for key in got}, f"{name}: what mallinfo2 says")


def check_case(tap, name, argv):
    with live.Target(argv) as target:
        result = walked.show(target.pid)[0]
        heap = walked.glibc(result)
        want = truth(target)
        check_mallinfo(tap, name, heap, want)
        tap.ok(heap["complete"] and not heap["retries"], f"{name}: complete at once", heap)
        own = heap["live"] - want["list_bytes"]
        if name.split()[0] in THREADED:
            tap.ok(0 < own < 1500 * len(heap["arenas"]), f"{name}: live is its list", own)
        elif name.startswith("static"):
            tap.ok(0 < own < 4096, f"{name}: live is its list", own)
        else:
            tap.ok(own in TCACHE_TABLES or own == 0, f"{name}: live is its list", own)
        tap.equal(heap["mmapped_blocks"], want["list_mapped_blocks"], f"{name}: mapped blocks")
        tap.equal(sum(count for _, count, _ in heap["classes"]),
                  heap["live_blocks"] + heap["mmapped_blocks"], f"{name}: classes hold all blocks")
        tap.equal(walked.over_rss(result), {}, f"{name}: no mapping has more attributed than is resident")
        tap.equal(result["skew"], 0, f"{name}: no skew")


def test_cases(tap):
    program = live.compile_c("target_malloc")
    for case in CASES:
        check_case(tap, case, [program, case])


def test_static(tap):
    for flag in ("-static", "-static-pie"):
        program = live.compile_c("target_malloc", flag)
        for case in ("threads", "mmap", "noncontiguous"):
            argv = [program, case]
            with live.Target(argv) as target:
                heap = walked.glibc(walked.show(target.pid)[0])
                check_mallinfo(tap, f"{flag} {case}", heap, truth(target))


def test_stripped(tap):
    program = live.compile_c("target_malloc", "-static", "-s")
    with live.Target([program, "fast"]) as target:
        check_mallinfo(tap, "static and stripped", walked.glibc(walked.show(target.pid)[0]),
                       truth(target))


def test_tunables(tap):
    program = live.compile_c("target_malloc")
    for tunables in ("tcache_count=100", "arena_max=1", "mmap_threshold=20000", "tcache_count=0",
                     "mxfast=0", "tcache_max=4000", "hugetlb=1"):
        env = {"GLIBC_TUNABLES": f"glibc.malloc.{tunables}"}
        with live.Target([program, "threads", "3"], env=env) as target:
            check_mallinfo(tap, tunables, walked.glibc(walked.show(target.pid)[0]), truth(target))


def test_several_libraries(tap):
    with live.Target([live.compile_c("target_libcs", "-ldl")]) as target:
        heaps = walked.show(target.pid)[0]["allocators"]
        got = sorted((heap["system"], heap["free"] + heap["top"]) for heap in heaps)
        want = sorted((made["arena"], made["fordblks"]) for made in target.made)
        tap.equal(got, want, "two C libraries: the heap of each")
        tap.equal(sum(heap["mmapped"] for heap in heaps),
                  sum(made["hblkhd"] for made in target.made), "two C libraries: mapped blocks")


def catches(pid, number):
    with open(f"/proc/{pid}/status", encoding="latin-1") as file:
        mask = re.search(r"^SigCgt:\t(\w+)$", file.read(), re.M)[1]
    return int(mask, 16) >> (number - 1) & 1


@contextlib.contextmanager
def preloaded(argv, env=None):
    """A program at rest that writes down what mallinfo2 says when asked; yields (pid, ask)."""
    library = live.compile_c("preload_mallinfo", "-shared")
    out = os.path.join(live.scratch(), "mallinfo")
    env = {**os.environ, **(env or {}), "LD_PRELOAD": library, "MALLINFO_OUT": out}
    with subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, cwd=live.scratch()) as process:
        def ask():
            with contextlib.suppress(FileNotFoundError):
                os.remove(out)
            os.kill(process.pid, signal.SIGUSR2)

            def answer():
                with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
                    with open(out, encoding="ascii") as file:
                        return json.load(file)
            return live.wait_until(answer, f"{argv[0]} answers")
        try:
            live.wait_until(lambda: catches(process.pid, signal.SIGUSR2), f"{argv[0]} has begun")
            live.wait_for_rest(process.pid)
            yield process.pid, ask
        finally:
            process.kill()


PYTHON_WORK = """
import json, time
rows = [{"id": i, "name": "row %d" % i, "data": b"x" * (i % 3000)} for i in range(30000)]
big = [bytearray(300000 + i) for i in range(20)]
del rows[::3]
time.sleep(60)
"""

PROGRAMS = {
    "python3": ([live.PYTHON, "-c", PYTHON_WORK], {}),
    "python3 with PYTHONMALLOC=malloc": ([live.PYTHON, "-c", PYTHON_WORK],
                                         {"PYTHONMALLOC": "malloc"}),
    "node": (["node", "-e", "b=[];for(i=0;i<20;i++)b.push(Buffer.alloc(1<<20,1));"
              "setInterval(()=>{},1e6)"], {}),
    "gdb": (["gdb", "-q", "-nx", "/usr/bin/python3"], {}),
    "perl": (["perl", "-e", "@a=map {'x' x ($_ % 500)} 1..100000; sleep 60 while 1"], {}),
    "bash": (["bash", "-c", "for i in {1..20000}; do a[i]=$i; done; read x"], {}),
    "sqlite3": (["sqlite3", ":memory:"], {}),
}


def test_programs(tap):
    for name, (argv, env) in PROGRAMS.items():
        if not shutil.which(argv[0]):
            tap.skip(name, f"{argv[0]} is not installed")
            continue
        with preloaded(argv, env) as (pid, ask):
            before = ask()
            result = walked.show(pid)[0]
            if ask() != before:
                tap.skip(name, "it did not keep still")
                continue
            check_mallinfo(tap, name, walked.glibc(result), before)
            tap.equal(walked.over_rss(result), {}, f"{name}: no mapping has more attributed than is resident")


def stopped(pid):
    """The heap of a process that is stopped, but not in the middle of an operation of malloc, which
    leaves a chunk that does not hold."""
    for _ in range(STOPS):
        live.stop_and_wait(pid)
        heap = walked.glibc(walked.show(pid)[0])
        os.kill(pid, signal.SIGCONT)
        if heap["complete"]:
            break
    return heap


def test_churn(tap):
    program = live.compile_c("target_malloc")
    with live.Target([program, "churn", str(CHURN_THREADS)]) as target:
        live.wait_for_work(target.pid, CHURN_SECONDS)
        before = stopped(target.pid)
        walks = [walked.glibc(result) for result in walked.show(target.pid, CHURN_WALKS)]
        after = stopped(target.pid)
    tap.ok(before["complete"] and after["complete"], "churn: complete while it is stopped")
    share = sum(heap["unwalked"] / heap["system"] for heap in walks) / len(walks)
    tap.note(f"{sum(heap['complete'] for heap in walks)} of {len(walks)} walks complete, "
             f"{sum(heap['retries'] for heap in walks)} of them at the second attempt, "
             f"unwalked {100 * share:.4f} % on average")
    tap.ok(share <= 0.001, "churn: at most 0.1 % is not walked, on average", share)
    for key in ("system", "live"):
        want = (before[key] + after[key]) / 2
        mean = sum(heap[key] for heap in walks) / len(walks)
        tap.near(mean, want, 0.02 * want, f"churn: {key} is that of a stopped walk, within 2 %")


def test_killed_meanwhile(tap):
    program = live.compile_c("target_malloc")
    for delay in (0.0, 0.01, 0.03, 0.1):
        with live.Target([program, "single", "300000"]) as target:
            with subprocess.Popen([walked.SHOW, "-n", "1000", str(target.pid)],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as reader:
                time.sleep(delay)
                target.process.kill()
                target.process.wait()
                status = reader.wait(live.PATIENCE_SECONDS)
            tap.ok(status in (3, 5), f"killed after {delay} s: ends", status)


def test_denied(tap):
    live.need_root()
    with live.Target([live.compile_c("target_malloc"), "small"]) as target:
        walked.show(target.pid, status=4, user="nobody")
        tap.ok(True, "denied: told apart")


if __name__ == "__main__":
    live.run(test_cases, test_static, test_stripped, test_tunables, test_several_libraries,
             test_programs, test_churn, test_killed_meanwhile, test_denied)
