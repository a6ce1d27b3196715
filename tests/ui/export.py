"""What the export panel writes is, byte for byte, what `convlens render` writes; the clipboard gets the same; nothing is overwritten."""
import os
import shutil
import subprocess
import sys
import time

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s
PROGRAM, SHOTS, ASSETS = sys.argv[1:4]
PROGRAM = os.path.abspath(PROGRAM)
FOLDER = os.path.join(os.path.abspath(SHOTS), "files")
DOCUMENT = ["--weights", "random:7x5:3", "--padding", "2", "--backend", "cpu"]
SCALE = "shared"


def content(path):
    with open(path, "rb") as file:
        return file.read()


def rendered(name, *words, scale=SCALE):
    path = os.path.join(FOLDER, name)
    subprocess.run([PROGRAM, "render", os.path.join(FOLDER, "cat.png"), *DOCUMENT, "--scale", scale, *words, path], check=True)
    return content(path)


def listed():
    """The files, without one that is being written."""
    return {name for name in os.listdir(FOLDER) if not name.startswith(".")}


def saved(window, press):
    """The file that comes of pressing."""
    before = listed()
    press()
    states = window.wait("the file", lambda s: READY(s) and listed() - before and s["note"].startswith("saved "))
    assert states["error"] == "-", states["error"]
    (new,) = listed() - before
    window.wait("the note", lambda s: s["note"] == "saved " + os.path.join(FOLDER, new))
    return new


def clear(window, control, text):
    """Replaces what a text field or a number holds."""
    window.click(control)
    window.key("ctrl+a")
    window.type(text)


def grids(window):
    plain = saved(window, lambda: window.key("ctrl+e"))
    assert plain == "cat-grid.png" and content(os.path.join(FOLDER, plain)) == rendered("a.png", "--out"), "Ctrl+E is not render's plain grid"
    window.key("ctrl+shift+e")
    window.wait_control("export.save")
    window.park()
    window.shot("panel-plain")
    window.set_number("export.cell", 300)
    for option in ("labels", "thumbnails", "colorbar"):
        window.click("export." + option)
    window.click("export.title")
    window.type("Seven kernels")
    window.click("export.transparent")
    window.park()
    window.shot("panel")
    name = saved(window, lambda: window.click("export.save"))
    assert name == "cat-grid-2.png", name
    decorated = rendered("b.png", "--cell", "300x200", "--labels", "--show-kernels", "--colorbar", "--title", "Seven kernels", "--paper", "transparent", "--out")
    assert content(os.path.join(FOLDER, name)) == decorated, "the panel's grid is not render's"
    assert saved(window, lambda: window.key("ctrl+e")) == "cat-grid-3.png"
    assert content(os.path.join(FOLDER, "cat-grid-3.png")) == decorated
    return decorated


def choose_spot(window):
    for control, value in (("export.channel", 3), ("export.y", 40), ("export.x", 60)):
        window.set_number(control, value)


def others(window):
    window.click("export-channel")
    window.set_number("export.channel", 5)
    for option in ("labels", "thumbnails", "colorbar"):
        window.click("export." + option)
    clear(window, "export.title", "")
    window.key("BackSpace")
    window.click("export.white")
    name = saved(window, lambda: window.click("export.save"))
    assert name == "cat-channel.png", name
    low, high = (min(v[0] for v in ranges()), max(v[1] for v in ranges()))
    assert content(os.path.join(FOLDER, name)) == rendered("c.png", "--channels", "5", "--cell", "300x200", "--gap", "0", "--out", scale=f"fixed:{low}:{high}"), "the channel is not on the grid's scale"
    window.shot("panel-channel")

    window.click("export-microscope")
    choose_spot(window)
    window.set_number("export.pixels", 40)
    window.park()
    window.shot("panel-microscope")
    name = saved(window, lambda: window.click("export.save"))
    assert name == "cat-microscope.png", name
    assert content(os.path.join(FOLDER, name)) == rendered("d.png", "--position", "3,40,60", "--pixels", "40", "--microscope"), "the panel's microscope is not render's"

    for kind, option, endings in (("activations", "--data", (".npy", ".npz")), ("kernels", "--kernels", (".png", ".npy", ".safetensors")), ("statistics", "--stats-file", (".csv", ".json"))):
        window.click("export-" + kind)
        for ending in endings:
            window.click("export" + ending)
            name = saved(window, lambda: window.click("export.save"))
            assert name == f"cat-{kind}{ending}", name
            ours, theirs = content(os.path.join(FOLDER, name)), rendered("e" + ending, "--pixels", "40", option)
            if ending == ".json":  # it names the milliseconds
                ours, theirs = (b"\n".join(line for line in text.split(b"\n") if b"milliseconds" not in line) for text in (ours, theirs))
            assert ours == theirs, name
        window.shot("panel-" + kind)


def ranges():
    path = os.path.join(FOLDER, "ranges.csv")
    subprocess.run([PROGRAM, "render", os.path.join(FOLDER, "cat.png"), *DOCUMENT, "--stats-file", path], check=True)
    return [tuple(map(float, line.split(",")[1:3])) for line in open(path).read().split("\n")[1:-1]]


def names(window):
    """A name of one's own; what can't be written is said."""
    window.click("export-grid")
    clear(window, "export.path", os.path.join(FOLDER, "mine.png"))
    assert saved(window, lambda: window.click("export.save")) == "mine.png"
    clear(window, "export.path", os.path.join(FOLDER, "nowhere/mine.png"))
    window.click("export.save")
    window.wait("the sentence", lambda s: READY(s) and "the grid was not saved" in s["error"] and "nowhere" in s["error"])
    window.park()
    window.shot("panel-refused")
    window.key("Escape")
    window.wait("the grid", lambda s: s["export"] == "-")


def clipboard(window):
    if not shutil.which("xclip"):
        print("skipped: xclip is not installed")
        return
    def pasted():
        for _ in range(100):
            got = subprocess.run(["xclip", "-selection", "clipboard", "-t", "image/png", "-o"], env=window.environment, capture_output=True, timeout=20)
            if got.returncode == 0 and got.stdout:
                return got.stdout
            time.sleep(0.1)
        raise AssertionError("nothing is on the clipboard: " + got.stderr.decode())
    window.key("ctrl+shift+c")
    window.wait("the copy", lambda s: READY(s) and s["note"] == "copied the grid")
    assert pasted() == content(os.path.join(FOLDER, "a.png")), "the clipboard has another picture"
    window.key("ctrl+shift+e")
    window.click("export-microscope")
    choose_spot(window)
    window.click("export.copy")
    window.wait("the microscope's copy", lambda s: READY(s) and s["note"] == "copied the microscope")
    assert pasted() == content(os.path.join(FOLDER, "d.png"))
    window.key("Escape")


def by_keys(window):
    """Without the mouse: the panel opens, arrows and space choose, Ctrl+E saves."""
    window.park()
    window.key("ctrl+shift+e")
    window.click("export-microscope")
    window.wait("the panel", lambda s: s["export"].endswith("-microscope.png"))
    window.park()
    for key in ("Left", "Left", "Down", "space"):
        window.key(key)
    window.wait("the activations by keys", lambda s: s["export"].endswith("-activations.npz"))
    window.shot("panel-keys")
    assert saved(window, lambda: window.key("ctrl+e")) == "cat-activations-2.npz"
    window.key("Escape")
    window.wait("the grid", lambda s: s["export"] == "-")


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    shutil.copy(os.path.join(ASSETS, "images/cat.png"), FOLDER)
    with Window(PROGRAM, SHOTS, arguments=[*DOCUMENT, "--scale", SCALE, os.path.join(FOLDER, "cat.png")]) as window:
        window.wait("the grid", lambda s: READY(s) and s["output"] == "1x7x300x451")
        grids(window)
        others(window)
        names(window)
        clipboard(window)
        by_keys(window)
        assert window.close() == 0


main()
