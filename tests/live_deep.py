# SPDX-License-Identifier: GPL-2.0-or-later
"""--deep on real programs: the balance sheet adds up, what was walked is on lines of its own, and the
objects of a Python service are those that it says it has."""

import json
import os
import signal
import subprocess
import sys

import balance
import jsonschema
import live

MIB = 1 << 20

PYTHON = """
import ctypes, os, sys
kept = [bytes(1000) for i in range(40000)]
numbers = {i: str(i) for i in range(100000)}
big = bytearray(32 << 20)
big[:] = b'x' * len(big)
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
hoard = [libc.malloc(100000) for i in range(300)]
for block in hoard:
    ctypes.memset(block, 1, 100000)
print('{"kept": %d, "big": %d, "hoard": %d}' % (
    sum(map(sys.getsizeof, kept)), sys.getsizeof(big), 300 * 100000))
print('ready', os.getpid(), flush=True)
sys.stdin.read()
"""


def deep(*args):
    return live.report("--deep", *args)["processes"][0]


def test_small_stack(tap):
    """The walkers need little stack, whatever the limit is that they find."""
    with live.Target([live.PYTHON, "-c", PYTHON]) as target:
        done = subprocess.run(["sh", "-c", f"ulimit -s 128 && exec {live.MEMSPECT} --deep {target.pid}"],
                              capture_output=True, check=False)
    tap.equal((done.returncode, done.stderr), (0, b""), "a stack of 128 KiB is enough")


def line_sum(process, word):
    return sum(owner["rss_bytes"] for category in process["categories"]
               for owner in category["owners"]
               if owner["evidence"] == "walked" and owner["name"].split()[-1] == word)


def test_python(tap):
    with live.Target([live.PYTHON, "-c", PYTHON]) as target:
        truth = target.made[0]
        process = deep("-r", "--large=1M", target.pid)
        text = live.memspect("--deep", target.pid)[1].decode()
        schema = complaints("-r", "--deep", "--preview", target.pid)
    inside = process["deep"]
    runtime = inside["runtimes"][0]
    types = {row["type"]: row for row in runtime["types"]}
    large = [row for row in runtime["large"] if row["type"] == "bytearray"]
    walked = process["accounting"]["walked_bytes"]
    tap.equal(balance.errors(process), [], "python: adds up")
    tap.equal(schema, [], "python: valid")
    tap.ok(abs(types["bytes"]["bytes"] - truth["kept"]) < truth["kept"] * 0.2,
           "python: bytes objects", types["bytes"])
    tap.ok(types["str"]["count"] >= 100000, "python: strings", types["str"])
    tap.equal([row["bytes"] for row in large], [truth["big"]], "python: the large bytearray")
    tap.ok(0 <= inside["native_live_bytes"] - truth["hoard"] < 4 * MIB,
           "python: native memory is what C holds", inside["native_live_bytes"])
    tap.equal(inside["beyond_objects_bytes"],
              sum(row["bytes"] for row in inside["beyond_objects"]), "python: causes add up")
    tap.equal(inside["beyond_objects_bytes"] + inside["objects_bytes"],
              process["totals"]["rss_bytes"], "python: objects and beyond are RSS")
    tap.equal(sum(line_sum(process, word)
                  for word in ("objects", "buffers", "native", "free", "overhead")),
              walked, "python: walked lines of the balance sheet add up to what was walked")
    tap.ok(process["accounting"]["unexplained_percent"] < 3, "python: hardly anything unknown",
           process["accounting"])
    tap.ok("of native memory" in text and "BEYOND OBJECTS" in text, "python: text", text)
    native, = [row for row in inside["beyond_objects"] if row["cause"] == "native"]
    tap.ok("300 blocks of 97.7 KiB" in native["facts"], "python: blocks of one size", native)
    large, = [row for row in process["findings"] if row["id"] == "large_types"
              and " bytes take " in row["text"]]
    tap.equal(large["severity"], "info", "python: a type of which there is much")


def test_narrow(tap):
    """Nothing that is said is cut, and what matters of allocators has room."""
    env = {**os.environ, "COLUMNS": "80", "LC_ALL": "C.UTF-8"}
    with live.Target([live.PYTHON, "-c", PYTHON]) as target:
        inside = deep(target.pid)["deep"]
        text = subprocess.run([live.MEMSPECT, "--deep", str(target.pid)], env=env, check=True,
                              capture_output=True, text=True).stdout
    native, = [row for row in inside["beyond_objects"] if row["cause"] == "native"]
    tap.ok(" ".join(native["advice"].split()) in " ".join(text.split()), "80 columns: all advice",
           text)
    tap.ok(max(map(len, text.splitlines())) <= 80, "80 columns: no longer line")
    head, = [line for line in text.splitlines() if line.startswith("ALLOCATOR")]
    tap.equal(head.split()[1:], ["LIVE", "MAPPED", "FREE", "TOP", "TRIMMABLE", "ARENAS"],
              "80 columns: of allocators what matters")


def complaints(*args):
    path = os.path.join(os.path.dirname(live.HERE), "schema", "memspect.report-1.schema.json")
    with open(path, encoding="utf-8") as file:
        check = jsonschema.Draft202012Validator(json.load(file))
    return [error.message[:200] for error in check.iter_errors(live.report(*args))][:5]


def test_plain(tap):
    with live.Target(["/bin/sh", "-c", "echo ready $$; read line"]) as target:
        process = deep(target.pid)
        without = live.report(target.pid)["processes"][0]
    tap.equal(balance.errors(process), [], "sh: adds up")
    tap.equal(process["totals"]["rss_bytes"], without["totals"]["rss_bytes"],
              "sh: reading memory changes no RSS")
    tap.equal(without["deep"], None, "without --deep memory is not read")
    tap.equal(process["deep"]["beyond_objects_bytes"], None, "sh: no objects to be beyond of")
    tap.ok(process["accounting"]["walked_bytes"] > 0, "sh: its heap was walked")


def test_huge_pages(tap):
    with live.Target([live.compile_c("target_malloc"), "huge"]) as target:
        with open(f"/proc/{target.pid}/smaps", encoding="ascii") as file:
            huge = sum(int(line.split()[1]) for line in file if line.startswith("AnonHugePages"))
        found = [row for row in deep(target.pid)["findings"] if row["id"] == "huge_pages"]
    if huge < 16 * 2048:
        tap.skip("huge pages", f"the kernel gave {huge} KiB of them")
        return
    tap.equal([row["text"] for row in found],
              ["8 of 16 huge pages (16.0 MiB) are more than half free or zero: 0 B of that is free, "
               "16.0 MiB zero."], "huge pages that are hardly used")


def test_denied(tap):
    live.need_root()
    live.need("setpriv")
    with live.Target(["/bin/sh", "-c", "echo ready $$; read line"]) as target:
        done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", live.MEMSPECT, "-j",
                               "--deep", str(target.pid)], capture_output=True, check=False)
    tap.ok(done.returncode == 4, "denied: status 4", done.stderr)
    tap.equal(json.loads(done.stdout)["processes"][0]["deep"], None, "denied: no depth")


def test_interrupt(tap):
    with live.Target([live.PYTHON, "-c", PYTHON]) as target:
        run = subprocess.Popen([live.MEMSPECT, "-j", "--deep", str(target.pid)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=live.PATIENCE_SECONDS)
    tap.ok(run.returncode in (0, -signal.SIGINT), "SIGINT: ends at once", (run.returncode, err))
    tap.ok(not out or "processes" in json.loads(out), "SIGINT: nothing half", out[:200])


def test_usage(tap):
    status, _, err = live.memspect("--deep=nonsense", os.getpid())
    tap.ok(status == 2, "usage: no such depth", err)
    tap.ok(err.startswith(b"memspect: --deep 'nonsense'"), "usage: says so", err)


if __name__ == "__main__":
    sys.exit(live.run(test_python, test_small_stack, test_narrow, test_plain, test_huge_pages, test_denied, test_interrupt, test_usage))
