#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every option of --help in every mode: it is obeyed, or refused with status 2 and a line that names
it, as the manual says. No live process is read: what is selected is recorded, and where that cannot
be, --print-config ends the program once its options are checked."""

import os
import re
import subprocess
import sys
import tempfile

MEMSPECT = os.environ.get("MEMSPECT", "./memspect")
SOURCES = os.environ.get("srcdir", ".")
CAPTURE = f"{SOURCES}/tests/captures/postgres"
PID, OTHER = "24728", "24739"

COLUMNS = "help"  # the mode of -O help, which the manual has no item for
MODES = {"inspect": [PID], "list": ["--list", PID], "watch": ["--watch=60", PID], "top": ["--top", PID],
         "judge": ["--judge={dir}/series"], "compare": ["--diff", PID, OTHER], COLUMNS: ["-O", "help"]}
CHOOSERS = ("list", "watch", "top", "judge", "diff")
ARGUMENTS = {"PID": PID, "ERE": ".", "USER": "101", "PATH|PID": "/", "WHAT": "all", "SIZE": "1G", "TIME": "1",
             "N": "3", "PERCENT": "50", "FORMAT": "json", "LIST": "pid", "COLUMN": "pid", "WHEN": "never"}


class Tap:
    def __init__(self):
        self.n = 0
        self.failed = False

    def ok(self, condition, name, detail=""):
        self.n += 1
        print(f"{'ok' if condition else 'not ok'} {self.n} - options: {name}")
        if not condition:
            self.failed = True
            print("".join(f"# {line}\n" for line in str(detail).splitlines()), end="")


class Option:
    """A line of --help."""

    def __init__(self, letter, name, argument):
        self.name = name
        self.argument = re.sub(r"^\[?=|\[-\]|[][].*", "", argument)
        self.spelled = letter or f"--{name}"
        self.modes = set()
        self.needs = {}  # mode: option that it needs there

    def words(self, mode, where):
        own = {"proc-root": f"{CAPTURE}/proc", "snapshot": where, "output": f"{where}/report",
               "judge": f"{where}/series", "config": ""}
        value = own.get(self.name, ARGUMENTS.get(self.argument))
        if self.name in ("columns", "sort") and mode in ("inspect", "watch"):
            value = "start"  # a column of -r
        return [f"--{self.name}" + (f"={value}" if self.argument else "")]


def run(words, **kwargs):
    done = subprocess.run([MEMSPECT, *words], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=60, **kwargs)
    return done.returncode, done.stdout, done.stderr


def read_help():
    options = {}
    for line in run(["--help"])[1].splitlines():
        match = re.match(r"  (?:(-\w),|   ) --([a-z-]+)(\S*)", line)
        if match:
            options[match[2]] = Option(*match.groups())
    return options


def read_manual(options):
    """Modes and needs, of "For inspect and list." and "To watch it needs .Fl r ." """
    with open(f"{SOURCES}/man/memspect.1", encoding="utf-8") as file:
        text = file.read()
    of_modes = dict(re.findall(r"^\.It (\w+)\nWith\n\.Fl -(\w+)", text, re.M)) | {"list": "list"}
    section = text[text.index(".Sh OPTIONS"):text.index(".Sh THE REPORT")]
    for item in re.split(r"^\.It ", section, flags=re.M)[1:]:
        option = options[re.search(r"Fl -([a-z-]+)", item)[1]]
        said = re.search(r"^For (every mode|[a-z, ]+)\.$", item, re.M)
        if said and said[1] == "every mode":
            option.modes = set(MODES)
        elif said:
            option.modes = set(re.split(", | and ", said[1]))
        for mode, name in of_modes.items():
            if option.name == name:
                option.modes = {mode}
        for modes, needed in re.findall(r"^(?:To ([a-z ]+) it n|N)eeds\n\.Fl (\S+)", item, re.M):
            for mode in re.split(" or ", modes) if modes else option.modes:
                option.needs[mode] = next(o for o in options.values() if o.spelled == "-" + needed)
    options["columns"].modes.add(COLUMNS)
    options["proc-root"].modes.add(COLUMNS)


def base(mode, where):
    words = [word.format(dir=where) for word in MODES[mode]]
    if mode in ("watch", "top"):
        return [*words, "--print-config"]
    return [f"--proc-root={CAPTURE}/proc", *words]


def is_refused(result, names):
    status, out, err = result
    lines = err.splitlines()
    return status == 2 and not out and len(lines) == 2 and lines[1].startswith("Try ") and \
        re.match(r"memspect: (.*?): (not with|needs) ", lines[0] + " ") and \
        lines[0].split(": ")[1] in names


def is_chosen(option, mode):
    """The options then select a different mode."""
    return mode == COLUMNS and option.name == "columns" or \
        mode == "inspect" and option.name in CHOOSERS


def check_pair(tap, option, mode, where):
    words = base(mode, where)
    own = option.words(mode, where)
    needed = option.needs.get(mode)
    names = {option.spelled} | ({f"operand '{PID}'"} | {word.split("=")[0] for word in MODES[mode]} 
                                 if option.name in CHOOSERS else set())
    if option.name == "proc-root":
        words = [word for word in words if not word.startswith("--proc-root")]
    if mode not in option.modes:
        result = run(words + own)
        tap.ok(is_refused(result, names), f"{option.spelled}: not for {mode}", result)
        return
    result = run(words + own + (needed.words(mode, where) if needed else []))
    tap.ok(result[0] in (0, 1), f"{option.spelled}: for {mode}", result)
    if needed:
        result = run(words + own)
        tap.ok(is_refused(result, names) and f": needs {needed.spelled}\n" in result[2],
               f"{option.spelled}: for {mode} needs {needed.spelled}", result)


def check_configuration(tap, where):
    """Its keys are defaults: a mode ignores those that it does not use."""
    with open(f"{where}/config.yaml", "w", encoding="utf-8") as file:
        file.write("format: json\nbytes: true\nno-headings: true\nno-cmdline: true\n"
                   "list: {columns: [pid], sort: pid}\nregions: {columns: [start], sort: start}\n"
                   "top: {delay: 5, columns: [pid], sort: pid}\nsnapshots: {keep: 2}\n")
    for mode in MODES:
        result = run([f"--config={where}/config.yaml", *base(mode, where)])
        tap.ok(result[0] == 0, f"keys of the configuration: {mode}", result)


def main():
    tap = Tap()
    options = read_help()
    read_manual(options)
    with tempfile.TemporaryDirectory() as where:
        with open(f"{where}/series", "w", encoding="utf-8") as file:
            file.writelines(f"{i},{i * 4096}\n" for i in range(40))
        for option in options.values():
            tap.ok(option.modes and option.modes <= set(MODES), f"{option.spelled}: is for a mode", option.modes)
            for mode in MODES:
                if not is_chosen(option, mode):
                    check_pair(tap, option, mode, where)
        result = run(["--watch=60", "--deep"])
        tap.ok(is_refused(result, {"--deep"}), "--deep: not for a watch of everything", result)
        check_configuration(tap, where)
    print(f"1..{tap.n}")
    return tap.failed


if __name__ == "__main__":
    sys.exit(main())
