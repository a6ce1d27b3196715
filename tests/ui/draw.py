"""The drawing pad: brush, eraser, line, fill; each stroke is one undo step and the grid follows; a session keeps the drawing."""
import os
import shutil
import subprocess
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s
DRAWING = lambda s: s.get("drawing", "-").split()


def ink(window):
    """The sum of all values of the drawing."""
    return int(window.wait("the drawing", lambda s: READY(s) and DRAWING(s)[0] != "-")["drawing"].split()[1])


def stroke(window, points, follow=False):
    """Draws from point to point; the grid must follow before the button is released if `follow`."""
    window.point("draw.canvas", *points[0])
    window.input.button(1, True)
    window.frames()
    rectangle = window.read()[0]["draw.canvas"]
    before = window.read()[1]["drawing"]
    for across, down in points[1:]:
        x0, y0, x1, y1 = rectangle
        window.input.move(round(x0 + (x1 - x0) * across), round(y0 + (y1 - y0) * down))
        window.frames()
    if follow:
        window.wait("the grid to follow the stroke", lambda s: READY(s) and s["drawing"] != before and s["drawing.shown"] == DRAWING(s)[1])
    window.input.button(1, False)
    window.frames()


def depth(window):
    return int(window.read()[1]["undo_depth"])


def main():
    program, shots, assets = sys.argv[1:4]
    folder = os.path.join(os.path.abspath(shots), "files")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with Window(program, shots, size=(1280, 720), folder=folder) as window:
        window.wait("the first grid", READY)
        window.key("ctrl+d")
        window.wait_control("draw.new")
        window.shot("1-begin")
        window.click("new size")
        window.click("new size.64x64")
        window.click("draw.new")
        window.wait("an empty drawing", lambda s: READY(s) and DRAWING(s) == ["64x64", "0"] and s["input"].startswith("1x3x64x64"))
        before = depth(window)
        stroke(window, [(0.2, 0.3), (0.4, 0.3), (0.6, 0.5), (0.8, 0.3)], follow=True)
        first = ink(window)
        assert first > 0 and depth(window) == before + 1, (first, depth(window), before)
        window.shot("2-stroke")
        window.click("draw.line")
        stroke(window, [(0.1, 0.8), (0.5, 0.6), (0.9, 0.8)])
        second = ink(window)
        assert second > first and depth(window) == before + 2
        window.click("draw.eraser")
        stroke(window, [(0.3, 0.3), (0.5, 0.4)])
        assert ink(window) < second and depth(window) == before + 3
        for expected in (second, first, 0):
            window.key("ctrl+z")
            window.wait("a stroke taken back", lambda s: READY(s) and int(DRAWING(s)[1]) == expected)
        window.key("ctrl+y")
        window.wait("the stroke again", lambda s: READY(s) and int(DRAWING(s)[1]) == first)
        window.click("draw.fill")
        window.click("gray level", across=0.5)
        window.click("draw.canvas", 0.5, 0.95)
        assert ink(window) > 64 * 64 * 3 * 100
        window.click("draw.undo")
        window.wait("the fill taken back", lambda s: READY(s) and int(DRAWING(s)[1]) == first)
        window.click("draw.center")
        window.wait("a centered drawing", lambda s: READY(s) and s["undo_depth"] == str(before + 2))
        window.click("color")
        window.wait_control("draw.color")
        window.click("draw.color", across=0.97)
        window.key("Escape")
        window.click("draw.brush")
        window.click("brush size", across=0.2)
        stroke(window, [(0.3, 0.7), (0.7, 0.7)])
        colored = ink(window)
        window.shot("3-color")
        window.click("draw.invert")
        assert ink(window) == 64 * 64 * 3 * 255 - colored
        window.key("ctrl+s")
        saved = window.wait("the session", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
        kept = window.read()[1]["drawing"]
        window.click("draw.clear")
        assert ink(window) == 64 * 64 * 3 * 255  # white paper since the inversion
        window.click("white paper")
        window.key("ctrl+4")
        window.wait("LargeNet's answer", lambda s: READY(s) and s["kernels"].startswith("LargeNet"))
        window.click("draw.new")
        window.wait("a dark drawing", lambda s: READY(s) and DRAWING(s)[1] == "0")
        window.click("color")
        stroke(window, [(0.3, 0.2), (0.3, 0.8), (0.6, 0.8)], follow=True)
        window.shot("4-largenet")
        window.quit()
    with Window(program, os.path.join(os.path.abspath(shots), "again"), arguments=[os.path.join(folder, saved)], folder=folder) as window:
        window.wait("the drawing of the session", lambda s: READY(s) and s.get("drawing") == kept)
        window.wait_control("draw.canvas")  # the session has kept the open panel, too
        window.click("gray level", across=0.3)
        stroke(window, [(0.1, 0.1), (0.9, 0.1)])
        window.wait("a stroke on it", lambda s: READY(s) and s["drawing"] != kept)
        window.quit()
    image = os.path.join(folder, "small.png")
    subprocess.run(["convert", os.path.join(assets, "images", "cat.png"), "-resize", "200x200", image], check=True)
    with Window(program, os.path.join(os.path.abspath(shots), "image"), size=(1920, 1080), arguments=[image, "--ui-scale", "2"]) as window:
        window.wait("the grid", READY)
        window.key("ctrl+d")
        window.click("draw.image")
        window.wait("a drawing of the image", lambda s: READY(s) and DRAWING(s)[0].startswith("200x"))
        stroke(window, [(0.2, 0.2), (0.8, 0.8)])
        window.shot("5-on-image")
        window.quit()


main()
