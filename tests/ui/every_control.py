"""Operates every control that is on screen in a list of situations, each once: the window goes on, what a control changes is one undo step,
and undoing it restores the result. The test `controls` compares the list of all controls with what the stories have operated."""
import concurrent.futures
import os
import shutil
import sys
import time

from driver import Window
from driver.controls import kind

PROGRAM, SHOTS, ASSETS = (os.path.abspath(path) for path in sys.argv[1:4])
READY = lambda s: s.get("busy") == "0" and "output" in s
COMPARED = ("output", "kernels", "layer", "scale", "input", "item")
# These end the program, have a story of their own that needs more than a click, or belong to another situation.
MAY_FAIL = {"menu.backend.gl", "menu.copy.grid", "menu.largenet"}  # a machine may lack it, or the image has another size
NEVER = {"menu.quit", "menu.paste", "palette.quit", "menu.presenter", "palette.presenter", "menu.speak", "menu.silence", "palette.speak", "palette.silence", "tools", "status", "kernel.selected"}


def used(window):
    """Returns the kinds of controls that have been operated so far."""
    with open(window.map_file + ".used") as file:
        return {kind(line[2:].rstrip("\n")) for line in file if line.startswith("+")}


class Situation:
    """A window in a state that `setup` reaches, whose controls are then operated one after the other, and what opens by that, too."""

    def __init__(self, window, name, setup, only=None, without=()):
        self.window, self.name, self.setup, self.only, self.without = window, name, setup, only, without
        self.opens = {}  # the control that a click on another one brings up

    def wanted(self, name):
        return name not in NEVER and not name.startswith(("graph.box.", *self.without)) and (self.only is None or name.startswith(self.only))

    def rest(self, what):
        return self.window.wait(what, READY, 60)

    def run(self, tried):
        self.prepare()
        self.window.shot(self.name)
        base = set(self.window.read()[0])
        while todo := sorted(name for name in base | set(self.opens) if name not in tried and self.wanted(name)):
            name = todo[0]
            tried.add(name)
            if kind(name) in used(self.window):
                continue
            if int(self.window.read()[1]["undo_depth"]) > self.depth or not base <= set(self.window.read()[0]):
                self.again()
            if not self.reach(name):
                self.again()
            for _ in range(3):  # a click misses a control that just then moves, as what grows above it during training
                if kind(name) not in used(self.window) and self.reach(name):
                    self.operate(name)
        self.back()
        undo(self.window, self.depth)

    def prepare(self):
        self.setup(self.window)
        self.window.park()
        self.depth = int(self.rest(self.name)["undo_depth"])

    def again(self):
        """Goes back to the state in which the situation began."""
        self.back()
        undo(self.window, self.depth)
        self.prepare()

    def back(self):
        for _ in range(6):
            self.window.key("Escape")

    def reach(self, name, before=()):
        """Brings a control to the screen by what has opened it before. Returns False if it does not come."""
        if name not in self.window.read()[0] and name in self.opens and name not in before and self.reach(self.opens[name], (*before, name)):
            self.click(self.opens[name])
            self.window.frames()
        return name in self.window.read()[0]

    def click(self, name):
        """Clicks at a place where a slider changes and an area has something."""
        try:
            self.window.click(name, across=0.37, down=0.5)
        except AssertionError as error:
            if "mouse was moved" not in str(error):
                raise  # the control moves away from the mouse: what it depends on has changed

    def operate(self, name):
        window = self.window
        before = window.read()[1]
        depth, there = int(before["undo_depth"]), set(window.read()[0])
        self.click(name)
        window.frames(2)
        after = self.rest(f"rest after {name} in {self.name}")
        for new in set(window.read()[0]) - there:
            self.opens.setdefault(new, name)
        assert window.program.poll() is None, f"{self.name}: {name} ended the program"
        steps = int(after["undo_depth"]) - depth
        assert steps <= 1, f"{self.name}: {name} made {steps} undo steps"
        if steps != 1:
            return
        if set(window.read()[0]) - there:
            window.key("Escape")  # a list that is still open
        window.key("ctrl+z")
        now = window.wait(f"{name} undone in {self.name}", lambda s: READY(s) and int(s["undo_depth"]) <= depth, 60)
        changed = [key for key in COMPARED if now.get(key) != before.get(key) and name not in self.opens]
        assert not changed or now["error"] != "-", f"{self.name}: after undoing {name}, {changed} differ: {[(before.get(k), now.get(k)) for k in changed]}"


def kernels(*names):
    """A setup that presses keys when everything is closed."""
    return lambda window: [window.key(name) for name in ("Escape", "Escape", "Escape", "Escape", *names)]


def undo(window, depth):
    """Undoes steps until `depth` of them are left."""
    while int(window.read()[1]["undo_depth"]) > depth:
        window.key("ctrl+z")
        window.wait("an undone step", READY, 60)


def open_menu(window, menu):
    """Opens a menu and returns its entries."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        window.click(f"menu.{menu}")
        window.frames()
        if entries := [name for name in window.read()[0] if name.startswith("menu.") and name[5].islower()]:
            return entries
        window.key("Escape")
    raise AssertionError(f"the menu {menu} does not open")


def menus(window):
    """Runs each action that can run now from its menu."""
    for menu in ("File", "Edit", "View", "Layer", "Grid", "Help", "Lecture", "Kernels"):
        depth = int(window.read()[1]["undo_depth"])
        for entry in open_menu(window, menu):
            if "action." + entry[5:] in used(window) or entry in NEVER:
                continue
            if entry not in window.read()[0]:
                open_menu(window, menu)
            window.click(entry)
            states = window.wait(f"rest after {entry}", READY, 60)
            assert states["error"] == "-" or entry in MAY_FAIL, f"{entry}: {states['error']}"
            for _ in range(3):
                window.key("Escape")
            if window.read()[1]["lecture"] == "1":
                window.key("F5")
            if "side.train" not in window.read()[0]:
                window.key("Tab")
                window.wait_control("side.train")
            undo(window, depth)


ELSEWHERE = ("menu.", "tool.", "file.", "browser.", "palette.", "compare.", "lab.", "train.", "export.")


def with_batch(window):
    """Two random images, so that there is a batch item to choose."""
    kernels("ctrl+1")(window)
    window.click("patterns")
    window.click("pattern.noise")
    window.wait_control("batch")
    window.double_click("batch", across=0.9)
    window.type("2")
    window.key("Return")
    window.wait("a batch", lambda s: READY(s) and s["input"].startswith("2x"))


def alexnet(window):
    kernels("ctrl+5")(window)
    window.wait("AlexNet", lambda s: READY(s) and s["layers"] == "21")
    window.wait_control("chain")
    window.point("chain")
    for _ in range(40):  # the wheel, up to the buttons above the layers
        if {"weights.random", "weights.again"} & set(window.read()[0]):
            return
        window.input.button(4, True)
        window.input.button(4, False)
        window.frames()
    raise AssertionError("the panel does not scroll to its top")


def leaky(window):
    kernels("ctrl+4")(window)
    window.click("layer.add")
    window.click("add.LeakyReLU")
    window.wait_control("negative_slope")


def with_folders(window):
    """The file browser, after a file was opened, so that it has a last folder."""
    kernels("ctrl+o")(window)
    if not any(name.startswith("browser.last") for name in window.read()[0]):
        window.click("browser.path")
        window.key("ctrl+a")
        window.type(os.path.join(window.folder, "cat.png"))
        window.key("Return")
        window.wait("the file", lambda s: READY(s) and s["error"] == "-")
        window.key("ctrl+o")
    window.wait_control("browser.last0")


def with_bars(window):
    """AlexNet's last layer: a bar for each class."""
    alexnet(window)
    window.click("weights.random" if "weights.random" in window.read()[0] else "weights.again")
    window.wait("random weights", lambda s: READY(s) and "random weights" in s["kernels"])
    window.park()
    for _ in range(20):
        window.key("period")
    window.wait("AlexNet's classes", lambda s: READY(s) and s["layer"] == "classifier.6" and s["output"] == "1x1000x1x1")


def with_contributions(window):
    with_bars(window)
    window.key("space")
    window.key("m")
    window.wait("the largest terms", lambda s: READY(s) and s["why"] != "-")


def by_keys(window):
    """What has a key, but no control that is on screen here."""
    with_batch(window)
    window.key("bracketright")
    window.wait("the second image", lambda s: READY(s) and s["item"] == "1")
    window.key("bracketleft")
    window.wait("the first image", lambda s: READY(s) and s["item"] == "0")
    kernels("ctrl+1", "s")(window)
    depth = int(window.wait("a step", READY)["undo_depth"])
    window.key("ctrl+z")
    window.wait("undone", lambda s: READY(s) and int(s["undo_depth"]) == depth - 1)
    window.key("ctrl+shift+z")
    window.wait("redone", lambda s: READY(s) and int(s["undo_depth"]) == depth)
    window.key("w")
    window.wait_control("slide.play")
    window.key("y")
    window.wait("it plays", lambda s: s["slide"].endswith("playing"))
    window.key("y")
    window.wait("it pauses", lambda s: s["slide"].endswith("paused"))


def with_training(window):
    """The panel of lessons, without a running one."""
    kernels("ctrl+1")(window)
    window.click("side.train")
    window.frames()
    if "train.end" in window.read()[0]:
        window.click("train.end")
        window.frames()
    if "train.filter" not in window.read()[0]:
        window.click("train.lessons")
    window.wait_control("train.filter")


def with_lesson(window):
    kernels("ctrl+1")(window)
    window.click("side.train")
    window.frames()
    if "train.end" not in window.read()[0]:
        if "train.filter" not in window.read()[0]:
            window.click("train.lessons")
        window.click("train.filter")
    window.wait_control("train.end", 60)


def with_lecture(window):
    kernels("ctrl+1")(window)
    if "scene.title" not in window.read()[0]:
        for key in ("F7", "F7", "F6"):
            window.key(key)
        window.wait_control("scene.title")


def sections(which):
    """The situations of each of the windows that run side by side."""
    return {
        "convolution": lambda w: [
            Situation(w, "edges", kernels("ctrl+1"), without=ELSEWHERE),
            Situation(w, "random", kernels("ctrl+2"), without=ELSEWHERE),
            Situation(w, "batch", with_batch, only=("item", "batch", "size", "height", "width")),
            Situation(w, "keys", by_keys, only=("nothing",)),
        ],
        "networks": lambda w: [
            Situation(w, "largenet", kernels("ctrl+4", *["period"] * 8), without=ELSEWHERE),
            Situation(w, "alexnet", alexnet, only=("weights", "report", "network", "chain")),
            Situation(w, "leaky", leaky, only=("negative_slope",)),
            Situation(w, "flat", with_bars, only=("bar", "scroll")),
            Situation(w, "many", kernels("ctrl+5", *["comma"] * 20, *["period"] * 3), only=("scroll",)),
            Situation(w, "contributions", with_contributions, only=("contribution", "terms")),
        ],
        "tools": lambda w: [
            Situation(w, "tabs", kernels("ctrl+3"), only=("tool.", "side.")),
            Situation(w, "microscope", kernels("ctrl+3", "m"), without=ELSEWHERE),
            Situation(w, "histogram", kernels("ctrl+3", "Right", "h"), only=("histogram", "bar")),
            Situation(w, "slide", kernels("ctrl+1", "w"), only=("slide", "formula")),
            Situation(w, "editor", kernels("ctrl+2", "Right", "k"), only=("edit", "sigma", "wavelength", "angle")),
            Situation(w, "compare", kernels("ctrl+3", "c"), only=("compare",)),
            Situation(w, "lab", kernels("ctrl+2", "l"), only=("lab",)),
        ],
        "files": lambda w: [
            Situation(w, "browser", with_folders, only=("browser",)),
            Situation(w, "export", kernels("ctrl+3", "ctrl+shift+e"), only=("export",)),
            Situation(w, "train", with_training, only=("train.", "features"), without=("train.begin", "features.begin", "train.largenet", "train.features", "train.patterns", "train.filter")),
            Situation(w, "lecture", with_lecture, only=("scene", "lecture"), without=()),
            Situation(w, "lesson", with_lesson, only=("train", "momentum", "batch size", "epochs", "patience"), without=("train.largenet", "train.features", "train.patterns")),
        ],
    }[which]


def section(which, errors):
    shots = os.path.join(SHOTS, which)
    folder = os.path.join(shots, "files")
    os.makedirs(folder)
    shutil.copy(os.path.join(ASSETS, "images", "cat.png"), folder)  # files are saved beside an image
    try:
        with Window(PROGRAM, shots, size=(1280, 800), arguments=["--backend", "cpu", "--threads", "1", "sample:cat", "--resize", "120x80"], folder=folder, environment={"LP_NUM_THREADS": "1"}) as window:
            window.wait("the first grid", READY)
            if which == "files":
                menus(window)
                with_lesson(window)
                menus(window)
            tried = set()
            for situation in sections(which)(window):
                situation.run(tried)
            window.key("ctrl+q")
            end = time.monotonic() + 20
            while window.program.poll() is None and time.monotonic() < end:  # it may close only after files are written
                if "closing.discard" in window.read()[0]:
                    window.click("closing.discard")  # the lecture of this story
                    break
                time.sleep(0.05)
            window.program.wait(timeout=20)
            print(f"{which}: {len(tried)} controls", flush=True)
    except BaseException as error:  # for the main thread
        errors.append(f"{which}: {error}")
        raise


def declined(shots):
    """After a crash, the offer to restore the session is declined."""
    with Window(PROGRAM, shots, arguments=["--backend", "cpu", "pattern:noise:16x16"]) as window:
        window.wait("the first grid", READY)
        window.key("s")
        state = os.path.join(window.environment["XDG_STATE_HOME"], "convlens")
        end = time.monotonic() + 30
        while not (os.path.isdir(state) and any(name.startswith("autosave-") for name in os.listdir(state))):
            assert time.monotonic() < end, "no autosave"
            window.frames()
        window.program.kill()
        window.program.wait()
    with Window(PROGRAM, shots, arguments=["--backend", "cpu", "pattern:noise:16x16"], keep_state=True) as window:
        window.wait("the offer", lambda s: READY(s) and s["crashed"] == "offered")
        window.click("crashed.no")
        window.wait("no offer", lambda s: s["crashed"] == "-")
        window.quit()


def main():
    shutil.rmtree(SHOTS, ignore_errors=True)
    os.makedirs(SHOTS)
    errors = []
    with concurrent.futures.ThreadPoolExecutor(2) as two:
        done = [two.submit(section, which, errors) for which in (sys.argv[5:] or ("files", "tools", "networks", "convolution"))]
    assert not errors and not any(each.exception() for each in done), "\n".join(errors)
    declined(os.path.join(SHOTS, "declined"))


main()
