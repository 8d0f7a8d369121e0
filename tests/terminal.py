# SPDX-License-Identifier: GPL-2.0-or-later
"""A program in a real pseudo-terminal, whose screen is kept as an emulator of terminals has it.

Tests wait for what they want to see on the screen: what a program paints comes piece by piece.
"""

import fcntl
import os
import signal
import struct
import termios
import time

import live

try:
    import pexpect
    import pyte
except ImportError:
    pexpect = pyte = None

KEYS = {
    "Up": "\x1bOA", "Down": "\x1bOB", "Right": "\x1bOC", "Left": "\x1bOD",
    "Home": "\x1bOH", "End": "\x1bOF", "PgUp": "\x1b[5~", "PgDn": "\x1b[6~",
    "Enter": "\r", "Esc": "\x1b", "Tab": "\t", "Backspace": "\x7f", "Space": " ", "Ctrl-L": "\x0c",
    "Ctrl-U": "\x15", "Ctrl-Z": "\x1a", "Ctrl-C": "\x03", "Del": "\x1b[3~",
    "F1": "\x1bOP", "F2": "\x1bOQ", "F3": "\x1bOR", "F4": "\x1bOS", "F5": "\x1b[15~",
    "F6": "\x1b[17~", "F7": "\x1b[18~", "F8": "\x1b[19~", "F9": "\x1b[20~", "F10": "\x1b[21~",
}


if pyte:
    class Screen(pyte.Screen):
        """With what pyte does not know: the last character again (REP), and scrolling (SU, SD)."""

        last = " "

        def draw(self, data):
            self.last = data[-1:] or self.last
            super().draw(data)

        def repeat(self, count=1):
            super().draw(self.last * (count or 1))

        def scroll(self, row, step, count):
            y, self.cursor.y = self.cursor.y, row
            for _ in range(count or 1):
                step()
            self.cursor.y = y

        def scroll_up(self, count=1):
            bottom = self.margins.bottom if self.margins else self.lines - 1
            self.scroll(bottom, self.index, count)

        def scroll_down(self, count=1):
            self.scroll(self.margins.top if self.margins else 0, self.reverse_index, count)

    class Stream(pyte.ByteStream):
        csi = {**pyte.ByteStream.csi, "b": "repeat", "S": "scroll_up", "T": "scroll_down"}
        events = pyte.ByteStream.events | {"repeat", "scroll_up", "scroll_down"}


class Terminal:
    """Runs a program; for use in `with`. At the end it is killed if it still runs."""

    def __init__(self, *argv, width=80, height=24, env=None, cwd=None):
        if not pyte:
            raise live.Skip("no pexpect or pyte (Debian: apt install python3-pexpect python3-pyte)")
        self.screen = Screen(width, height)
        self.stream = Stream(self.screen)
        self.raw = b""  # all that was written
        self.ended = False
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(env or {})}
        self.child = pexpect.spawn(argv[0], list(argv[1:]), dimensions=(height, width),
                                   env={k: v for k, v in environment.items() if v is not None},
                                   cwd=cwd, encoding=None, timeout=live.PATIENCE_SECONDS)
        self.child.delaybeforesend = None
        self.child.delayafterread = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.isalive():
            self.child.kill(signal.SIGKILL)
        live.becomes(lambda: not self.child.isalive())
        self.child.close(force=True)

    @property
    def pid(self):
        return self.child.pid

    def pump(self, seconds=0.02):
        """Reads the output of this many seconds."""
        end = time.monotonic() + seconds
        while not self.ended:
            try:
                data = self.child.read_nonblocking(65536, timeout=max(end - time.monotonic(), 0))
            except pexpect.TIMEOUT:
                return
            except pexpect.EOF:
                self.ended = True
                return
            self.raw += data
            self.stream.feed(data)

    def wait(self, condition, seconds=live.PATIENCE_SECONDS):
        """Waits until the condition is true. Returns False if it never is."""
        end = time.monotonic() + seconds
        while not condition():
            if self.ended or time.monotonic() > end:
                return bool(condition())
            self.pump()
        return True

    def press(self, *keys):
        """Names of keys, or text that is typed as it is."""
        for key in keys:
            self.child.send(KEYS.get(key, key))
            self.pump()

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines())

    def shows(self, *texts):
        """Waits until the screen shows all of these texts."""
        return self.wait(lambda: all(text in self.text() for text in texts))

    def hides(self, text):
        return self.wait(lambda: text not in self.text())

    def is_reverse(self, row):
        return self.screen.buffer[row][0].reverse

    def cursor_row(self):
        """The row of the cursor: the last one that is in reverse."""
        rows = [y for y in range(self.screen.lines) if self.is_reverse(y)]
        return rows[-1] if rows else None

    def cursor_line(self):
        row = self.cursor_row()
        return self.lines()[row] if row is not None else ""

    def colors(self):
        """The lines on the screen."""
        return {self.screen.buffer[y][x].fg for y in range(self.screen.lines)
                for x in range(self.screen.columns)} - {"default"}

    def resize(self, width, height):
        self.screen.resize(height, width)
        fcntl.ioctl(self.child.child_fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", height, width, 0, 0))

    def is_sane(self):
        """Lines are edited and echoed, the cursor is shown and the first screen is back."""
        iflag, oflag, _, lflag, *_ = termios.tcgetattr(self.child.child_fd)
        edits = termios.ICANON | termios.ECHO | termios.ISIG
        return (lflag & edits == edits and bool(iflag & termios.ICRNL) and
                bool(oflag & termios.OPOST) and
                self.raw.rfind(b"\x1b[?1049l") > self.raw.rfind(b"\x1b[?1049h") and
                self.raw.rfind(b"\x1b[?25h") > self.raw.rfind(b"\x1b[?25l"))

    def end(self):
        """Waits for the end: its exit status, or minus the signal that it died of."""
        self.wait(lambda: self.ended)
        self.child.wait()
        return self.child.exitstatus if self.child.signalstatus is None \
            else -self.child.signalstatus
