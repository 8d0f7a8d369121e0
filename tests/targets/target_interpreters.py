# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects in two interpreters with allocators of their own, besides the main one; since 3.12."""
import os
import time

try:
    import _interpreters as interpreters
    create, execute = interpreters.create, interpreters.exec
except ImportError:
    import _xxsubinterpreters as interpreters
    create, execute = lambda: interpreters.create(isolated=True), interpreters.run_string

SOURCE = """
import builtins
class Within:
    def __init__(self, x):
        self.x = [x]
builtins.kept = [Within(i) for i in range(30000)]
"""


class Main:
    pass


kept = [Main() for i in range(1000)]
running = [create() for _ in range(2)]  # they end when nothing refers to them
for interpreter in running:
    execute(interpreter, SOURCE)
print("ready", os.getpid(), flush=True)
time.sleep(600)
