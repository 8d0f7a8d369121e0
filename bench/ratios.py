#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Ratios of memspect, and of its peers, to a bare read of the same files.

usage: ratios.py MEMSPECT BUILDDIR [ROUNDS]

Compiles farm.c and bare.c into BUILDDIR, starts processes of 100 to 60,000 mappings and real ones,
and takes the processor time, of user and system, of whole commands, interleaved: in each round
every command runs once, and is divided by the bare read of that round. Printed are medians of those
ratios, the difference to the bare read in milliseconds, and the command's own peak RSS. Only ratios
mean something on a shared machine.
"""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
PEAK = ""  # the program that measures peak RSS, once it is compiled

PSUTIL_MAPS = "import psutil,sys; [list(m) for m in psutil.Process(int(sys.argv[1])).memory_maps(grouped=False)]"
PSUTIL_ALL = """
import psutil
for p in psutil.process_iter():
    try: p.memory_full_info()
    except Exception: pass
"""

JAVA = """
public class Farm { public static void main(String[] a) throws Exception {
  byte[][] b = new byte[128][]; for (int i = 0; i < 128; i++) b[i] = new byte[1 << 20];
  System.out.println("ready " + ProcessHandle.current().pid()); System.out.flush();
  Thread.sleep(100000000L + b.length); } }
"""

NODE = """
let a = []; for (let i = 0; i < 1500000; i++) a.push({x: i, s: 'v' + i});
console.log('ready ' + process.pid); setTimeout(() => a.length, 1e9);
"""

NUMPY = """
import os, time, json, ssl, sqlite3, decimal, ctypes, multiprocessing
try:
    import numpy; x = numpy.ones(20000000)
except ImportError: pass
d = [{str(i): i} for i in range(300000)]
print('ready', os.getpid(), flush=True); time.sleep(1e8)
"""


WORKERS = """
import os, sys, json, ssl, sqlite3, decimal, ctypes, xml.etree.ElementTree, http.client, signal
keep = [{str(i): i} for i in range(20000)]
for i in range(int(sys.argv[1])):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, 9)
        own = list(range(20000))
        signal.pause()
print("ready", os.getpid(), flush=True)
signal.pause()
"""


def run(argv):
    """Milliseconds of processor time of a command whose output is thrown away."""
    null = os.open(os.devnull, os.O_WRONLY)
    pid = os.posix_spawnp(argv[0], argv, os.environ,
                          file_actions=[(os.POSIX_SPAWN_DUP2, null, 1),
                                        (os.POSIX_SPAWN_DUP2, null, 2)])
    _, _, usage = os.wait4(pid, 0)
    os.close(null)
    return (usage.ru_utime + usage.ru_stime) * 1000


def peak_kib(argv):
    """Peak RSS of a command. Its parent must be small: a process passes its own peak on to a
    program that it starts."""
    with tempfile.NamedTemporaryFile("r") as result:
        subprocess.run([PEAK, result.name, shutil.which(argv[0])] + argv[1:], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return int(result.read() or 0)


def start(argv):
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = process.stdout.readline().split()
    if len(line) < 2 or line[0] != "ready":
        process.kill()
        return None
    return process


def compare(title, base, commands, rounds):
    """Runs base and each command once a round; prints the medians of the ratios."""
    ratios = {name: [] for name in commands}
    extra = {name: [] for name in commands}
    bases = []
    run(base)
    for argv in commands.values():
        run(argv)
    for _ in range(rounds):
        floor = run(base)
        bases.append(floor)
        for name, argv in commands.items():
            spent = run(argv)
            ratios[name].append(spent / floor)
            extra[name].append(spent - floor)
    print("\n%s: bare read %.2f ms" % (title, statistics.median(bases)))
    for name in commands:
        print("  %-22s %6.2f x  %+9.2f ms  %8.1f MiB" %
              (name, statistics.median(ratios[name]), statistics.median(extra[name]),
               peak_kib(commands[name]) / 1024))
    sys.stdout.flush()


def peers(memspect, pid, slow):
    pid = str(pid)
    commands = {
        "memspect": [memspect, pid],
        "memspect --json": [memspect, "-j", pid],
        "memspect -r": [memspect, "-r", pid],
        "memspect -r --json": [memspect, "-r", "-j", pid],
        "pmap -x": ["pmap", "-x", pid],
        "pmap -X": ["pmap", "-X", pid],
    }
    if slow:
        commands["psutil maps"] = [PYTHON, "-c", PSUTIL_MAPS, pid]
    return {name: argv for name, argv in commands.items() if shutil.which(argv[0])}


def compile_all(build):
    """Compiles into this directory; returns the paths of bare and farm."""
    global PEAK
    os.makedirs(build, exist_ok=True)
    bare, farm, PEAK = (os.path.join(build, name) for name in ("bare", "farm", "target_rss"))
    for program, source in ((bare, "bare.c"), (farm, "farm.c"),
                            (PEAK, "../tests/targets/target_rss.c")):
        subprocess.run(["cc", "-O2", "-pthread", "-o", program, os.path.join(HERE, source)],
                       check=True)
    return bare, farm


def services(build):
    """Real processes, each a title and a command that prints "ready PID"."""
    java = os.path.join(build, "Farm.java")
    with open(java, "w", encoding="ascii") as f:
        f.write(JAVA)
    return [("node", ["node", "-e", NODE]), ("java", ["java", "-Xmx512m", java]),
            ("python", [PYTHON, "-c", NUMPY])]


def main():
    memspect, build = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 11
    bare, farm = compile_all(build)
    targets = [("%d mappings" % n, [farm, str(n), str(pages)], few)
               for n, pages, few in ((100, 256, 1), (1000, 100, 1), (10000, 25, 2), (60000, 17, 4))]
    targets += [(title, argv, 1) for title, argv in services(build)]
    for title, argv, few in targets:
        process = start(argv) if shutil.which(argv[0]) else None
        if not process:
            print("\n%s: not there" % title)
            continue
        pid = process.pid
        compare(title, [bare, "smaps", str(pid)], peers(memspect, pid, few == 1),
                max(3, rounds // few))
        process.send_signal(signal.SIGKILL)
        process.wait()
    for count in (500, 2000):
        process = start([PYTHON, "-c", WORKERS, str(count)])
        commands = {"memspect": [memspect], "memspect --json": [memspect, "-j"],
                    "psutil full_info": [PYTHON, "-c", PSUTIL_ALL], "ps aux": ["ps", "aux"]}
        if shutil.which("smem"):
            commands["smem"] = ["smem"]
        compare("%d Python workers, rollup on 2 threads" % count,
                [bare, "-a", "2", "smaps_rollup"], commands, max(3, rounds // 2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(1)


if __name__ == "__main__":
    main()
