# SPDX-License-Identifier: GPL-2.0-or-later
"""Real programs: the report, the runtime and its version, packages, selection, control groups."""

import contextlib
import glob
import os
import re
import shutil
import subprocess

import balance
import live
import servers

MIB = 1 << 20
WIDTH = 100
LIMIT = 512 * MIB
HIERARCHIES = ("/sys/fs/cgroup/memory", "/sys/fs/cgroup")

SHELL = ["/bin/sh", "-c", "echo ready $$; read line"]
PERL = ["/usr/bin/perl", "-MPOSIX", "-e", "$| = 1; print qq(ready $$\\n); sleep"]


def version_of(*argv):
    """The first version number that a program prints."""
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return re.search(r"\d+\.\d+(\.\d+)*", done.stdout + done.stderr)[0]


def is_version(got, want):
    """As far as it can be told: a file name may have only 3.11 of 3.11.2, and perl has no sign."""
    return got is None if want is None else f"{want}.".startswith(f"{got}.")


def check_report(tap, name, process):
    pid = process["pid"]
    exe = os.readlink(f"/proc/{pid}/exe")
    owners = {(category["id"], owner["name"])
              for category in process["categories"] for owner in category["owners"]}
    tap.equal(balance.errors(process), [], f"{name}: adds up")
    tap.ok(process["consistent"] and process["partial"] is None, f"{name}: read whole")
    # The drift is not known if a garbage collector came in between.
    tap.equal(process["unavailable"].keys() - {"accounting.drift_bytes"}, set(),
              f"{name}: everything can be read")
    tap.equal(process["exe"], exe, f"{name}: the program")
    tap.ok(("program", os.path.basename(exe)) in owners, f"{name}: the program has memory",
           owners)
    # Go programs have none.
    with open(f"/proc/{pid}/maps", encoding="latin-1") as maps:
        libc = "/libc.so.6\n" in maps.read()
    tap.ok((("shared_library", "libc.so.6") in owners) == libc, f"{name}: the C library is shared")


def check_text(tap, name, pid):
    status, out, err = live.memspect(pid)
    text = out.decode()
    tap.equal((status, err), (0, b""), f"{name}: text, status")
    long = [line for line in text.splitlines() if len(line) > WIDTH]
    tap.equal(long, [], f"{name}: text, no line is too long")
    tap.ok(f"({pid})" in text.split("\n")[0], f"{name}: text, who it is", text.split("\n")[0])


def check_runtime(tap, name, process, runtime, version):
    got = process["runtimes"]
    if not runtime:
        tap.equal(got, [], f"{name}: no runtime")
        return
    tap.equal([row["name"] for row in got], [runtime], f"{name}: runtime")
    tap.ok(got and is_version(got[0]["version"], version), f"{name}: version {version}", got)


def check_program(tap, name, target, runtime=None, version=None):
    with target:
        process, = live.report("-r", target.pid)["processes"]
        check_report(tap, name, process)
        check_text(tap, name, target.pid)
        check_runtime(tap, name, process, runtime, version)
        return process


def test_numpy(tap):
    try:
        version = version_of(live.PYTHON, "-c", "import numpy, sys; print(sys.version)")
    except subprocess.CalledProcessError:
        raise live.Skip("numpy is not installed")
    process = check_program(tap, "numpy",
                            live.Target([live.PYTHON, f"{live.SAMPLES}/demo_service.py"]),
                            "cpython", version)
    packages = {package["name"]: package for package in process["packages"]}
    tap.ok("numpy" in packages and packages["numpy"]["runtime"] == "cpython",
           "numpy: is a package of CPython", packages)
    files = {file["category"] for file in process["files"] if file["package"] == "numpy"}
    tap.equal(files, {"c_extension"}, "numpy: its files are C extensions")
    totals = process["totals"]
    tap.ok(totals["rss_bytes"] > 100 * MIB, "numpy: RSS is of all its kinds", totals)


def runtime_test(name, runtime, make, *version):
    def test(tap):
        live.need(version[0])
        check_program(tap, name, make(), runtime, version_of(*version) if version[1:] else None)
    test.__name__ = name
    return test


def test_shell(tap):
    check_program(tap, "shell", live.Target(SHELL))


def check_server(tap, name, pids):
    """The last of the PIDs is the first process; the others are its descendants."""
    document = live.report("-r", "-t", pids[-1])
    processes = document["processes"]
    tap.ok(set(pids) - {process["pid"] for process in processes} <= {pids[0]},
           f"{name}: -t adds descendants", processes)
    for process in processes:
        check_report(tap, f"{name} {process['pid']}", process)
        check_runtime(tap, name, process, None, None)
    if len(processes) > 1:
        check_group(tap, name, document)
    check_text(tap, name, pids[0])


def check_group(tap, name, document):
    """Members with an address space each: the sums are theirs."""
    group, processes = document["group"], document["processes"]
    tap.equal((group["count"], group["address_spaces"]), (len(processes),) * 2,
              f"{name}: all are in the group")
    for key in balance.SUMMED:
        want = sum(process["totals"][key] for process in processes)
        tap.equal(group[key], want, f"{name}: {key} of the group")
        tap.equal(balance.total(group["categories"], key), want,
                  f"{name}: {key} of its categories")


def server_test(start):
    def test(tap):
        with start(live.scratch()) as pids:
            check_server(tap, start.__name__, pids)
    test.__name__ = start.__name__
    return test


def pids_of(*args, **popen):
    return sorted(process["pid"] for process in live.report(*args, **popen)["processes"])


def test_selection(tap):
    # A name that no other test has.
    name = f"selected{os.getpid()}"
    program = shutil.copy(live.compile_c("target_mem"), os.path.join(live.scratch(), name))
    with live.Target([program, "anonymous=1M"]) as one, \
            live.Target([program, "anonymous=2M"]) as two:
        both = sorted((one.pid, two.pid))
        tap.equal(pids_of("-C", f"^{name}$"), both, "-C finds by name")
        tap.equal(pids_of("-f", "-C", f"{program} anonymous=2M"), [two.pid],
                  "-f finds by command line")
        tap.equal(pids_of("-C", f"^{name}$", "-u", str(os.geteuid())), both, "-u of the user")
        tap.equal(live.memspect("-C", f"^{name}$", "-u", str(os.geteuid() + 1))[0], 3,
                  "-u with a different user")
        tap.equal(pids_of("-t", one.pid), [one.pid], "-t without descendants")
        tap.equal(pids_of("-p", f"{one.pid},{two.pid}"), both, "-p takes several")
        tree = pids_of("-t", os.getpid())
        tap.ok({os.getpid(), *both} <= set(tree), "-t finds descendants", tree)
        check_group(tap, "selection", live.report("-C", f"^{name}$"))
        tap.equal(live.memspect("-C", "no such process")[0], 3, "-C finds nothing")
        listed = {process["pid"]: process for process in live.report()["processes"]}
        tap.ok(set(both) <= set(listed), "the list has both")
        for process in live.report(*both)["processes"]:
            tap.equal(listed[process["pid"]]["totals"]["rss_bytes"],
                      process["totals"]["rss_bytes"], "the list has the RSS of the report")


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(text))


def read_limit(directory, *names):
    """None where there is no limit."""
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            with open(os.path.join(directory, name), encoding="ascii") as file:
                value = file.read().strip()
            return None if value == "max" or int(value) > 1 << 62 else int(value)
    raise LookupError(f"{directory} has none of {names}")


def controller():
    """The directory of the memory controller's hierarchy."""
    for hierarchy in HIERARCHIES:
        if glob.glob(f"{hierarchy}/memory.*") or os.path.exists(f"{hierarchy}/cgroup.controllers"):
            return hierarchy
    raise live.Skip("there is no memory controller")


@contextlib.contextmanager
def scratch_cgroup():
    """A control group with a limit; its directory and its path."""
    live.need_root()
    path = f"/memspect-live-{os.getpid()}"
    directory = controller() + path
    try:
        os.mkdir(directory)
    except OSError as error:
        raise live.Skip(f"cannot make a control group: {error.strerror}")
    try:
        limit = [name for name in ("memory.max", "memory.limit_in_bytes")
                 if os.path.exists(f"{directory}/{name}")]
        if not limit:
            raise live.Skip("the memory controller is not on for new control groups")
        write(f"{directory}/{limit[0]}", LIMIT)
        yield directory, path
    finally:
        os.rmdir(directory)


def enter(directory):
    """For a child, before it executes its program: joins the group."""
    return lambda: write(f"{directory}/cgroup.procs", os.getpid())


def test_cgroup(tap):
    with scratch_cgroup() as (directory, path):
        program = live.compile_c("target_mem")
        sizes = ["anonymous=40M", "file_shared=10M", "shared=5M"]
        with live.Target([program, *sizes], preexec_fn=enter(directory)) as one, \
                live.Target([program, *sizes], preexec_fn=enter(directory)) as two:
            document = live.report(f"--cgroup={path}")
            members = sorted(process["pid"] for process in document["processes"])
            tap.equal(members, sorted((one.pid, two.pid)), "--cgroup finds the members")
            tap.equal(pids_of(f"--cgroup={one.pid}"), members, "--cgroup of a process")
            check_group(tap, "cgroup", document)
            check_reconciliation(tap, document["group"], directory, path)
            check_limits(tap, document["processes"][0], directory, path)
            tap.equal(live.memspect("--would-fit=1G", one.pid)[0], 1,
                      "--would-fit knows the limit of the group")


def check_reconciliation(tap, group, directory, path):
    cgroup = group["cgroup"]
    parts = {row["id"]: row["bytes"] for row in cgroup["parts"]}
    current = read_limit(directory, "memory.current", "memory.usage_in_bytes")
    tap.equal(cgroup["path"], path, "reconciliation: the group")
    # Each processor takes pages for a group in advance.
    tap.near(cgroup["current_bytes"], current, 2 * MIB, "reconciliation: what it is charged")
    tap.equal(sum(value for value in parts.values() if value is not None),
              cgroup["current_bytes"], "reconciliation: adds up")
    tap.near(parts["members_anonymous"], 80 * MIB, MIB, "reconciliation: anonymous memory")
    tap.near(parts["members_shmem"], 10 * MIB, MIB // 4, "reconciliation: shared memory")
    tap.ok(20 * MIB <= parts["page_cache"] < 40 * MIB, "reconciliation: page cache", parts)
    tap.ok(abs(parts["rest"]) < 8 * MIB, "reconciliation: little is left", parts)


def check_limits(tap, process, directory, path):
    rows = {(row["id"], row["path"]): row for row in process["limits"]}
    own, top = rows["cgroup_max", path], rows.get(("cgroup_max", "/"))
    used = read_limit(directory, "memory.current", "memory.usage_in_bytes")
    tap.equal(own["limit"], LIMIT, "limits: of the control group")
    tap.near(own["used"], used, 2 * MIB, "limits: what the group uses")
    tap.equal(own["headroom"], own["limit"] - own["used"], "limits: what is left")
    if top:
        with contextlib.suppress(LookupError):
            tap.equal(top["limit"], read_limit(controller(), "memory.max",
                                               "memory.limit_in_bytes"),
                      "limits: of the group above")


live.run(test_numpy,
         runtime_test("node", "node", lambda: live.regions_target("js"), "node", "--version"),
         runtime_test("java", "jvm", lambda: live.regions_target("java"), "java", "-version"),
         runtime_test("go", "go", lambda: live.regions_target("go"), "go", "version"),
         runtime_test("ruby", "ruby", lambda: live.regions_target("rb"), "ruby", "--version"),
         runtime_test("php", "php", lambda: live.regions_target("php"), "php", "--version"),
         runtime_test("perl", "perl", lambda: live.Target(PERL), "perl"),
         test_shell, *map(server_test, (servers.postgres, servers.redis, servers.nginx)),
         test_selection, test_cgroup)
