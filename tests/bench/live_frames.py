"""Live frames through the grid: frames per second that are seen, dropped, and the time from the source to the screen. Usage: live_frames.py
CONVLENS [SECONDS]

The camera of tests/faults/camera.cpp sends 30 frames per second, and another program paints in a region of the screen 30 times a second.
The window is 1280x720 under Xvfb, drawn by llvmpipe. Nothing passes or fails here: docs/PERFORMANCE.md has what was measured.
"""
import ctypes
import os
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))
from driver import Window  # noqa: E402
from driver.input import declare  # noqa: E402
from driver.values import READY  # noqa: E402

SIZE = (1280, 720)
CASES = (("AlexNet's conv1, 64 channels", "alexnet"), ("64 edge filters", "edges"))


class Painter(threading.Thread):
    """Another program: a window on a connection of its own, which it paints in another gray 30 times a second."""

    def __init__(self, display, x, y, width, height):
        super().__init__(daemon=True)
        library = ctypes.CDLL("libX11.so.6")
        pointer, number, size, place = ctypes.c_void_p, ctypes.c_ulong, ctypes.c_uint, ctypes.c_int
        self.display = declare(library.XOpenDisplay, pointer, ctypes.c_char_p)(display.encode())
        root = declare(library.XDefaultRootWindow, number, pointer)(self.display)
        self.number = declare(library.XCreateSimpleWindow, number, pointer, number, place, place, size, size, size, number, number)(
            self.display, root, x, y, width, height, 0, 0, 0)
        self.background = declare(library.XSetWindowBackground, place, pointer, number, number)
        self.clear = declare(library.XClearWindow, place, pointer, number)
        self.sync = declare(library.XSync, place, pointer, place)
        self.leave = declare(library.XCloseDisplay, place, pointer)
        declare(library.XMapRaised, place, pointer, number)(self.display, self.number)
        self.ended = False
        self.start()

    def run(self):
        gray = 0
        while not self.ended:
            gray = (gray + 7) % 256
            self.background(self.display, self.number, gray * 0x10101)
            self.clear(self.display, self.number)
            self.sync(self.display, 0)
            time.sleep(1 / 30)
        self.leave(self.display)

    def end(self):
        self.ended = True
        self.join()


def measure(window, title, seconds):
    """Prints the frames of some seconds; the times from the source to the screen are those of the frames that were looked at."""
    window.wait("frames", lambda s: int(s["camera"].split(" ")[1]) > 5, 90)
    window.park()
    first, start, times = window.read()[1]["camera"].split(" "), time.monotonic(), []
    while time.monotonic() < start + seconds:
        times.append(float(window.read()[1]["camera"].split(" ")[4]))
        time.sleep(0.05)
    last, passed = window.read()[1]["camera"].split(" "), time.monotonic() - start
    times.sort()
    print(f"{title:50} {(int(last[1]) - int(first[1])) / passed:5.1f} seen, {max(0, int(last[2]) - int(first[2])) / passed:5.1f} dropped per second; "
          f"{times[len(times) // 2]:4.0f} ms, at most {times[-1]:4.0f} ms; load {os.getloadavg()[0]:.1f}", flush=True)
    window.click("camera.stop")
    window.wait("the end", lambda s: s["camera"].startswith("off"))


def camera(program, folder, seconds):
    state = os.path.join(folder, "camera.txt")
    with open(state, "w") as file:
        file.write("ok")
    library = os.path.join(os.path.dirname(program), "tests", "libconvlens_camera.so")
    for title, weights in CASES:
        with Window(program, folder, SIZE, ["--weights", weights], environment={"LD_PRELOAD": library, "CONVLENS_CAMERA": state}) as window:
            window.wait("the grid", READY)
            window.key("v")
            window.click("camera.start")
            measure(window, f"camera, 640x480, {title}", seconds)
            window.quit()


def screen(program, folder, seconds):
    for width, height in ((640, 480), (1920, 1080)):
        with Window(program, folder, SIZE, ["--weights", "alexnet"], screen=(SIZE[0] + width, max(SIZE[1], height))) as window:
            window.wait("the grid", READY)
            painter = Painter(window.environment["DISPLAY"], SIZE[0], 0, width, height)
            window.key("v")
            window.click("screen.look")
            window.wait_control("screen.start")
            for name, value in (("left", SIZE[0]), ("top", 0), ("width", width), ("height", height)):
                window.set_number("screen." + name, value)
            window.click("screen.start")
            measure(window, f"screen, {width}x{height}, {CASES[0][0]}", seconds)
            painter.end()
            window.quit()


def main():
    program, seconds = os.path.abspath(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory() as folder:
        camera(program, folder, seconds)
        screen(program, folder, seconds)


main()
