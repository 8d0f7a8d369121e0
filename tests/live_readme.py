#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The samples of README.md: each is made of what the program prints of a program of samples/, and
what README.md has is compared with that, but for numbers and names of files.

live_readme.py --write puts what is printed now in the place of what README.md has.
"""

import os
import re
import signal
import subprocess
import sys

import live
import watching
from terminal import Terminal

README = os.path.join(os.path.dirname(live.HERE), "README.md")
BLOCK = re.compile(r"(<!-- sample: (\w+) -->\n\n)(.*?)(\n\n<!-- end of sample -->)", re.S)
WRITE = "--write"
WIDTH = 96
TICKS = 24
LINES_WITH_PSS = 6
ENVIRONMENT = {"COLUMNS": str(WIDTH), "LC_ALL": "C.UTF-8", "MEMSPECT_CONFIG": ""}


def program(*args):
    """One of samples/, as it is called from the top of the sources."""
    return live.Target([live.PYTHON, *map(str, args)], cwd=os.path.dirname(live.HERE))


def print_of(*args):
    status, out, err = live.memspect(*args, env=ENVIRONMENT)
    if status or err:
        raise RuntimeError(f"memspect ended with {status}: {err}")
    return out.decode().rstrip("\n")


def excerpt(text, **sections):
    """The sections that begin with these words, an underscore for each blank, with the rows that
    begin with one of the given words: those of the first word that it has, or all with None."""
    found = []
    parts = text.split("\n\n")
    for title, rows in sections.items():
        part = next(part for part in parts if part.startswith(title.replace("_", " ")))
        first, *lines = part.split("\n")
        found.append("\n".join([first, *(line for line in lines if rows is None or
                                         line.lstrip("├└─ ").startswith(rows))]))
    return "\n\n".join(found)


def make_report():
    with program("samples/demo_service.py") as target:
        text = print_of(target.pid)
    return excerpt(text, python3=("/usr/bin",), RSS=("PSS", "USS", "Swap", "Reclaimable"),
                   Where_RSS_is=("heap", "anonymous", "not read", "glibc", "stacks", "program",
                                 "shared", "C extensions", "numpy", "JIT", "mapped"),
                   **{re.search(r"^[\d.]+ MiB named", text, re.M)[0].replace(" ", "_"): None},
                   Extension_packages=("numpy",),
                   Outside_RSS=("page tables", "files", "unix sockets", "kernel stacks"))


def make_deep():
    with program("samples/demo_service.py") as target:
        text = print_of("--deep", target.pid)
    named = re.search(r"^[\d.]+ MiB named", text, re.M)[0].replace(" ", "_")
    return excerpt(text, **{named: None}, What_memory_holds=None,
                   BEYOND=("mapped", "shared", "free in malloc", "native"),
                   TYPE=("numpy.ndarray", "dict", "bytes", "str"), ALLOCATOR=None)


def make_watch():
    """The last two ticks and the summary down to the categories."""
    line = re.compile(r"\d\d:\d\d:\d\d +\d+ ")
    with program("samples/leak_list.py", 2, 300) as target, \
            watching.Watch("--watch=1", target.pid, form=None,
                           env={**os.environ, **ENVIRONMENT}) as run:
        run.until(lambda record: "growing" in record and line.match(record) and
                  sum(bool(line.match(text)) for text in run.records) >= TICKS and
                  sum(bool(line.match(text)) and "n/a" not in text
                      for text in run.records) >= LINES_WITH_PSS, 2 * live.PATIENCE_SECONDS)
        status, err = run.stop(signal.SIGTERM)
    if status or err:
        raise RuntimeError(f"memspect ended with {status}: {err}")
    heading = next(text for text in run.records if text.startswith("TIME"))
    ticks = [text for text in run.records if line.match(text) and "n/a" not in text]
    text = "\n".join(run.records)
    chart = next(part for part in text.split("\n\n") if "┤" in part)
    return "\n\n".join(["\n".join([heading, *ticks[-2:]]), excerpt(text, Growth=("growing", "reaches")).replace(": it\n", "\n"),
                        chart,
                        excerpt(text, What_changed=("rss", "category:anonymous"))])


def top(*args, height):
    return Terminal(live.MEMSPECT, "--top", *map(str, args), width=WIDTH, height=height,
                    env={**ENVIRONMENT, "XDG_STATE_HOME": os.path.join(live.scratch(), "state")})


def painted_anew(t):
    """The whole screen, without empty lines."""
    t.screen.reset()

    def has_footer():
        t.press("Ctrl-L")
        return t.wait(lambda: "? help" in t.lines()[-1], 1)
    t.wait(has_footer)
    return "\n".join(line for line in t.lines() if line)


def make_list():
    with program("samples/demo_service.py"), program("samples/leak_list.py", 3, 300), \
            program("samples/cache_plateau.py", 20, 300), \
            top("-O", "pid,user,rss,change,pss,growth,trend,command", height=9) as t:
        t.shows("COMMAND", "available", "? help")
        t.press("\\", "python3 samples", "Enter")
        t.shows("3 shown")
        t.press("b")
        t.shows("base ")
        t.wait(lambda: re.search(r" \+[\d.]+ MiB .* \+[\d.]+ GiB !", t.text()))
        return painted_anew(t)


def make_process():
    """Down to the type that grows most."""
    with program("samples/leak_list.py", 3, 300) as target, top(target.pid, height=32) as t:
        t.shows("COMMAND")
        t.wait(lambda: str(target.pid) in t.cursor_line())
        t.press("Enter")
        t.shows("Where RSS is")
        t.press("6", "Enter")
        t.shows("of live objects")
        t.press("b")
        t.wait(lambda: re.search(r"base [3-9] s ago", t.text()))
        t.press("Enter")
        t.shows("Types that changed most", "RATE")
        lines = painted_anew(t).splitlines()
    end = next(i for i, line in enumerate(lines) if line.startswith("Types that changed most"))
    return "\n".join(lines[:end + 2])


MAKERS = {"report": make_report, "deep": make_deep, "watch": make_watch, "list": make_list,
          "process": make_process}


def masked(block):
    """The lines of a sample, each once, without what depends on the machine and the moment."""
    lines = set()
    for line in block.splitlines():
        line = line.replace("n/a", "0")
        line = re.sub(r"[\u2580-\u259f\u2800-\u28ff]+", "", line)  # bars and charts
        line = re.sub(r"[─┬]+", "─", line)
        line = re.sub(r"(?<=confidence ).*", "", line)  # the reason may be another
        line = re.sub(r"(?<=/h  )[a-zA-Z].*", "", line)  # cut or not
        line = re.sub(r"(?<=available).*", "", line)  # with or without swap
        line = re.sub(r" (!|~|\^|v|\.\.)(?= )", "", line)  # verdicts of a row
        line = re.sub(r"\S+(?= +[\d:]+ UTC)", "HOST", line)
        line = re.sub(r"(\d+ % )?\b(kernel|walked|inferred|unknown)(, \w+)?$", "EVIDENCE", line)
        line = re.sub(r"[^ ]*/[^ ]*…?", "PATH", line) if "/" in line and "/h" not in line else line
        line = re.sub(r"[-+<]?\d[\d.:]*( [KMGT]iB| B| %| ms| s| min| h| d|%)?|\bn/a\b|(?<= )-(?= )",
                      "N", line)
        line = re.sub(r"N( N)+", "N", re.sub(r"\s+", " ", line).strip())
        line = re.sub(r"( -)+$", "", line)  # a column that has no value yet
        lines.add(line)
    return lines


def blocks():
    """{name: the sample} of README.md, without the indentation."""
    with open(README, encoding="utf-8") as file:
        return {match[2]: re.sub(r"^ {4}", "", match[3], flags=re.M)
                for match in BLOCK.finditer(file.read())}


def sample_test(name):
    def test(tap):
        have, want = masked(blocks().get(name, "")), masked(MAKERS[name]())
        tap.ok(have == want, f"README.md: the sample '{name}' is the output",
               "\n".join([*(f"- {line}" for line in sorted(have - want)),
                          *(f"+ {line}" for line in sorted(want - have))]))
    test.__name__ = f"test_{name}"
    return live.alone(test)


def write():
    """Replaces every sample of README.md."""
    def made(match):
        text = re.sub(r"^(?=.)", "    ", MAKERS[match[2]](), flags=re.M)
        return match[1] + re.sub(r"[ \t]+$", "", text, flags=re.M) + match[4]
    with open(README, encoding="utf-8") as file:
        text = BLOCK.sub(made, file.read())
    with open(README, "w", encoding="utf-8") as file:
        file.write(text)


def test_all_samples(tap):
    tap.equal(list(blocks()), list(MAKERS), "README.md has these samples")


if sys.argv[1:] == [WRITE]:
    if os.getpid() != 1:  # nothing else is to be on the screen
        sys.exit(subprocess.call(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
                                  sys.executable, os.path.abspath(__file__), WRITE]))
    write()
else:
    live.run(test_all_samples, *map(sample_test, MAKERS))
