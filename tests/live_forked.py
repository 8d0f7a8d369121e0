# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that share memory by fork: PSS and USS of their categories and owners are those of the
kernel, with and without --deep."""

import contextlib
import json
import os
import pwd
import re

import balance
import live

PAGE = os.sysconf("SC_PAGE_SIZE")
MIB = 1 << 20
# Of the array of target_forked.py, what the first worker has changed.
CHANGED = 4 * MIB
SHARED_BY = 5  # and its old pages, by the others
SLACK = MIB // 4
DEPTHS = ((), ("--deep",))


@contextlib.contextmanager
def service(**popen):
    """The PIDs of a service of six processes: the parent, then the workers."""
    source = os.path.join(live.TARGETS, "target_forked.py")
    with live.Target([live.PYTHON, source], **popen) as target:
        pids = [target.pid, *json.loads(target.lines[-1])]
        for pid in pids:
            live.wait_for_rest(pid)
        yield pids


def rollup(pid):
    """(PSS, USS, mappings) of a process as the kernel says."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        found = {key: int(kib) << 10
                 for key, kib in re.findall(r"^(\w+): +(\d+) kB$", file.read(), re.M)}
    with open(f"/proc/{pid}/maps", encoding="latin-1") as file:
        mappings = len(file.readlines())
    return found["Pss"], found["Private_Clean"] + found["Private_Dirty"], mappings


def check_sums(tap, name, categories, want):
    """Compares the sums of categories with (PSS, USS, mappings)."""
    pss, uss, mappings = want
    for key, of_kernel in (("pss_bytes", pss), ("uss_bytes", uss)):
        missing = [category["id"] for category in categories if category[key] is None]
        tap.equal(missing, [], f"{name}: every category has {key}")
        tap.near(balance.total(categories, key), of_kernel, mappings * PAGE,
                 f"{name}: {key} of categories adds up to the kernel's")


def check_process(tap, name, process):
    check_sums(tap, name, process["categories"], rollup(process["pid"]))
    tap.equal(balance.errors(process), [], f"{name}: everything adds up")
    for key in ("pss_bytes", "uss_bytes"):
        owners = [owner for category in process["categories"] for owner in category["owners"]]
        tap.equal(balance.total(owners, key), process["totals"][key],
                  f"{name}: {key} of owners adds up")
        tap.ok(all(owner[key] is not None for owner in owners), f"{name}: and each has it")


def shares(process):
    """{owner: (PSS, USS)}"""
    return {owner["name"]: (owner["pss_bytes"], owner["uss_bytes"])
            for category in process["categories"] for owner in category["owners"]
            if owner["evidence"] == "walked"}


def check_changed(tap, name, first, other):
    """The first worker differs from another one by the part of the array that it changed: in one
    owner, that of the array."""
    there, here = shares(other), shares(first)
    more = {owner: (here[owner][0] - there[owner][0], here[owner][1] - there[owner][1])
            for owner in here if owner in there}
    array = max(more, key=lambda owner: more[owner][1])
    pss, uss = more.pop(array)
    tap.near(uss, CHANGED, SLACK, f"{name}: {array} has the pages that a worker changed as USS")
    tap.near(pss, CHANGED - CHANGED / SHARED_BY, SLACK,
             f"{name}: {array} lacks a share of those that it no longer has")
    wrong = {owner: values for owner, values in more.items() if max(map(abs, values)) > SLACK}
    tap.equal(wrong, {}, f"{name}: and no other owner has any of it")


def check_service(tap, name, pids, **popen):
    kernel = [rollup(pid) for pid in pids]
    for depth in DEPTHS:
        named = " ".join([name, *depth])
        report = live.report(*depth, "-r", "-t", pids[0], **popen)
        processes = {process["pid"]: process for process in report["processes"]}
        tap.equal(sorted(processes), sorted(pids), f"{named}: the whole service")
        for place, pid in (("parent", pids[0]), ("first", pids[1]), ("last", pids[-1])):
            check_process(tap, f"{named}, {place}", processes[pid])
        check_sums(tap, f"{named}, all together", report["group"]["categories"],
                   [sum(values) for values in zip(*kernel)])
        if depth:
            check_changed(tap, named, processes[pids[1]], processes[pids[-1]])
        alone = live.report(*depth, pids[0], **popen)["processes"]
        check_process(tap, f"{named}, alone", alone[0])


def test_service(tap):
    with service() as pids:
        check_service(tap, "forked", pids)


def test_unprivileged(tap):
    """Where only root may read how many mappings a page has."""
    live.need_root()
    nobody = pwd.getpwnam("nobody")
    user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    with service(**user) as pids:
        check_service(tap, "of nobody", pids, **user)


live.run(test_service, test_unprivileged)
