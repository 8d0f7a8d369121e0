# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects of live Python processes, counted from outside, against what Python counts itself.

Under every interpreter there is: the distribution's and those that pyenv installed.
"""

import concurrent.futures
import functools
import glob
import json
import os
import re
import signal
import statistics
import subprocess

import live

MIB = 1 << 20
COUNT = 30000
COUNT_SMALL = 500
SHOW = os.path.join(os.environ.get("builddir", "."), "tests", "cpython_show")

# Made by target_cpython.py, and kept by nothing else: these must be exact.
EXACT = ["Point", "Slots", "Text", "Number", "Pair", "Table", "Outer.Point", "Meta"]
EXACT_BUILT_IN = ["complex", "bytearray", "array.array", "collections.OrderedDict",
                  "collections.defaultdict", "generator", "range", "slice"]
# Objects of the program itself that nothing refers to.
NOT_TOLD = {"moduledef"}
LARGE = {("bytes", 5000000), ("bytearray", 3000000), ("str", 4000000), ("str", 1500000),
         ("array.array", 400000), ("list", 500000), ("dict", 200000), ("set", 300000),
         ("tuple", 300000)}


def pythons():
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    found = glob.glob(f"{glob.escape(root)}/versions/*/bin/python")
    found += [path for path in glob.glob("/usr/bin/python3.*") if re.search(r"3\.\d+t?$", path)]
    return {tuple(map(int, version_of(path).split("."))): path for path in found}


def version_of(python):
    done = subprocess.run([python, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


def some(least=(3, 8), most=(3, 14, 99)):
    """The interpreters of these versions, in order; skips if no interpreter is installed."""
    chosen = {version: path for version, path in sorted(pythons().items())
              if least <= version <= most}
    if not chosen:
        raise live.Skip("there is no interpreter of these versions")
    return {".".join(map(str, version)): path for version, path in chosen.items()}


def show(pid, *options):
    """The output of cpython_show: a list with one result for each walk."""
    done = subprocess.run([SHOW, *options, str(pid)], capture_output=True, check=False,
                          timeout=live.PATIENCE_SECONDS)
    if done.returncode:
        raise RuntimeError(f"cpython_show ended with {done.returncode}: {done.stderr!r}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def only(pid, *options):
    shown, = show(pid, *options)
    runtime, = shown["runtimes"]
    return runtime


def at_once(jobs):
    """Calls the functions of a dictionary, as many at a time as there are processors; yields what each
    returned, in their order."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from zip(jobs, pool.map(lambda job: job(), jobs.values()))


def ask(target, question):
    target.send(question.encode() + b"\n")
    return json.loads(target.process.stdout.readline())


class Filled(live.Target):
    """target_cpython.py, and its own counts."""

    def __init__(self, python, *options, env=None):
        count = COUNT_SMALL if "small" in options else COUNT
        super().__init__([python, "-B", f"{live.TARGETS}/target_cpython.py", str(count), *options],
                         env=env)


def fill(python, *options, env=None):
    """Returns a function that reads such a process: the walk, its own counts, its statistics."""
    def job():
        with Filled(python, *options, env=env) as target:
            if "small" in options:
                ask(target, "truth")  # to ask makes objects that stay
            stats = ask(target, "stats")
            runtime = only(target.pid)
            return runtime, ask(target, "truth"), stats
    return job


def check_counts(tap, name, runtime, truth):
    """The same numbers of objects of the same types."""
    types = runtime["types"]
    count = sum(row[0] for row in truth.values())
    found = sum(min(row[0], types.get(kind, [0])[0]) for kind, row in truth.items())
    tap.note(f"{name}: {found} of {count} objects, {runtime['bytes']} bytes, "
             f"rejected {runtime['rejected']}")
    tap.ok(found >= 0.996 * count, f"{name}: finds the objects", (found, count))
    wrong = [kind for kind, row in types.items()
             if kind not in truth and kind not in NOT_TOLD and row[0] > 2]
    tap.equal(wrong, [], f"{name}: and no types that there are not")


def check_bytes(tap, name, runtime, truth):
    size = sum(row[1] for row in truth.values())
    tap.near(runtime["bytes"], size, 0.006 * size, f"{name}: and their bytes")


def check_exact(tap, name, runtime, truth):
    for kind in ["__main__." + kind.split(".")[-1] for kind in EXACT] + EXACT_BUILT_IN:
        tap.equal(runtime["types"].get(kind, [0, 0])[:2], truth[kind], f"{name}: {kind}")


def check_large(tap, name, runtime):
    got = {(large["type"], large["length"]) for large in runtime["large"]}
    tap.ok(LARGE <= got, f"{name}: all large objects", LARGE - got)
    wrong = [large for large in runtime["large"]
             if not 0.5 * large["bytes"] <= large["resident"] <= large["bytes"]]
    tap.equal(wrong, [], f"{name}: which are resident")
    tap.ok(all(large["preview"] is None for large in runtime["large"]),
           f"{name}: and not shown")


def number(text, name):
    return int(re.search(name + r"\s*=\s*([\d,]+)", text)[1].replace(",", ""))


def check_pymalloc(tap, name, runtime, stats):
    got = runtime["pymalloc"]
    arenas = number(stats, "arenas allocated current")
    live_bytes = number(stats, "bytes in allocated blocks")
    # Python prints with a few objects more than it has otherwise.
    tap.near(got["live"], live_bytes, max(live_bytes * 1e-5, 4096), f"{name}: live blocks")
    # And a pool of 16 KiB less or more is in use for that.
    tap.near(got["free"], number(stats, "bytes in available blocks"),
             max(live_bytes * 1e-5, 4096) + 16384, f"{name}: free blocks")
    # What it did since may have taken a pool from a new arena.
    tap.near(got["arenas"], arenas, 1, f"{name}: arenas")
    tap.equal(got["arena_bytes"], got["live"] + got["free"] + got["free_pools"] +
              got["untouched"] + got["overhead"], f"{name}: that add up")
    tap.equal((got["torn_pools"], got["stray_pools"], got["unread"]), (0, 0, 0),
              f"{name}: whole")


def test_objects(tap):
    jobs = {version: fill(python) for version, python in some().items()}
    for version, (runtime, truth, stats) in at_once(jobs):
        tap.equal((runtime["version"], runtime["unread"]), (version, None), f"{version}: is read")
        check_counts(tap, version, runtime, truth)
        check_bytes(tap, version, runtime, truth)
        check_exact(tap, version, runtime, truth)
        check_large(tap, version, runtime)
        check_pymalloc(tap, version, runtime, stats)


def test_small(tap):
    """Next to nothing but what the interpreter has itself, part of which is in no heap. What only it
    knows of, its table of all names for one, makes a difference to the bytes here."""
    jobs = {f"{version}, small": fill(python, "small") for version, python in some((3, 9)).items()}
    for name, (runtime, truth, _) in at_once(jobs):
        check_counts(tap, name, runtime, truth)


def test_other_allocators(tap):
    """PYTHONMALLOC, and a malloc that cannot be walked."""
    jemalloc = glob.glob("/usr/lib/*/libjemalloc.so.2")
    cases = [({"PYTHONMALLOC": "debug"}, True, True), ({"PYTHONMALLOC": "malloc"}, False, True),
             ({"PYTHONMALLOC": "malloc_debug"}, False, True)]
    cases += [({"LD_PRELOAD": path}, True, False) for path in jemalloc]
    pick = some()
    jobs, told = {}, {}
    for version in list(pick)[::max(len(pick) - 1, 1)]:
        for env, *want in cases:
            name = f"{version}: " + "".join(os.path.basename(value) for value in env.values())
            jobs[name], told[name] = fill(pick[version], env=env), want
    for name, (runtime, truth, _) in at_once(jobs):
        check_counts(tap, name, runtime, truth)
        check_bytes(tap, name, runtime, truth)
        check_exact(tap, name, runtime, truth)
        tap.equal([runtime["pymalloc"]["arenas"] > 0, runtime["whole"]], told[name],
                  f"{name}: is told")


def test_numpy(tap):
    runtime, truth, _ = fill(live.PYTHON, "numpy")()
    if "numpy.ndarray" not in truth:
        raise live.Skip("there is no numpy")
    # One that only C refers to; of one without dimensions the size of its item is not read.
    got, want = runtime["types"]["numpy.ndarray"], truth["numpy.ndarray"]
    tap.near(got[0], want[0], 2, "numpy: arrays")
    tap.near(got[1], want[1], 1024, "numpy: their bytes")
    sizes = sorted(large["length"] for large in runtime["large"]
                   if large["type"] == "numpy.ndarray")
    # The view owns no memory; the object that it is of does.
    tap.equal(sizes, [500000, 2000000, 3000000, 3000000], "numpy: large ones")
    tap.ok(all(large["bytes"] - large["resident"] < 8192 for large in runtime["large"]
               if large["type"] == "numpy.ndarray"), "numpy: resident")


def test_interpreters(tap):
    for version, python in some((3, 12)).items():
        with live.Target([python, f"{live.TARGETS}/target_interpreters.py"]) as target:
            runtime = only(target.pid)
        types = runtime["types"]
        tap.equal((types["__main__.Within"][0], types["__main__.Main"][0]), (60000, 1000),
                  f"{version}: objects of all interpreters")
        tap.equal(runtime["pymalloc"]["stray_pools"], 0, f"{version}: with their arenas")


def test_embedded(tap):
    program = live.compile_c("target_embed", "-ldl")
    statements = "class Embedded: pass\nkept = [Embedded() for i in range(12345)]\n"
    for version, python in some().items():
        prefix = os.path.dirname(os.path.dirname(os.path.realpath(python)))
        libraries = glob.glob(f"{glob.escape(prefix)}/lib/libpython3*.so.1.0")
        if not libraries:
            continue
        with live.Target([program, libraries[0], statements],
                         env={"PYTHONHOME": prefix}) as target:
            types = only(target.pid)["types"]
        tap.equal(types.get("__main__.Embedded", [0])[0], 12345,
                  f"{version}: embedded in another program")


def test_refused(tap):
    old = {version: path for version, path in pythons().items() if version < (3, 8)}
    if not old:
        raise live.Skip("there is no old interpreter")
    for version, python in sorted(old.items()):
        text = ".".join(map(str, version))
        with live.Target([python, "-c", "import os, sys, time; print('ready %d' % os.getpid()); "
                          "sys.stdout.flush(); sys.version; time.sleep(600)"]) as target:
            runtime = only(target.pid)
        tap.equal((runtime["version"], runtime["unread"]),
                  (text, f"version {text}: 3.8 to 3.14 are read"), f"{text}: is refused")


def test_outside(tap):
    """Memory besides objects that Python does not count: mappings without a file, and ctypes."""
    source = ("import ctypes, mmap, os, time\n"
              "kept = [mmap.mmap(-1, 8 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS),\n"
              "        mmap.mmap(-1, 8 << 20), (ctypes.c_char * (4 << 20))()]\n"
              "kept[0].write(bytes(6 << 20))\n"
              "kept[1].write(bytes(6 << 20))\n"
              "ctypes.memset(kept[2], 1, 4 << 20)\n"
              "print('ready', os.getpid(), flush=True)\n"
              "time.sleep(600)\n")
    jobs = {version: functools.partial(attributions_of, python, source)
            for version, python in some().items()}
    for version, lines in at_once(jobs):
        # The list of three, and the first objects of an interpreter, take less than 2 MiB.
        tap.near(lines["buffers"], 11 * MIB, MIB, f"{version}: mappings and ctypes")


def attributions_of(python, source):
    with live.Target([python, "-c", source]) as target:
        shown, = show(target.pid, "-a")
    name, = (name for name in shown["attributions"] if name.startswith("cpython"))
    return shown["attributions"][name]


def test_preview(tap):
    source = ("import os, time; kept = ['\\x1b[31mred\\u202e' + 'x' * 2000000, "
              "{'user%d' % i: i for i in range(100000)}]; print('ready', os.getpid(), flush=True);"
              "time.sleep(600)")
    with live.Target([live.PYTHON, "-c", source]) as target:
        shown = {large["type"]: large["preview"] for large in only(target.pid, "-p")["large"]}
    tap.ok(shown["str"].startswith("'\\x1b[31mred\\xe2\\x80\\xaexxx"), "preview: of characters",
           shown)
    tap.equal(shown["dict"], "'user0', 'user1', 'user2', 'user3', ...", "preview: of keys")


def median(results, key):
    return statistics.median(result["runtimes"][0][key] for result in results)


def churn(python):
    with live.Target([python, f"{live.TARGETS}/target_churning.py"]) as target:
        moving = show(target.pid, "-n", "8")
        still = []
        for _ in range(3):
            live.wait_for_work(target.pid, 0.2)
            live.stop_and_wait(target.pid)
            still += show(target.pid)
            os.kill(target.pid, signal.SIGCONT)
    return moving, still


def test_churning(tap):
    """While four threads allocate: no permanent object is missed, and sums are near."""
    jobs = {version: functools.partial(churn, python) for version, python in some().items()}
    for version, (moving, still) in at_once(jobs):
        kept = {result["runtimes"][0]["types"]["__main__.Kept"][0] for result in moving + still}
        tap.equal(kept, {200000}, f"{version}: counts what stays")
        for key in ("objects", "bytes"):
            got, want = median(moving, key), median(still, key)
            tap.near(got, want, 0.015 * want, f"{version}: {key} while it works")


live.run(test_objects, test_small, test_other_allocators, test_numpy, test_interpreters, test_embedded,
         test_refused, test_outside, test_preview, test_churning)
