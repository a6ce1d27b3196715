"""Frames that show the same as the one before are not drawn again; what another window has covered is."""
import ctypes
import os
import sys

from driver import Window
from driver.input import declare
from driver.values import READY


def drawn(window):
    return int(window.read()[1]["drawn"])


def cover(window):
    """Puts a window over a part of the program's and takes it away again."""
    x = ctypes.CDLL("libX11.so.6")
    display, number, size = ctypes.c_void_p, ctypes.c_ulong, ctypes.c_uint
    root = declare(x.XDefaultRootWindow, number, display)(window.input.display)
    made = declare(x.XCreateSimpleWindow, number, display, number, ctypes.c_int, ctypes.c_int, size, size, size, number, number)(
        window.input.display, root, 300, 200, 400, 300, 0, 0, 0xFF00FF)
    for call in (x.XMapRaised, x.XDestroyWindow):
        if call is x.XDestroyWindow:
            window.shot("2-covered")
        declare(call, ctypes.c_int, display, number)(window.input.display, made)
        declare(x.XSync, ctypes.c_int, display, ctypes.c_int)(window.input.display, 0)


def pixels(window, name):
    window.shot(name)
    path = os.path.join(window.shots, name)
    os.system(f"convert {path}.png rgb:{path}.rgb")
    with open(path + ".rgb", "rb") as file:
        return file.read()


def story(window):
    window.wait("the first grid", lambda s: READY(s) and s["output"] == "1x64x74x112")
    window.park()
    window.rest()
    window.input.button(2, True)  # while a button is down, the window goes through its frames
    first = window.read()[2]
    while window.newer(window.read()[2], 1) < first + 10:
        pass
    before = drawn(window)
    first = window.read()[2]
    while window.newer(window.read()[2], 1) < first + 30:
        pass
    assert drawn(window) == before, f"{drawn(window) - before} of 30 equal frames were drawn"
    window.input.button(2, False)
    window.rest()

    whole = pixels(window, "1-whole")
    before = drawn(window)
    cover(window)
    window.wait("the frame after the window is gone", lambda s: int(s["drawn"]) > before)
    window.rest()
    with open(os.path.join(window.shots, "2-covered.png"), "rb") as covered, open(os.path.join(window.shots, "1-whole.png"), "rb") as plain:
        assert covered.read() != plain.read(), "the other window covered nothing"
    assert pixels(window, "3-uncovered") == whole, "what was covered is not drawn again"

    before = drawn(window)
    window.click("bank.edges")
    window.wait("other kernels", lambda s: READY(s) and "edge" in s["kernels"] and int(s["drawn"]) > before)
    window.park()
    window.rest()
    assert pixels(window, "4-other") != whole, "the window still shows the old grid"
    window.key("ctrl+z")
    window.wait("the first kernels", lambda s: READY(s) and s["output"] == "1x64x74x112")
    window.park()
    window.rest()


def main():
    with Window(sys.argv[1], sys.argv[2]) as window:
        story(window)


main()
