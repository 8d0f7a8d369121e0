# SPDX-License-Identifier: GPL-2.0-or-later
"""Sums: of every process of the machine, and against those of an oracle."""

import contextlib
import json
import os
import subprocess

import balance
import live
import oracle

SCHEMA = os.path.join(os.path.dirname(live.HERE), "schema", "memspect.report-1.schema.json")

# Counters of memory that is not shared with memspect: reading does not change them.
SAME_FIELDS = {"Rss": "rss_bytes", "Swap": "swap_bytes", "SwapPss": "swap_pss_bytes",
               "Anonymous": "anonymous_bytes", "LazyFree": "lazyfree_bytes"}


def read_smaps(pid):
    try:
        with open(f"/proc/{pid}/smaps", encoding="latin-1", newline="\n") as file:
            return file.read()
    except OSError:
        return ""


def test_every_process(tap):
    processes = live.report("-r", "-C", "^")["processes"]
    wrong = [f"{process['comm']} ({process['pid']}): {error}"
             for process in processes for error in balance.errors(process)]
    readable = sum(process["categories"] is not None for process in processes)
    tap.note(f"{readable} of {len(processes)} processes have memory that can be read")
    tap.ok(not wrong and readable > 0, "every process adds up", "\n".join(wrong))


def differences(processes, before):
    """{pid: values that differ from smaps} of the processes whose smaps before and after are the
    same."""
    found = {}
    for process in processes:
        pid = process["pid"]
        sums = oracle.sum_smaps(before.get(pid, ""))
        if not sums["records"]:
            continue
        after = oracle.sum_smaps(read_smaps(pid))
        if any(after["totals"][field] != sums["totals"][field] for field in SAME_FIELDS):
            continue
        found[pid] = [f"{process['comm']} ({pid}): {key} {process['totals'][key]} is not "
                      f"{sums['totals'][field]}" for field, key in SAME_FIELDS.items()
                      if process["totals"][key] != sums["totals"][field]]
    return found


def test_every_idle_process(tap):
    """The report on a process that did not change meanwhile agrees with smaps."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    before = {pid: read_smaps(pid) for pid in pids}
    found = differences(live.report("-r", "-C", "^")["processes"], before)
    idle, wrong = len(found), []
    # A process may have changed and changed back: those that differ are checked again.
    for pid in [pid for pid, lines in found.items() if lines]:
        for _ in range(live.TRIES):
            again = {pid: read_smaps(pid)}
            status, out, _ = live.memspect("-j", "-r", pid)
            lines = differences(json.loads(out)["processes"] if status == 0 else [], again)
            if not lines.get(pid):
                break
        wrong += lines.get(pid, [])
    tap.note(f"{idle} processes did not change")
    tap.ok(not wrong and idle > 0, "every idle process has the sums of its smaps",
           "\n".join(wrong))


def check_record(tap, name, pid):
    """The report on a copy of a process's files equals the oracle's sums of the same copy."""
    directory = os.path.join(live.scratch(), "recorded", name)
    subprocess.run([f"{live.HERE}/capture-proc", str(pid), directory], check=True,
                   stdout=subprocess.DEVNULL)
    process, = live.report("-r", f"--proc-root={directory}/proc", pid)["processes"]
    want = oracle.sum_file(f"{directory}/proc/{pid}/smaps")
    totals = want["totals"]
    got = process["totals"]
    same = {key: totals[field] for field, key in SAME_FIELDS.items()}
    same |= {"pss_bytes": totals["Pss"], "mappings": want["records"],
             "uss_bytes": totals["Private_Clean"] + totals["Private_Dirty"],
             "hugetlb_bytes": totals["Shared_Hugetlb"] + totals["Private_Hugetlb"]}
    tap.equal({key: got[key] for key in same}, same, f"{name}: recorded, the sums of its smaps")
    tap.equal(balance.errors(process), [], f"{name}: recorded, adds up")


def check_target(tap, name, pid):
    process, = live.report("-r", pid)["processes"]
    tap.equal(balance.errors(process), [], f"{name}: adds up")
    tap.ok(process["consistent"] and process["partial"] is None, f"{name}: read whole")
    tap.equal(process["accounting"]["drift_bytes"], 0, f"{name}: VmRSS is the sum of smaps")
    names = oracle.sum_smaps(read_smaps(pid))["names"]
    for mapping in ("[heap]", "[stack]", ""):
        of_name = [r for r in process["regions"] if r["name"] == mapping]
        got = {key: balance.total(of_name, key) for key in ("rss_bytes", "pss_bytes")}
        want = names.get(mapping, {})
        tap.equal(got, {"rss_bytes": want.get("Rss"), "pss_bytes": want.get("Pss")},
                  f"{name}: Rss and Pss of '{mapping}'")
    check_record(tap, name, pid)


def test_targets(tap):
    kinds = [f"{kind}=1M" for kind in ("heap", "malloc", "arena", "stack", "anonymous", "lazyfree",
                                       "locked", "file_read", "file_private", "shared", "memfd",
                                       "tmpfs", "sysv", "thp", "zero")]
    with live.Target([live.compile_c("target_mem"), *kinds]) as target:
        check_target(tap, "target_mem", target.pid)


def test_python(tap):
    with live.regions_target("py") as target:
        check_target(tap, "python", target.pid)


def test_schema(tap):
    try:
        import jsonschema
    except ImportError:
        raise live.Skip("python3-jsonschema is not installed")
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    validator = jsonschema.validators.validator_for(schema)(schema)
    with live.regions_target("py") as target:
        others = [os.getpid()]
        with contextlib.suppress(live.Skip):
            others.append(live.need_kernel_thread())
        for args in (["-r", target.pid], ["-r", target.pid, *others], [],
                     ["--would-fit=1M", target.pid]):
            wrong = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
                     for error in validator.iter_errors(live.report(*args))]
            tap.equal(wrong, [], f"the schema holds for memspect -j {' '.join(map(str, args[:1]))}")


live.run(test_every_process, test_every_idle_process, test_targets, test_python, test_schema)
