"""A region of the screen as the input: drawn on a picture of the screen, followed while another program paints there, moved, frozen, off."""
import base64
import ctypes
import os
import re
import shutil
import subprocess
import sys

from driver import Window
from driver.input import declare
from driver.values import READY

PROGRAM, SHOTS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SCREEN, SIZE = (1600, 900), (1100, 900)  # the program's window leaves a part of the screen to others
COLORS = {"red": 0xC81E28, "blue": 0x1E3CB4}


class Painter:
    """Another program with a window beside Convlens's, of one color."""

    def __init__(self, window, x, y, width, height):
        library = ctypes.CDLL("libX11.so.6")
        display, number, size, place = ctypes.c_void_p, ctypes.c_ulong, ctypes.c_uint, ctypes.c_int
        self.display = window.input.display
        root = declare(library.XDefaultRootWindow, number, display)(self.display)
        self.number = declare(library.XCreateSimpleWindow, number, display, number, place, place, size, size, size, number, number)(
            self.display, root, x, y, width, height, 0, 0, 0)
        self.background = declare(library.XSetWindowBackground, place, display, number, number)
        self.clear = declare(library.XClearWindow, place, display, number)
        self.move = declare(library.XMoveWindow, place, display, number, place, place)
        self.sync = declare(library.XSync, place, display, place)
        declare(library.XMapRaised, place, display, number)(self.display, self.number)

    def paint(self, color):
        self.background(self.display, self.number, color)
        self.clear(self.display, self.number)
        self.sync(self.display, 0)


def live(s):
    """"on" or "off", frames seen, dropped, damaged, latency in ms, what is wrong."""
    words = s.get("camera", "off 0 0 0 0 -").split(" ", 5)
    return words[0], int(words[1]), int(words[2]), int(words[3]), float(words[4]), words[5]


def region(s):
    return [int(word) for word in s["screen"].split(" ")[1:5]]


def drag(window, control, x0, y0, x1, y1):
    """Drags over a control, from and to parts of its width and height."""
    window.point(control, x0, y0)
    left, top, right, bottom = window.read()[0][control]
    window.input.button(1, True)
    window.frames()
    for part in (0.5, 1):
        window.input.move(round(left + (right - left) * (x0 + (x1 - x0) * part)), round(top + (bottom - top) * (y0 + (y1 - y0) * part)))
        window.frames()
    window.input.button(1, False)
    window.frames()


def choose_by_mouse(window):
    window.key("v")
    window.click("screen.look")
    states = window.wait("the picture of the screen", lambda s: s["screen"].startswith(f"{SCREEN[0]}x{SCREEN[1]} "))
    assert region(states) == [0, 0, 640, 480], states["screen"]
    window.wait_control("screen.picture")
    window.shot("1-picture")
    drag(window, "screen.picture", 0.75, 0.25, 0.95, 0.5)
    x, y, w, h = region(window.read()[1])
    assert abs(x - 1200) < 12 and abs(y - 225) < 12 and abs(w - 320) < 16 and abs(h - 225) < 16, (x, y, w, h)
    window.click("screen.picture", 0.1, 0.1)
    assert region(window.read()[1]) == [x, y, w, h], "a click draws no region"


def choose_by_numbers(window):
    for name, value in (("left", 1200), ("top", 200), ("width", 320), ("height", 240)):
        window.set_number("screen." + name, value)
    assert region(window.read()[1]) == [1200, 200, 320, 240]
    window.set_number("screen.left", 5000)
    assert region(window.read()[1]) == [1280, 200, 320, 240], "the region stays in the screen"
    window.set_number("screen.left", 1200)


def follow(window, painter):
    before = window.read()[1]
    depth = int(before["undo_depth"])
    window.click("screen.start")
    window.wait("the region as the input", lambda s: READY(s) and live(s)[0] == "on" and live(s)[1] > 0 and s["input"] == "1x3x240x320")
    window.park()
    window.wait("no value under the mouse", lambda s: READY(s))
    window.click("grid", 0.07, 0.07)
    window.wait("a pinned value", lambda s: s["pin"] != "-" and s["why"] != "-")
    window.park()
    window.shot("2-red")
    latency = []
    for i in range(6):
        color = ("blue", "red")[i % 2]
        states = window.read()[1]
        seen, why = live(states)[1], states["why"]
        painter.paint(COLORS[color])
        states = window.wait("the grid of the other color", lambda s: live(s)[1] > seen and s["why"] != "-" and s["why"] != why)
        latency.append(live(states)[4])
        if i == 0:
            window.shot("3-blue")
    print("ms from the screen to the grid:", " ".join(f"{ms:.0f}" for ms in latency))
    seen = live(window.read()[1])[1]
    window.frames(30)
    states = window.read()[1]
    assert live(states)[1] <= seen + 1, f"{live(states)[1] - seen} frames of a screen that does not change"
    assert int(states["undo_depth"]) == depth, "frames are no undo steps"
    window.set_number("screen.width", 100)
    window.wait("the smaller region", lambda s: READY(s) and s["input"] == "1x3x240x100")
    window.set_number("screen.width", 320)
    window.wait("the larger region", lambda s: READY(s) and s["input"] == "1x3x240x320")
    window.click("subtract")
    window.click("subtract.frame before")
    window.click("subtract")
    window.click("subtract.nothing")
    return depth


def frozen(window, painter, depth):
    window.park()
    window.key("space")
    states = window.wait("one undo step", lambda s: READY(s) and live(s)[0] == "off" and int(s["undo_depth"]) == depth + 1)
    assert states["input"] == "1x3x240x320", states
    why = states["why"]
    painter.paint(COLORS["blue"])
    window.frames(20)
    assert window.read()[1]["why"] == why, "the frozen picture stays"
    window.shot("4-frozen")
    window.key("ctrl+s")
    saved = window.wait("the session", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
    with open(saved) as file:
        picture = re.search(r"data:image/png;name=screen;base64,([A-Za-z0-9+/=]+)", file.read())
    path = os.path.join(SHOTS, "files", "screen.png")
    with open(path, "wb") as file:
        file.write(base64.b64decode(picture[1]))
    colors = subprocess.run(["convert", path, "-unique-colors", "-depth", "8", "rgb:-"], check=True, capture_output=True).stdout
    assert colors == COLORS["red"].to_bytes(3, "big"), colors.hex()
    subprocess.run([PROGRAM, "render", saved, "--data", os.path.join(SHOTS, "files", "a.npy")], check=True, stdout=subprocess.DEVNULL)
    window.click("screen.start")
    window.wait("blue", lambda s: READY(s) and live(s)[0] == "on" and live(s)[1] > 0)
    window.click("screen.again")
    window.click("camera.stop")
    window.wait("the frozen picture again", lambda s: READY(s) and live(s)[0] == "off" and s["why"] == why)
    window.key("ctrl+z")
    window.wait("the first input", lambda s: READY(s) and s["input"] == "1x3x48x64")


def refused(arguments):
    """On Wayland, a sentence."""
    with Window(PROGRAM, os.path.join(SHOTS, "wayland"), SIZE, arguments, environment={"WAYLAND_DISPLAY": "wayland-7"}) as window:
        window.wait("the grid", READY)
        window.key("v")
        window.click("screen.look")
        window.wait("the sentence", lambda s: "on Wayland yet" in s["screen"])
        window.shot("refused")
        window.quit()


def main():
    shutil.rmtree(os.path.join(SHOTS, "files"), ignore_errors=True)
    os.makedirs(os.path.join(SHOTS, "files"))
    arguments = ["pattern:zone:64x48", "--weights", "random:4x3:1", "--backend", "cpu"]
    with Window(PROGRAM, SHOTS, SIZE, arguments, folder=os.path.join(SHOTS, "files"), screen=SCREEN) as window:
        window.wait("the grid", READY)
        painter = Painter(window, 1100, 0, 500, 900)
        painter.paint(COLORS["red"])
        choose_by_mouse(window)
        choose_by_numbers(window)
        depth = follow(window, painter)
        frozen(window, painter, depth)
        window.quit()
    refused(arguments)


main()
