"""Operates the real window in Xvfb: clicks controls by their names in the UI map, and waits for frames instead of a fixed time."""
import contextlib
import os
import shutil
import subprocess
import time

from driver.input import Input


def write_settings(state_home):
    """Writes settings of a user who has seen the tour, unless there are some."""
    path = os.path.join(state_home, "convlens", "settings.json")
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write('{"toured": true}')


class Window:
    """The program in a window of its own X server. `shots` is the folder for screenshots."""

    def __init__(self, program, shots, size=(1280, 720), arguments=(), keep_state=False, state=None, environment=None, stderr=None, folder=None, tour=False, screen=None):
        # keep_state: keep settings and autosave files of the previous program, as after a crash. state: folder of these files, which
        # several windows may share; it is kept. environment: variables to add. stderr: a file for the program's messages.
        # folder: the program's working folder. tour: whether the tour of the first start is shown. screen: size of the screen; that of
        # the window if it is None.
        os.makedirs(shots, exist_ok=True)
        if not keep_state:
            shutil.rmtree(os.path.join(shots, "state"), ignore_errors=True)
        self.shots, self.folder = shots, folder
        state_home = state or os.path.join(os.path.abspath(shots), "state")
        if not tour:  # as in every start but the first
            write_settings(state_home)
        self.map_file = os.path.join(shots, "ui.map")
        if os.path.exists(self.map_file):
            os.remove(self.map_file)
        if os.path.exists(self.map_file + ".used"):  # what an earlier window of the story has operated counts, too
            os.rename(self.map_file + ".used", f"{self.map_file}.{len(os.listdir(shots))}.used")
        width, height = screen or size
        read_end, write_end = os.pipe()
        # -r: a key that is held because the machine is busy must not repeat.
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset", "-r"],
            pass_fds=[write_end], stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as announced:
            display = announced.readline().strip()
        assert display, "Xvfb did not start"
        self.environment = dict(os.environ, DISPLAY=":" + display, LIBGL_ALWAYS_SOFTWARE="1",
                                XDG_STATE_HOME=state_home, LC_ALL="C.UTF-8")  # English
        self.environment.pop("WAYLAND_DISPLAY", None)
        own = {**self.environment, **(environment or {})}
        self.input = Input(self.environment["DISPLAY"])
        self.started = time.monotonic()
        with open(stderr, "w") if stderr else contextlib.nullcontext() as messages:
            self.program = subprocess.Popen(
                [program, "--size", f"{size[0]}x{size[1]}", "--ui-map", self.map_file, *arguments], env=own, stderr=messages, cwd=folder)

    def read(self):
        """Returns the newest UI map: rectangles of controls {name: [x0, y0, x1, y1]}, states {key: text}, number of the frame."""
        rectangles, states, frame = {}, {}, 0
        try:
            with open(self.map_file) as file:
                for line in file:
                    words = line.rstrip("\n").split(" ")
                    if words[0] == "=":
                        states[words[1]] = " ".join(words[2:])
                    elif words[0] == "frame":
                        frame = int(words[1])
                    else:
                        rectangles[" ".join(words[:-4])] = [int(w) for w in words[-4:]]
        except FileNotFoundError:
            pass
        return rectangles, states, frame

    def wait(self, what, condition, seconds=60):
        """Waits until condition(states) is true and returns the states. Fails after `seconds`, with `what` in the message."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.program.poll() is None, f"the program ended with {self.program.poll()} while waiting for {what}"
            states = self.read()[1]
            if states and condition(states):
                return states
            time.sleep(0.02)
        raise AssertionError(f"waited {seconds} s for {what}; the state is {self.read()[1]}")

    def frames(self, count=2):
        """Waits for `count` more frames. Moves the mouse by a pixel meanwhile, because the window sleeps if nothing happens."""
        seen = self.read()[2]
        last = seen + count
        end = time.monotonic() + 40
        step = 1
        while seen < last and self.program.poll() is None:
            assert time.monotonic() < end, "the window draws no more"
            self.input.nudge(step, 0)
            step = -step
            seen = self.newer(seen)
        if step < 0 and self.program.poll() is None:
            self.input.nudge(-1, 0)  # back to the previous position

    def rest(self, seconds=1.5):
        """Waits until the window has drawn no frame for `seconds`, because nothing happens."""
        end = time.monotonic() + 60
        while (seen := self.read()[2]) != self.newer(seen, seconds):
            assert time.monotonic() < end, "the window does not come to rest"

    def newer(self, frame, seconds=0.03):
        """Waits until the number of the newest frame is not `frame`, at most for `seconds`, and returns that number."""
        end = time.monotonic() + seconds
        while (newest := self.read()[2]) == frame and time.monotonic() < end:
            time.sleep(0.003)
        return newest

    def tool(self, *words):
        """Runs an xdotool command on the window and returns its output."""
        return subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^Convlens$", *words], env=self.environment,
                              check=True, capture_output=True, text=True).stdout

    def resize(self, width, height):
        self.tool("windowsize", str(width), str(height))

    def number(self):
        """Returns the id of the window in the X server."""
        return int(self.tool().split()[0])

    def point(self, name, across=0.5, down=0.5):
        """Waits for a control and moves the mouse onto it, until the program has seen the mouse there and the control no longer moves."""
        self.wait_control(name)
        at, seen = None, None
        for _ in range(20):
            x0, y0, x1, y1 = self.read()[0].get(name, (-9, -9, -9, -9))
            before, at = at, [round(x0 + (x1 - x0) * across), round(y0 + (y1 - y0) * down)]
            seen = [int(w) for w in self.read()[1].get("mouse", "-1 -1").split(" ")]
            if at == before and abs(seen[0] - at[0]) <= 2 and abs(seen[1] - at[1]) <= 2:
                self.wait("the mouse to be still", lambda s: s["mouse"] == f"{at[0]} {at[1]}", 10)
                return
            self.input.move(*at)
            self.frames()
        raise AssertionError(f"the mouse was moved to {at}, the program has seen it at {seen}")

    def click(self, name, across=0.5, down=0.5, button=1, modifier=None):
        """Clicks a control. Waits for frames between press and release, because Dear ImGui 1.86 needs them."""
        self.point(name, across, down)
        if modifier:
            self.input.key(modifier, True)
            self.frames()
        self.input.button(button, True)
        self.frames()
        self.input.button(button, False)
        self.frames()
        if modifier:
            self.input.key(modifier, False)
            self.frames()

    def set_number(self, name, value, across=0.5):
        """Types a number into a slider, which Ctrl+click turns into a text field: two clicks of a slow frame are no double click."""
        self.click(name, across=across, modifier="ctrl")
        self.key("ctrl+a")
        self.type(str(value))
        self.key("Return")

    def double_click(self, name, across=0.5, down=0.5):
        self.point(name, across, down)
        self.input.double_click()
        self.frames()

    def park(self):
        """Moves the mouse to a place without controls."""
        self.input.move(2, 2)
        self.frames()

    def type(self, text):
        for character in text:
            self.key(character)

    def wait_control(self, name, seconds=20):
        """Waits until a control is on screen."""
        end = time.monotonic() + seconds
        while name not in self.read()[0]:
            assert time.monotonic() < end, f"no control {name!r} among {sorted(self.read()[0])}"
            self.frames(1)

    def key(self, name):
        self.input.key(name, True)
        self.frames()
        self.input.key(name, False)
        self.frames()

    def shot(self, name):
        subprocess.run(["import", "-window", "root", os.path.join(self.shots, name + ".png")], env=self.environment, check=True)

    def close(self):
        """Ends the program through its menu; returns its exit status."""
        self.click("menu.File")
        self.click("menu.quit")
        status = self.program.wait(timeout=20)
        self.kill()
        return status

    def quit(self):
        """Ends the program with Ctrl+Q. Fails if its exit status is not 0."""
        self.key("ctrl+q")
        assert self.program.wait(timeout=20) == 0, "the program did not end with status 0"

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        """Saves a screenshot if the test has failed, and ends all processes."""
        try:
            if kind and self.program.poll() is None:
                self.shot("failed")
        finally:
            self.kill()

    def kill(self):
        self.input.close()
        for process in (self.program, self.server):
            if process.poll() is None:
                process.kill()
                process.wait()
