# SPDX-License-Identifier: GPL-2.0-or-later
"""The heap of HotSpot from outside, with each of its collectors, compared with jcmd."""

import glob
import os
import re
import struct
import subprocess

import balance
import walked
import live

KIB, MIB = 1 << 10, 1 << 20
HEAP = 150
COLLECTORS = ("Serial", "Parallel", "G1", "Shenandoah", "Z")
FLAG_NAMES = {"Z": "ZGC"}
CHURN_WALKS = 15


def homes():
    """The installed JDKs, by version, each once."""
    found = {}
    for javac in sorted(glob.glob("/usr/lib/jvm/*/bin/javac")):
        home = os.path.dirname(os.path.dirname(os.path.realpath(javac)))
        with open(os.path.join(home, "release"), encoding="utf-8") as file:
            version = re.search(r'JAVA_VERSION="([^"]+)"', file.read())
        found[version[1] if version else home] = home
    if not found:
        raise live.Skip("there is no JDK")
    return found


def target(home, collector, *args):
    classes = live.compile_java("target_heap", "Heap")
    # No collection of its own accord between two readings.
    calm = ("-XX:+IgnoreUnrecognizedVMOptions", "-XX:-ZProactive")
    return live.Target([os.path.join(home, "bin", "java"), f"-XX:+Use{collector}GC", "-Xmx400m",
                        *calm, "-cp", classes, "Heap", str(HEAP), *args])


def supports(home, collector):
    done = subprocess.run([os.path.join(home, "bin", "java"), f"-XX:+Use{collector}GC", "-version"],
                          capture_output=True, text=True)
    return done.returncode == 0


def runtime(pid):
    result = walked.show(pid)[0]
    found = [r for r in result["runtimes"] if r["name"] == "jvm"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} machines in {result['runtimes']}")
    return result, found[0]


def heap_info(home, pid):
    done = subprocess.run([os.path.join(home, "bin", "jcmd"), str(pid), "GC.heap_info"],
                          capture_output=True, text=True, check=True, timeout=live.PATIENCE_SECONDS)
    return done.stdout


def size(text):
    number, unit = re.fullmatch(r"(\d+)([KMG])", text).groups()
    return int(number) * {"K": KIB, "M": MIB, "G": KIB * MIB}[unit]


def used(info):
    """Bytes in use, as heap_info has them, and its unit: it rounds down."""
    found = re.findall(r"(?:used (\d+[KMG])|(\d+[KMG]) used)", info.split("Metaspace")[0])
    texts = [one or other for one, other in found]
    return sum(map(size, texts)), len(texts) * size("1" + texts[0][-1])


def committed(info):
    head = info.split("Metaspace")[0]
    found = (re.search(r"capacity (\d+[KMG])", head) or re.search(r"(\d+[KMG]) committed", head) or
             re.search(r"committed (\d+[KMG])", head) or
             re.search(r"garbage-first heap +total (\d+[KMG])", head))
    return found and size(found[1])


def present(pid, start, end):
    """Bytes of [start, end) on pages that are present."""
    page = os.sysconf("SC_PAGESIZE")
    with open(f"/proc/{pid}/pagemap", "rb") as file:
        file.seek(start // page * 8)
        data = file.read((end - start + page - 1) // page * 8)
    return page * sum(entry >> 63 for entry, in struct.iter_unpack("<Q", data))


def check_free_resident(tap, name, pid, info, jvm):
    """Serial and Parallel say where their spaces are: bottom, top, end."""
    spaces = re.findall(r"\[0x([0-9a-f]+), ?0x([0-9a-f]+), ?0x(?:[0-9a-f]+, 0x)?([0-9a-f]+)\)",
                        "\n".join(line for line in info.splitlines() if " space " in line))
    want = sum(present(pid, (int(top, 16) + 4095) & ~4095, int(end, 16))
               for _, top, end in spaces)
    tap.ok(len(spaces) == 4, f"{name}: heap_info has spaces", info)
    tap.near(jvm["total"]["free_resident"], want, 64 * KIB, f"{name}: free and in RAM")


def check_collector(tap, home, version, collector):
    name = f"{version.split('.')[0]} {collector}"
    with target(home, collector) as process:
        pid = process.pid
        first, unit = used(heap_info(home, pid))
        result, jvm = runtime(pid)
        info = heap_info(home, pid)
        last, _ = used(info)
        if collector in ("Serial", "Parallel"):
            check_free_resident(tap, name, pid, info, runtime(pid)[1])
        report = live.report("-r", "--deep", pid)["processes"][0]
    total = jvm["total"]
    tap.equal((jvm["unread"], jvm["complete"]), ("", True), f"{name}: read whole")
    tap.equal(jvm["collector"], FLAG_NAMES.get(collector, collector), f"{name}: collector")
    tap.ok(version.startswith(jvm["version"]), f"{name}: version", jvm["version"])
    tap.ok(first - unit <= total["live"] <= last + unit, f"{name}: live is what heap_info says",
           (first, total, last))
    tap.near(total["live"], first, max(unit, 0.005 * first), f"{name}: live, within 0.5 %")
    if committed(info):
        tap.near(total["committed"], committed(info), MIB, f"{name}: committed")
    tap.ok(total["live"] <= total["committed"] and total["free"] + total["live"] ==
           total["committed"], f"{name}: live and free are all", total)
    tap.equal(walked.over_rss(result), {}, f"{name}: no mapping has more attributed than is resident")
    lines = walked.lines(result)
    tap.near(lines["runtime_free"], total["free_resident"], 0.01 * total["resident"],
             f"{name}: free lines are what is free and in RAM")
    check_views(tap, name, collector, jvm, lines)
    tap.equal(balance.errors(report), [], f"{name}: adds up")
    tap.ok(report["accounting"]["unexplained_percent"] <= 3, f"{name}: at most 3 % unknown",
           report["accounting"])
    tap.note(f"{name}: unknown {report['accounting']['unexplained_percent']} %, live "
             f"{total['live'] >> 10} K of {first >> 10} K, took {report['deep']['scan_ms']:.0f} ms")


def check_views(tap, name, collector, jvm, lines):
    """Releases without generations map the heap of ZGC three times."""
    again = jvm["recounted"] or 0
    tap.equal(lines.get("counted_again", 0), again, f"{name}: a line for what is counted again")
    if collector != "Z":
        tap.equal(again, 0, f"{name}: nothing is counted twice")
    elif int(jvm["version"].split(".")[0]) < 21:
        tap.ok(again > jvm["total"]["resident"], f"{name}: three views", jvm)


def test_collectors(tap):
    for version, home in homes().items():
        for collector in COLLECTORS:
            if supports(home, collector):
                check_collector(tap, home, version, collector)
            else:
                tap.skip(f"{version} {collector}", "this JDK has it not")


def test_churn(tap):
    home = list(homes().values())[0]
    for collector in ("G1", "Serial"):
        with target(home, collector, "churn") as process:
            walks = walked.show(process.pid, CHURN_WALKS)
        machines = [walk["runtimes"][0] for walk in walks]
        read = [jvm for jvm in machines if not jvm["unread"]]
        tap.note(f"{collector}: {len(read)} of {len(walks)} read, "
                 f"{sum(jvm['complete'] for jvm in read)} whole, "
                 f"{sum(jvm['retries'] for jvm in read)} at the second attempt")
        tap.ok(len(read) >= CHURN_WALKS * 0.8, f"{collector}: read while it allocates",
               {jvm["unread"] for jvm in machines})
        tap.equal([jvm["total"] for jvm in read
                   if not HEAP // 2 * MIB < jvm["total"]["live"] <= jvm["total"]["committed"]], [],
                  f"{collector}: never more live than committed")
        tap.equal([walked.over_rss(walk) for walk in walks if walked.over_rss(walk)], [],
                  f"{collector}: no mapping has more attributed than is resident")


def test_spaces(tap):
    home = list(homes().values())[0]
    with target(home, "G1") as process:
        jvm = runtime(process.pid)[1]
        done = subprocess.run([os.path.join(home, "bin", "jcmd"), str(process.pid),
                               "Compiler.codecache"], capture_output=True, text=True)
        text = live.memspect("--deep=jvm", process.pid)[1].decode()
    spaces = {space["name"]: space for space in jvm["spaces"]}
    heaps = [int(kb) * KIB for kb in re.findall(r"CodeHeap.*?used=(\d+)Kb", done.stdout)]
    tap.near(spaces["code cache"]["live"], sum(heaps), 0.2 * sum(heaps), "code cache: used")
    tap.ok(spaces["code cache"]["resident"] <= spaces["code cache"]["committed"],
           "code cache: resident", spaces["code cache"])
    tap.ok(6 * MIB <= spaces["humongous"]["live"] <= 8 * MIB, "G1: the large array", spaces)
    tap.ok(4 <= spaces["Java thread stacks"]["objects"] <= 100, "stacks of Java threads", spaces)
    tap.ok("collector G1" in text and "humongous" in text, "text", text)


if __name__ == "__main__":
    live.run(test_collectors, test_churn, test_spaces)
