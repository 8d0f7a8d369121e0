# SPDX-License-Identifier: GPL-2.0-or-later
"""--deep on busy C programs: almost no memory stays unknown."""

import contextlib
import json
import os
import subprocess
import tempfile

import balance
import live
import servers

UNKNOWN_PERCENT = 5
CLANG_WALKS = 12
STARTED_TICKS = 20  # of processor time

# Work for a compiler, for some seconds.
SOURCE = """#include <map>
#include <regex>
#include <string>
template <int N> int f(int n)
{
    std::regex r("a" + std::to_string(N));
    std::map<std::string, std::map<int, long>> m;
    m["x"][n * N] += std::regex_match("b", r);
    return m.size() + f<N - 1>(n);
}
template <> int f<0>(int n) { return n; }
int main(int argc, char **) { return f<150>(argc); }
"""


def check(tap, name, pid, allocators=("glibc malloc",)):
    """Of a process that keeps still: all is walked, and the balance sheet adds up."""
    process = live.report("-r", "--deep", pid)["processes"][0]
    found = {a["name"]: a for a in process["deep"]["allocators"] if a["unread"] is None}
    share = process["accounting"]["unexplained_percent"]
    tap.note(f"{name}: {process['totals']['rss_bytes'] >> 10} KiB, {share} % unknown, "
             f"{process['deep']['scan_ms']} ms")
    tap.ok(all(name in found and found[name]["complete"] for name in allocators),
           f"{name}: its heap is walked whole", found)
    tap.ok(share < UNKNOWN_PERCENT, f"{name}: hardly anything unknown", process["accounting"])
    tap.equal(balance.errors(process), [], f"{name}: adds up")


def server_test(server, name):
    def test(tap):
        with tempfile.TemporaryDirectory() as parent:
            os.chmod(parent, 0o755)
            with server(parent) as pids:
                for number, pid in enumerate(pids):
                    check(tap, f"{name} {number}", pid)
    test.__name__ = name
    return test


def compiler_of(clang):
    """The process that compiles, which may be a child of clang, once it is well under way; that of
    clang if it ends before."""
    def at_work():
        pid, *_ = [*servers.children(clang.pid), clang.pid]
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if live.processor_ticks(pid) >= STARTED_TICKS:
                return pid
        return clang.pid if clang.poll() is not None else None
    return live.wait_until(at_work, "clang compiles")


def test_clang(tap):
    """A busy process: almost everything is walked, although it never stops allocating."""
    live.need("clang")
    source = os.path.join(live.scratch(), "work.cc")
    with open(source, "w", encoding="ascii") as file:
        file.write(SOURCE)
    unwalked, unknown = [], []
    with subprocess.Popen(["clang", "-x", "c++", "-O2", "-c", source, "-o", os.devnull],
                          stderr=subprocess.DEVNULL) as process:
        pid = compiler_of(process)
        while process.poll() is None and len(unwalked) < CLANG_WALKS:
            status, out, _ = live.memspect("-j", "--deep=malloc", pid)
            if status != 0:
                break
            seen = json.loads(out)["processes"][0]
            heap, = [a for a in seen["deep"]["allocators"] if a["name"] == "glibc malloc"]
            unwalked.append(heap["unwalked_bytes"] / heap["system_bytes"])
            unknown.append(seen["accounting"]["unexplained_percent"])
        process.kill()
    if not unwalked:
        raise live.Skip("clang ended before it was seen")
    tap.note(f"{len(unwalked)} walks, unwalked {100 * sum(unwalked) / len(unwalked):.4f} %, "
             f"unknown {max(unknown)} %")
    tap.ok(sum(unwalked) / len(unwalked) <= 0.001, "clang: next to nothing is not walked", unwalked)
    tap.ok(max(unknown) < UNKNOWN_PERCENT, "clang: hardly anything unknown", unknown)


if __name__ == "__main__":
    live.run(server_test(servers.nginx, "nginx"), server_test(servers.postgres, "postgres"),
             test_clang)
