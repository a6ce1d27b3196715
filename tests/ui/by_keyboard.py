"""The window by keyboard and its file browser: palette, help, cursor, typed numbers, a batch, a wrong file."""
import os
import shutil
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def palette_and_help(window):
    window.key("ctrl+p")
    window.type("rakern")
    window.shot("1-palette")
    window.key("Return")
    window.wait("random kernels by the palette", lambda s: READY(s) and s["output"] == "1x7x300x451")
    window.key("ctrl+r")
    window.wait("the next seed", lambda s: READY(s) and s["kernels"].endswith("seed 2"))
    window.key("F1")
    window.wait("the help", lambda s: s["help"] == "1")
    window.shot("2-help")
    window.key("s")
    window.key("Escape")
    window.wait("the help closed and the stride untouched", lambda s: READY(s) and s["help"] == "0" and s["output"] == "1x7x300x451")
    window.key("ctrl+3")
    window.wait("AlexNet", lambda s: READY(s) and s["output"] == "1x64x74x112")


def gray(window):
    """A gray picture enters kernels for three channels as three equal ones, and stays gray when such kernels are opened."""
    for expected in ("gray", "colors"):
        depth = int(window.read()[1]["undo_depth"])
        window.key("g")
        window.wait(f"AlexNet's kernels on {expected}", lambda s: READY(s) and int(s["undo_depth"]) == depth + 1)
        window.frames()
        states = window.read()[1]
        assert states["error"] == "-" and states["input"] == "1x3x300x451" and states["output"] == "1x64x74x112", states
        window.shot(f"2-{expected}")
    window.key("ctrl+2")
    window.key("g")
    window.wait("random kernels on one channel", lambda s: READY(s) and s["input"] == "1x1x300x451")
    window.key("ctrl+3")
    window.wait("AlexNet's kernels on three equal channels", lambda s: READY(s) and s["input"] == "1x3x300x451" and s["error"] == "-")
    window.key("ctrl+2")
    window.wait("still gray", lambda s: READY(s) and s["input"] == "1x1x300x451")
    window.key("g")
    window.key("ctrl+3")
    window.wait("AlexNet's kernels on colors", lambda s: READY(s) and s["output"] == "1x64x74x112")


def cursor(window):
    window.park()
    for _ in range(2):
        window.key("Right")
    window.key("Down")
    window.wait("the cursor two to the right and one down", lambda s: s["selected"] == "9")
    window.key("Return")
    window.wait("channel 9 alone", lambda s: READY(s) and s["enlarged"] == "9" and s["cells"] == "1")
    window.key("Right")
    window.wait("the value beside the middle", lambda s: READY(s) and s["hover"] == "9 37 57" and s["probed"] == "64")
    window.shot("3-cursor")
    window.key("Escape")
    window.wait("all cells", lambda s: READY(s) and s["cells"] == "64")


def scales(window):
    for key, scale in (("2", "shared"), ("3", "symmetric"), ("4", "per-channel-symmetric"), ("1", "per-channel")):
        window.key(key)
        window.wait(f"the scale {scale}", lambda s: READY(s) and s["scale"] == scale)


def typed_number(window):
    depth = int(window.read()[1]["undo_depth"])
    window.double_click("padding", across=0.9)
    window.wait("no change by the double click", lambda s: READY(s) and s["output"] == "1x64x74x112" and int(s["undo_depth"]) == depth)
    window.type("6")
    window.key("Return")
    window.wait("padding 6", lambda s: READY(s) and s["output"] == "1x64x76x114" and int(s["undo_depth"]) == depth + 1)
    window.click("padding", button=3)
    window.wait("padding back at 0", lambda s: READY(s) and s["output"] == "1x64x73x111")


def browser(window, folder):
    window.key("ctrl+o")
    window.click("browser.path")
    window.key("ctrl+a")
    window.type(folder + "/")
    window.key("Return")
    window.wait_control("file.b.png")
    window.wait("the thumbnails of what can be read", lambda s: READY(s) and s["thumbnails"] == "2")
    window.shot("4-browser")
    window.click("file.a.png")
    window.click("file.b.png", modifier="ctrl")
    window.click("browser.open")
    window.wait("a batch of two", lambda s: READY(s) and s["input"] == "2x3x512x512")
    window.key("bracketright")
    window.wait("the second item", lambda s: READY(s) and s["item"] == "1")
    window.shot("5-batch")

    window.key("ctrl+o")
    window.double_click("file.broken.png")
    window.wait("the sentence about the broken file", lambda s: READY(s) and s["error"].startswith("broken.png"))
    states = window.read()[1]
    assert states["input"] == "2x3x512x512", states
    window.shot("6-broken")
    window.key("ctrl+o")
    window.wait_control("browser.last0")
    window.key("Escape")


def main():
    program, shots, assets = sys.argv[1:4]
    folder = os.path.join(os.path.abspath(shots), "folder")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    shutil.copy(os.path.join(assets, "images", "brick.png"), os.path.join(folder, "a.png"))
    shutil.copy(os.path.join(assets, "images", "grass.png"), os.path.join(folder, "b.png"))
    with open(os.path.join(assets, "images", "cat.png"), "rb") as cat, open(os.path.join(folder, "broken.png"), "wb") as broken:
        broken.write(cat.read(3000))
    with Window(program, shots) as window:
        window.wait("the first grid", lambda s: READY(s) and s["output"] == "1x64x74x112")
        palette_and_help(window)
        gray(window)
        cursor(window)
        scales(window)
        typed_number(window)
        browser(window, folder)
        window.quit()


main()
