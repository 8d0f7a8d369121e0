# SPDX-License-Identifier: GPL-2.0-or-later
"""--diff in depth, on real processes: the type, class or line that a program makes more of is the one
that is said to have grown, by as much; and a snapshot says of memory what its process does."""

import glob
import json
import os
import shutil
import signal
import subprocess
import time

import jsonschema
import yaml

import live

MIB = 1 << 20
RECORDS = 200000
BLOCKS, BLOCK_BYTES = 30000, 1008  # with its header

# Makes as many dicts of a class as each line says.
PROGRAM = """
import os, sys
class Record(dict):
    pass
print("ready", os.getpid(), flush=True)
kept = []
for line in sys.stdin:
    kept.append([Record() for _ in range(int(line))])
    print("done", flush=True)
"""


def python():
    return live.Target([live.PYTHON, "-c", PROGRAM])


def native():
    return live.Target([live.compile_c("target_grow")])


def ask(process, text):
    process.send(text.encode() + b"\n")
    return process.process.stdout.readline()


def snapshot(process, name, *options):
    """The path of a snapshot that a watch has taken."""
    directory = os.path.join(live.scratch(), name)
    shutil.rmtree(directory, ignore_errors=True)
    os.mkdir(directory, 0o700)
    status, _, err = live.memspect("--watch=0.2", "-n", 2, f"--snapshot={directory}", *options,
                                   process.pid)
    paths = sorted(glob.glob(os.path.join(glob.escape(directory), "memory_snapshot_*.yaml")))
    if status or not paths:
        raise RuntimeError(f"no snapshot: {status}, {err!r}")
    return paths[-1]


def complaints(document, name, part=None):
    """Errors by its schema, or by the schema of a part."""
    path = os.path.join(os.path.dirname(live.HERE), "schema", f"memspect.{name}.schema.json")
    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    if part:
        schema = {"$defs": schema["$defs"], "$ref": f"#/$defs/{part}"}
    errors = jsonschema.Draft202012Validator(schema).iter_errors(document)
    return [error.message[-200:] for error in errors]


def diff(*args):
    pair, = live.report("--diff", *args)["pairs"]
    return pair


def row(rows, **keys):
    """The one row with these values."""
    found, = [r for r in rows if all(r[key] == value for key, value in keys.items())]
    return found


def check_records(tap, name, pair):
    first = pair["deep"]["types"][0]
    tap.equal((first["type"], first["delta_count"]), ("__main__.Record", RECORDS),
              f"{name}: the type comes first, with every object")
    tap.ok(first["delta_bytes"] >= RECORDS * 48 and first["growth_percent"] > 80,
           f"{name}: and its bytes", first)
    grown = row(pair["deep"]["totals"], id="objects")["delta_bytes"]
    tap.ok(grown > RECORDS * 48, f"{name}: objects are what grew", grown)
    tap.equal(pair["deep"]["lines"][0]["line"], "objects", f"{name}: and their line")


def check_blocks(tap, name, pair):
    first = pair["deep"]["lines"][0]
    tap.equal((first["owner"], first["line"]), ("glibc malloc", "native"),
              f"{name}: native memory comes first")
    # The user's bytes; the headers are overhead.
    tap.near(first["delta_bytes"], BLOCKS * BLOCK_BYTES, 0.02 * BLOCKS * BLOCK_BYTES,
             f"{name}: by as much")
    live_sum = row(pair["deep"]["allocators"], allocator="glibc malloc", sum="live")
    tap.equal(live_sum["delta_count"], BLOCKS, f"{name}: by every block")
    tap.equal(live_sum["delta_bytes"], BLOCKS * BLOCK_BYTES, f"{name}: of its size")
    tap.equal(pair["deep"]["types"], None, f"{name}: there are no types")


def test_two_programs(tap):
    with python() as healthy, python() as sick:
        ask(sick, str(RECORDS))
        check_records(tap, "two", diff("--deep", healthy.pid, sick.pid))


def test_two_services(tap):
    with native() as healthy, native() as sick:
        ask(sick, f"{BLOCKS} {BLOCK_BYTES - 8}")
        check_blocks(tap, "two services", diff("--deep", healthy.pid, sick.pid))


def test_growth(tap):
    with python() as process:
        before = snapshot(process, "types", "--deep")
        time.sleep(1.1)  # a rate is over time
        ask(process, str(RECORDS))
        check_records(tap, "file and process", diff("--deep", before, process.pid))
        pair = diff(before, snapshot(process, "types2", "--deep"))
        check_records(tap, "two files", pair)
        rate = pair["deep"]["types"][0]["rate_bytes_per_hour"]
        tap.near(rate * pair["elapsed_seconds"] / 3600, pair["deep"]["types"][0]["delta_bytes"],
                 4096, "two files: the rate is right")


def test_malloc(tap):
    with native() as process:
        before = snapshot(process, "malloc", "--deep")
        time.sleep(1.1)  # a rate is over time
        ask(process, f"{BLOCKS} {BLOCK_BYTES - 8}")
        check_blocks(tap, "malloc", diff("--deep", before, process.pid))


def changed(rows):
    return [r for r in rows or () if r["status"] != "same"]


def test_back(tap):
    """A snapshot is read as it was written: an idle process shows no change."""
    for name, target in ("python", python()), ("native", native()):
        with target as process:
            ask(process, "1000 1000" if name == "native" else "1000")
            pair = diff("--deep", snapshot(process, f"back-{name}", "--deep"), process.pid)
            for table in "types", "classes", "lines", "allocators":
                tap.equal(changed(pair["deep"][table]), [], f"back, {name}: {table} are the same")
            # Pages of files come and go.
            sums = [t["delta_bytes"] for t in pair["deep"]["totals"] if t["id"] != "beyond_objects"]
            tap.equal(set(sums) - {0, None}, set(), f"back, {name}: so are the sums")
            owners = [o for c in pair["categories"] if c["id"] in ("heap", "anonymous")
                      for o in c["owners"]]
            tap.equal([o for o in owners if o["delta_rss_bytes"]], [],
                      f"back, {name}: and every line of the balance sheet")
            tap.ok(any(o["name"] == "glibc malloc native" for o in owners),
                   f"back, {name}: which has walked ones")


def test_schemas(tap):
    with python() as process:
        old = snapshot(process, "schemas", "--deep")
        with open(old, encoding="utf-8") as file:
            sources = yaml.load(file, yaml.CSafeLoader)["processes"][0]["sources"]
        kinds = {r["kind"] for r in sources["holdings"]["rows"]}
        tap.ok(kinds >= {"line", "allocator", "type"}, "schemas: a snapshot has what was found", kinds)
        tap.equal(complaints(sources, "report-1", "sources"), [], "schemas: and is valid")
        both = live.report("--diff", "--deep", old, process.pid)
        tap.equal(complaints(both, "diff-1"), [], "schemas: so is a comparison")
        tap.equal(complaints(live.report("--diff", old, process.pid), "diff-1"), [],
                  "schemas: and one with one side in depth")


def test_one_side(tap):
    with native() as process:
        pair = diff("--deep", snapshot(process, "plain"), process.pid)
        tap.equal(pair["deep"], None, "one side: nothing is compared")
        tap.equal(pair["unavailable"].get("deep"), "OLD: taken without --deep", "one side: it says why")
        tap.equal([n["id"] for n in pair["notes"]], ["old_unwalked"], "one side: in a note, too")


def test_denied(tap):
    """A user who may not read memory gets all other data, and the exit status says so."""
    live.need_root()
    live.need("setpriv")
    with native() as process:
        done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", live.MEMSPECT, "-j",
                               "--deep", "--diff", str(process.pid), str(process.pid)],
                              capture_output=True, check=False)
        pair, = json.loads(done.stdout)["pairs"]
        tap.equal((done.returncode, pair["deep"]), (4, None), "denied: status 4, and no types")


def test_interrupt(tap):
    with python() as process:
        ask(process, str(RECORDS))
        run = subprocess.Popen([live.MEMSPECT, "-j", "--deep", "--diff", str(process.pid),
                                str(process.pid)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        live.becomes(lambda: run.poll() is not None or live.processor_ticks(run.pid) >= 3)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=live.PATIENCE_SECONDS)
        tap.ok(run.returncode in (0, -signal.SIGINT), "SIGINT: ends at once", (run.returncode, err))
        tap.ok(not out or "pairs" in json.loads(out), "SIGINT: nothing half", out[:200])


live.run(test_two_programs, test_two_services, test_growth, test_malloc, test_back, test_schemas,
         test_one_side, test_denied, test_interrupt)
