# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory of known size and kind: memspect reports it, within a page for each mapping."""

import contextlib
import os
import pathlib

import balance
import live

PAGE = 4096
MIB = 1 << 20

# By kind: category, evidence, owner, and the counter that holds all of its bytes.
MAPPED = {
    "anonymous": ("anonymous", "unknown", (None, None), "private_dirty_bytes"),
    "arena": ("anonymous", "inferred", ("allocator", "glibc malloc"), "private_dirty_bytes"),
    "file_private": ("mapped_file", "kernel", "file", "anonymous_bytes"),
    "file_read": ("mapped_file", "kernel", "file", "private_clean_bytes"),
    "file_shared": ("mapped_file", "kernel", "file", "rss_bytes"),
    "heap": ("heap", "kernel", ("allocator", "brk"), "private_dirty_bytes"),
    "lazyfree": ("anonymous", "unknown", (None, None), "lazyfree_bytes"),
    "locked": ("anonymous", "unknown", (None, None), "locked_bytes"),
    "memfd": ("shared_memory", "kernel", ("file", "memfd:target"), "rss_bytes"),
    "named": ("anonymous", "kernel", ("file", "target"), "rss_bytes"),
    "shared": ("shared_memory", "kernel", (None, None), "rss_bytes"),
    "stack": ("stack", "inferred", ("thread", "threads"), "private_dirty_bytes"),
    "sysv": ("shared_memory", "kernel", ("file", "SYSV00000000"), "rss_bytes"),
    "thp": ("anonymous", "unknown", (None, None), "rss_bytes"),
    "tmpfs": ("shared_memory", "kernel", "file", "rss_bytes"),
}
BYTES = {kind: (7 + n) * 20 * PAGE for n, kind in enumerate(MAPPED)} | {"thp": 4 * MIB}

# A heap also holds other memory of the program and its arena: the earlier heap, a header.
ALSO = {"heap": 132 << 10, "arena": 132 << 10}


def operands(sizes):
    return [f"{kind}={size >> 10}K" for kind, size in sizes.items()]


@contextlib.contextmanager
def target(sizes):
    """The process and what it made, without kinds that are not possible here."""
    with live.Target([live.compile_c("target_mem"), *operands(sizes)]) as process:
        yield process, {made["kind"]: made for made in process.made}


def region_at(process, address):
    for region in process["regions"]:
        if int(region["start"], 16) <= int(address, 16) < int(region["end"], 16):
            return region
    raise LookupError(f"no mapping has {address}")


def outside(process):
    return {row["id"]: row["bytes"] for row in process["outside_rss"]}


def check_mapped(tap, process, kind, made):
    category, evidence, owner, counter = MAPPED[kind]
    if "error" in made:
        tap.skip(kind, made["error"])
        return
    region = region_at(process, made["address"])
    got = region["owner"]
    tap.equal((region["category"], region["evidence"]), (category, evidence), f"{kind}: is known")
    if isinstance(owner, str):
        tap.equal((got["kind"], got["name"]), (owner, region["name"]), f"{kind}: owner")
    else:
        tap.equal((got["kind"], got["name"]), owner, f"{kind}: owner")
    tap.near(region[counter], made["bytes"], PAGE + ALSO.get(kind, 0), f"{kind}: {counter}")


def test_mapped(tap):
    with target(BYTES) as (process, made):
        report, = live.report("-r", process.pid)["processes"]
        for kind in MAPPED:
            check_mapped(tap, report, kind, made[kind])
        totals = report["totals"]
        tap.equal(totals["lazyfree_bytes"], made["lazyfree"]["bytes"], "LazyFree of the process")
        shared = [made[kind]["bytes"] for kind in ("memfd", "shared", "sysv", "tmpfs")]
        tap.equal(totals["shmem_bytes"], sum(shared), "shared memory of the process")
        of_category = {row["id"]: row["rss_bytes"] for row in report["categories"]}
        tap.equal(of_category["shared_memory"], sum(shared), "shared memory of the category")
        files = [made[kind]["bytes"] for kind in ("file_private", "file_read", "file_shared")]
        tap.near(of_category["mapped_file"], sum(files), 3 * PAGE, "mapped files of the category")
        tap.equal(outside(report)["memfd_tmpfs"], 0, "mapped files in memory are not outside")
        if "error" not in made["locked"]:
            tap.equal(outside(report)["locked"], made["locked"]["bytes"], "locked")
        tap.ok(totals["reclaimable_bytes"] >= made["lazyfree"]["bytes"] +
               made["file_read"]["bytes"], "LazyFree and clean pages are reclaimable",
               totals["reclaimable_bytes"])


def test_malloc(tap):
    """Small blocks are in brk or an arena; each block has a header, and so have its pages."""
    with target({"heap": 64 << 10}) as (process, _), target({"malloc": 8 * MIB}) as (other, made):
        heaps = [{row["id"]: row["rss_bytes"] for row in report["categories"]}["heap"]
                 for report in live.report(process.pid, other.pid)["processes"]]
        blocks = made["malloc"]["bytes"] // (64 << 10)
        tap.near(heaps[1], made["malloc"]["bytes"], (132 << 10) + 16 * blocks + PAGE,
                 "malloc: is on the heap")
        tap.ok(heaps[0] < MIB, "malloc: none is without it", heaps[0])


def own_pages(pid, address):
    """Whether the page at an address is counted for this process, by /proc/PID/pagemap."""
    with open(f"/proc/{pid}/pagemap", "rb") as pagemap:
        pagemap.seek(int(address, 16) // PAGE * 8)
        return int.from_bytes(pagemap.read(8), "little") >> 56 & 1 == 1


def test_zero_pages(tap):
    """The zero page is mapped, but not resident. Some kernels use real pages even for a read."""
    with target({"zero": 4 * MIB}) as (process, made):
        report, = live.report("-r", process.pid)["processes"]
        region = region_at(report, made["zero"]["address"])
        if own_pages(process.pid, made["zero"]["address"]):
            tap.skip("pages of zeroes", "this kernel gives pages to what is only read")
        else:
            tap.equal((region["size_bytes"], region["rss_bytes"]), (4 * MIB, 0), "pages of zeroes")


def test_behind_bss(tap):
    """Memory that the kernel merged with a program's .bss: one mapping of two parts."""
    with target({"behind_bss": MIB}) as (process, made):
        if "error" in made["behind_bss"]:
            raise live.Skip(made["behind_bss"]["error"])
        report, = live.report("-r", process.pid)["processes"]
        region = region_at(report, made["behind_bss"]["address"])
        parts = {part["evidence"]: part for part in region["parts"] or ()}
        tap.equal([part["category"] for part in region["parts"] or ()], ["program", "anonymous"],
                  "behind .bss: the parts")
        tap.near(parts["unknown"]["rss_bytes"], MIB, 0, "behind .bss: what is unknown")
        tap.near(parts["inferred"]["rss_bytes"], 4 * PAGE, PAGE, "behind .bss: the .bss")
        tap.equal(balance.errors(report), [], "behind .bss: adds up")


def test_outside(tap):
    sizes = {"memfd_unmapped": 3 * MIB, "tmpfs_unmapped": 5 * MIB, "sysv_unattached": 2 * MIB,
             "pipe": 300 << 10}
    with target(sizes) as (process, made):
        rows = outside(live.report(process.pid)["processes"][0])
        wanted = {kind: made[kind]["bytes"] for kind in sizes if "error" not in made[kind]}
        tap.equal(wanted, sizes, "the target has all")
        tap.equal(rows["memfd_tmpfs"], wanted["memfd_unmapped"] + wanted["tmpfs_unmapped"],
                  "files in memory that are not mapped")
        tap.equal(rows["sysv"], wanted["sysv_unattached"], "SysV segments not attached")
        tap.equal(rows["pipes"], wanted["pipe"], "bytes in pipes")
        tap.equal(rows["kernel_stacks"], 16 << 10, "one kernel stack")


def test_socket_queue(tap):
    """Queued bytes lie in buffers of their own, each with a header of at most a page."""
    with target({"unix_queue": 160 << 10}) as (process, made):
        rows = outside(live.report(process.pid)["processes"][0])
        queued = made["unix_queue"]["bytes"]
        tap.ok(queued <= rows["unix_sockets"] <= queued + queued // 8 + 16 * PAGE,
               "bytes queued in a unix socket", f"{rows['unix_sockets']} for {queued}")


def test_page_tables(tap):
    """An entry of 8 bytes for each page: 64 MiB take 128 KiB."""
    with target({"anonymous": 64 << 10}) as (small, _), \
            target({"anonymous": 64 * MIB}) as (large, _):
        tables = [outside(report)["page_tables"]
                  for report in live.report(small.pid, large.pid)["processes"]]
        tap.ok(tables[1] > tables[0], "page tables grow", tables)
        tap.near(tables[1] - tables[0], 32 * PAGE, 4 * PAGE, "page tables of 64 MiB")


@contextlib.contextmanager
def huge_pages(count):
    live.need_root()
    setting = pathlib.Path("/proc/sys/vm/nr_hugepages")
    if not os.access(setting, os.W_OK):
        raise live.Skip(f"{setting} cannot be written")
    before = setting.read_text(encoding="ascii")
    setting.write_text(str(int(before) + count), encoding="ascii")
    try:
        yield
    finally:
        setting.write_text(before, encoding="ascii")


def test_huge_pages(tap):
    with huge_pages(8), target({"hugetlb": 6 * MIB}) as (process, made):
        if "error" in made["hugetlb"]:
            raise live.Skip(made["hugetlb"]["error"])
        report, = live.report("-r", process.pid)["processes"]
        region = region_at(report, made["hugetlb"]["address"])
        tap.equal((region["category"], region["rss_bytes"], region["private_hugetlb_bytes"]),
                  ("hugetlb", 0, 6 * MIB), "huge pages: the mapping")
        tap.equal(report["totals"]["hugetlb_bytes"], 6 * MIB, "huge pages: the totals")
        tap.equal(outside(report)["hugetlb"], 6 * MIB, "huge pages: once, outside of RSS")


SHARED_BY_TWO = """
import mmap, os, signal, sys
memory = mmap.mmap(-1, 8 << 20)
memory.write(bytes(8 << 20))
read, write = os.pipe()
child = os.fork()
if not child:
    sum(memory[::4096])
    os.write(write, b"x")
    signal.pause()
os.read(read, 1)
print("twin", child)
print("ready", os.getpid(), flush=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(os.kill(child, signal.SIGKILL)))
signal.pause()
"""


def test_shared_by_two(tap):
    """What two processes share is in the PSS of each by half, and of both together once."""
    with live.Target([live.PYTHON, "-c", SHARED_BY_TWO]) as process:
        twin = int(process.lines[0].split()[1])
        document = live.report(process.pid, twin)
        each = [{row["id"]: row for row in report["categories"]}["shared_memory"]
                for report in document["processes"]]
        both = {row["id"]: row for row in document["group"]["categories"]}["shared_memory"]
        for row in each:
            tap.near(row["rss_bytes"], 8 * MIB, PAGE, "shared by two: RSS of each")
            tap.near(row["pss_bytes"], 4 * MIB, PAGE, "shared by two: PSS of each")
        tap.near(both["pss_bytes"], 8 * MIB, 2 * PAGE, "shared by two: PSS of both")


live.run(test_mapped, test_malloc, test_zero_pages, test_behind_bss, test_outside, test_socket_queue,
         test_page_tables, test_huge_pages, test_shared_by_two)
