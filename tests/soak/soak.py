"""Operates the window at random for a given time: soak.py PROGRAM FOLDER [--minutes N] [--seed S] [--size WxH] [--scale F] [--rest R].

A seeded random walk over all controls on screen and all keys. After each action: the program runs, it draws, the map of controls is
whole, and stderr is empty. Every R minutes everything is undone and the steps are forgotten: what the program then takes is what it
keeps, without undo steps and images. In the end: this memory no longer grows, no message was of an unknown kind, and undoing
everything restores the first document. The actions are in FOLDER/actions.txt; the same seed makes the same choices where the window shows the same controls."""
import argparse
import json
import os
import random
import re
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))
from driver import Window  # noqa: E402

# Controls that are not clicked: they end the program, or, as the command palette, may do so by what is typed.
NEVER = ("menu.quit", "menu.language.", "menu.palette", "palette.", "closing.", "crashed.")
# Where the mouse is dragged rather than clicked.
AREAS = ("picture", "grid", "terms", "editor.", "lab.", "slide.", "compare.a", "compare.b", "thumbnail", "features.plot", "train.strip")
KEYS = ["ctrl+z", "ctrl+z", "ctrl+shift+z", "ctrl+y", "ctrl+1", "ctrl+2", "ctrl+3", "ctrl+4", "ctrl+6", "s", "S", "p", "P", "d", "D", "f", "comma", "period",
        "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "Left", "Right", "Up", "Down", "Return", "Escape", "Escape", "Escape", "plus", "minus", "Home",
        "bracketleft", "bracketright", "ctrl+r", "g", "Tab", "alt+p", "ctrl+l", "ctrl+equal", "ctrl+minus", "ctrl+0", "question", "F1",
        "F5", "F6", "F7", "F8", "space", "w", "h", "k", "e", "l", "t", "c", "b", "v", "ctrl+e", "ctrl+o", "ctrl+k", "ctrl+t", "ctrl+c", "ctrl+v", "Page_Up", "Page_Down"]
TYPED = ["3", "0", "12", "-1", "99999", "0.5", "cat", "/", "x"]
# Messages that random actions may cause; all others are findings.
EXPECTED = re.compile(r"^-$|expects?|it holds|does not lie|exceeds|at least|at most|more than|does not fit|too (large|small|many)|there is no|no .* to |cannot be|not a |needs|must|larger than|"
                      r"is empty|nothing|already|unsupported|not supported|not finite|diverge|only ", re.IGNORECASE)


class Soak:
    def __init__(self, options):
        self.options, self.dice = options, random.Random(options.seed)
        self.count, self.memory, self.resting, self.held, self.messages = 0, [], [], [], {}
        shutil.rmtree(options.folder, ignore_errors=True)
        os.makedirs(options.folder)
        self.work = os.path.join(options.folder, "work")
        os.makedirs(self.work)
        os.chdir(self.work)
        self.log = open(os.path.join(options.folder, "actions.txt"), "w")
        self.errors = os.path.join(options.folder, "stderr.txt")
        arguments = ["--backend", "cpu", "--memory", options.memory, "sample:cat", "--resize", "150x100", "--weights", "edges"]
        if options.scale:
            arguments += ["--ui-scale", str(options.scale)]
        # The window saves next to the images that it opens: these are copies.
        assets = os.path.join(options.folder, "assets")
        shutil.copytree(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "assets"), assets)
        saved = os.dup(2)
        with open(self.errors, "w") as errors:
            os.dup2(errors.fileno(), 2)
        self.window = Window(options.program, os.path.join(options.folder, "window"), options.size, arguments, environment={"CONVLENS_ASSETS": assets})
        os.dup2(saved, 2)

    def session(self, name):
        """Saves the document and returns its text."""
        before = set(os.listdir(self.work))
        self.window.key("ctrl+s")
        end = time.monotonic() + 60
        while not (new := {f for f in os.listdir(self.work) if f.endswith(".json")} - before):
            assert time.monotonic() < end, f"the session was not saved: {self.window.read()[1]}"
            self.window.frames()
        with open(os.path.join(self.work, new.pop())) as file:
            text = file.read()
        with open(os.path.join(self.options.folder, name + ".json"), "w") as copy:
            copy.write(text)
        return text

    def drag(self, x0, y0, x1, y1):
        self.window.input.move(x0, y0)
        self.window.frames(1)
        self.window.input.button(1, True)
        self.window.frames(1)
        self.window.input.move(x1, y1)
        self.window.frames(1)
        self.window.input.button(1, False)

    def act(self):
        """Does one thing and returns its name."""
        dice, window = self.dice, self.window
        rectangles = window.read()[0]
        usable = sorted(name for name in rectangles if not name.startswith(NEVER))
        kind = dice.random()
        if kind < 0.35 or not usable:
            key = dice.choice(KEYS)
            window.input.key(key, True)
            window.frames(1)
            window.input.key(key, False)
            return f"key {key}"
        if kind < 0.4:
            text = dice.choice(TYPED)
            for c in text:
                window.input.key(c, True)
                window.frames(1)
                window.input.key(c, False)
            window.input.key("Return", True)
            window.frames(1)
            window.input.key("Return", False)
            return f"type {text}"
        name = dice.choice(usable)
        x0, y0, x1, y1 = rectangles[name]
        inside = lambda: (round(x0 + (x1 - x0) * dice.uniform(0.02, 0.98)), round(y0 + (y1 - y0) * dice.uniform(0.02, 0.98)))
        if name.startswith(AREAS) and dice.random() < 0.5:
            (a, b), (c, d) = inside(), inside()
            self.drag(a, b, c, d)
            return f"drag {name} {a},{b} {c},{d}"
        a, b = inside()
        button = dice.choice([1] * 8 + [3, 4, 5])  # 4 and 5 are the wheel
        window.input.move(a, b)
        window.frames(1)
        for _ in range(1 if button < 4 else 3):
            window.input.button(button, True)
            window.frames(1)
            window.input.button(button, False)
        return f"click {name} {a},{b} button {button}"

    def check(self, action):
        window = self.window
        window.frames(1)
        assert window.program.poll() is None, f"the program ended with {window.program.poll()} after {action}"
        rectangles, states, _ = window.read()
        assert "mouse" in states and "tool" in states, f"the map has no states after {action}"
        assert rectangles or states["lecture"] == "1", f"the map has no controls after {action}"
        for name, (x0, y0, x1, y1) in rectangles.items():
            assert x0 <= x1 and y0 <= y1 and max(abs(v) for v in (x0, y0, x1, y1)) < 1e7, f"{name} is at {x0},{y0},{x1},{y1} after {action}"
        for message in (states.get("error", "-"), states.get("note", "-")):
            self.messages.setdefault(message, action)
        assert os.path.getsize(self.errors) == 0, f"stderr after {action}: {open(self.errors).read()}"

    def resident(self):
        with open(f"/proc/{self.window.program.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024

    def run(self):
        window = self.window
        window.wait("the first picture", lambda s: s.get("busy") == "0" and "output" in s)
        first = self.session("first")
        start = time.monotonic()
        minutes = lambda: (time.monotonic() - start) / 60
        while minutes() < self.options.minutes:
            if minutes() > self.options.rest * (1 + len(self.resting)):
                self.rest(minutes())
            if window.read()[1].get("closing", "-") != "-":
                window.key("Escape")
            action = self.act()
            self.log.write(f"{self.count} {action}\n")
            self.log.flush()
            self.check(action)
            self.count += 1
            if self.count % 50 == 0:
                self.memory.append((minutes(), self.resident()))
                for file in os.listdir(self.work):
                    path = os.path.join(self.work, file)
                    shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        self.report()
        self.undo_everything(first)
        self.end()

    def rest(self, minute):
        """Undoes everything, forgets the steps by a new one, and measures the memory."""
        window = self.window
        self.undo_steps()
        for key in ("s", "ctrl+z"):
            window.key(key)
            window.wait(key, lambda s: s.get("busy") == "0", 120)
        self.resting.append((minute, self.resident()))
        self.held.append((minute, float(window.read()[1]["memory"])))
        self.log.write(f"# at rest in minute {minute:.1f}: {self.resting[-1][1]:.0f} MB, of which tensors and images {self.held[-1][1]:.0f} MB\n")

    def undo_steps(self):
        window = self.window
        for _ in range(12):
            window.key("Escape")
        window.park()
        end = time.monotonic() + 600
        while int(window.read()[1]["undo_depth"]) > 0:
            assert time.monotonic() < end, f"not everything can be undone: {window.read()[1]['undo_depth']} steps are left"
            for _ in range(10):
                window.input.key("ctrl+z", True)
                time.sleep(0.003)
                window.input.key("ctrl+z", False)
            window.frames(2)
        window.wait("the first document", lambda s: s.get("busy") == "0", 120)

    def undo_everything(self, first):
        window = self.window
        self.undo_steps()
        last = self.session("last")
        dropped = int(window.read()[1]["undo_dropped"])
        equal = json.loads(last)["document"] == json.loads(first)["document"]
        print(f"  undo: {dropped} steps were dropped for the memory limit; the first document {'is' if equal else 'is not'} back")
        assert equal or dropped > 0, "undoing everything did not restore the first document"

    @staticmethod
    def slope(points):
        """Returns the slope of memory over time in MB an hour, without the first quarter."""
        late = points[len(points) // 4:]
        if len(late) < 3:
            return 0.0
        mean_t, mean_m = (sum(column) / len(late) for column in zip(*late))
        return sum((t - mean_t) * (m - mean_m) for t, m in late) / sum((t - mean_t) ** 2 for t, _ in late) * 60

    def report(self):
        strange = {m: a for m, a in self.messages.items() if not EXPECTED.search(m) and not m.startswith(("saved", "copied", "added scene", "checked "))}
        with open(os.path.join(self.options.folder, "memory.txt"), "w") as file:
            file.writelines(f"{t:.2f} {m:.1f}\n" for t, m in self.memory)
        print(f"seed {self.options.seed}: {self.count} actions in {self.options.minutes} minutes, memory {self.memory[0][1] if self.memory else 0:.0f} to "
              f"{max((m for _, m in self.memory), default=0):.0f} MB, in the end {self.resident():.0f} MB, slope after warm-up {self.slope(self.memory):.1f} MB/h")
        print("  at rest: " + ", ".join(f"{m:.0f}" for _, m in self.resting) + f" MB, slope {self.slope(self.resting):.1f} MB/h")
        print("  tensors and images at rest: " + ", ".join(f"{m:.0f}" for _, m in self.held) + f" MB, slope {self.slope(self.held):.1f} MB/h")
        for message, action in strange.items():
            print(f"  message after {action!r}: {message}")
        print(f"  longest work on a frame {self.window.read()[1]['slowest']} ms", flush=True)

    def end(self):
        self.window.key("ctrl+q")
        if self.window.program.poll() is None and self.window.read()[1]["closing"] == "asking":
            self.window.click("closing.discard")  # a lecture
        assert self.window.program.wait(timeout=30) == 0, "the program did not end with status 0"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=lambda text: tuple(int(w) for w in text.split("x")), default=(1920, 1080))
    parser.add_argument("--rest", type=float, default=10)
    parser.add_argument("--scale", type=float)
    parser.add_argument("--memory", default="4GB")
    options = parser.parse_args()
    options.program, options.folder = os.path.abspath(options.program), os.path.abspath(options.folder)
    soak = Soak(options)
    try:
        soak.run()
    finally:
        if soak.window.program.poll() is None:
            soak.window.shot("last")
        soak.window.kill()


main()
