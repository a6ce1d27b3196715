"""Time from an edit of a kernel to the changed feature map on the screen.

A picture of 640x480, AlexNet's first convolution (made-up weights) or the ReLU behind it, in a window of 1280x720 under Xvfb, drawn by
llvmpipe. One value of a kernel is dragged, or with --all 64 random kernels of the same size are replaced by others (Ctrl+R). The script
moves the mouse or presses the keys with XTEST and reads pixels of a feature map from the X server until they change, so the time
includes the event, the frame, the convolution, the picture and the swap of buffers. It also prints the time of the processor that the
program takes, per edit and with all frames until the next one, summed over threads. Nothing passes or fails here:
docs/PERFORMANCE.md has what was measured.
"""
import argparse
import ctypes
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))
from driver import Window  # noqa: E402
from driver.values import READY  # noqa: E402

SIDE = 24  # of the square of pixels that is watched
EDITS_ONE_WAY = 6  # then the value is dragged back


def picture(path):
    """A picture with structure everywhere, as a binary PPM."""
    rows = bytearray()
    for y in range(480):
        for x in range(640):
            rows += bytes(((x * 7 + y * 3) % 256, (x * x // 97 + y) % 256, (x ^ y) % 256))
    with open(path, "wb") as file:
        file.write(b"P6 640 480 255\n" + rows)


class Screen:
    """Pixels of an X server's root window."""

    def __init__(self, window):
        x = ctypes.CDLL("libX11.so.6")
        self.display = window.input.display
        self.root = x.XDefaultRootWindow
        self.root.restype, self.root.argtypes = ctypes.c_ulong, [ctypes.c_void_p]
        self.get = x.XGetImage
        self.get.restype = ctypes.c_void_p
        self.get.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_int, ctypes.c_uint, ctypes.c_uint, ctypes.c_ulong, ctypes.c_int]
        self.destroy = x.XDestroyImage
        self.destroy.argtypes = [ctypes.c_void_p]

    def read(self, left, top, width, height):
        """Returns the bytes of the pixels, four each."""
        image = self.get(self.display, self.root(self.display), left, top, width, height, 0xFFFFFFFF, 2)
        assert image, "the X server gave no pixels"
        data = ctypes.cast(image + 16, ctypes.POINTER(ctypes.c_void_p))[0]  # XImage: four ints, then the pointer
        pixels = ctypes.string_at(data, width * height * 4)
        self.destroy(image)
        return pixels


def step(screen, square, edit):
    """Calls edit(); returns the ms until the square's pixels have changed, None if they have not within 0.5 s."""
    before = screen.read(*square)
    start = time.perf_counter()
    edit()
    while time.perf_counter() < start + 0.5:
        if screen.read(*square) != before:
            return (time.perf_counter() - start) * 1e3
        time.sleep(0.0003)
    return None


def processor_ms(pid):
    """Returns the time that the process has taken of the processor, summed over its threads."""
    with open(f"/proc/{pid}/stat") as file:
        user, system = file.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) * 1e3 / os.sysconf("SC_CLK_TCK")


def changed_square(window, screen, area, edit):
    """Calls edit() once and returns a square of the grid in which many pixels have changed."""
    left, top, width, height = area
    before = screen.read(*area)
    edit()
    window.frames(4)
    window.wait("the edited grid", READY)
    after = screen.read(*area)
    best = (0, None)
    for y in range(0, height - SIDE, SIDE // 2):
        for x in range(0, width - SIDE, SIDE // 2):
            count = sum(before[at:at + SIDE * 4] != after[at:at + SIDE * 4] for at in (((y + row) * width + x) * 4 for row in range(SIDE)))
            best = max(best, (count, (left + x, top + y, SIDE, SIDE)))
    assert best[0] > 0, "the edit changed nothing in the grid"
    return best[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("edits", type=int, nargs="?", default=200)
    parser.add_argument("--layer", default="features.0", help="features.0 or features.1, the ReLU behind it")
    parser.add_argument("--all", action="store_true", help="replace all kernels")
    parser.add_argument("--shot", help="file for a screenshot of the end (PNG)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        picture(os.path.join(folder, "picture.ppm"))
        network = ["--weights", "random:64x11", "--stride", "4", "--padding", "2"] if options.all else ["--network", "alexnet", "--layer", options.layer]
        window = Window(os.path.abspath(options.program), folder, arguments=[os.path.join(folder, "picture.ppm"), *network])
        try:
            window.wait("the first grid", lambda s: READY(s) and s["output"].startswith("1x64x"))

            def edit(i):
                if options.all:
                    window.input.key("ctrl+r", True)
                    window.input.key("ctrl+r", False)
                else:
                    window.input.nudge(0, 9 if i // EDITS_ONE_WAY % 2 == 0 else -9)

            if not options.all:
                window.key("k")
                window.wait_control("editor.0")
                window.rest()
                window.point("editor.0", 0.5, 0.5)
                window.input.button(1, True)
                window.frames()
            screen = Screen(window)
            x0, y0, x1, y1 = window.read()[0]["grid"]
            square = changed_square(window, screen, (x0, y0, x1 - x0, y1 - y0), lambda: edit(EDITS_ONE_WAY))
            times, unseen, taken = [], 0, processor_ms(window.program.pid)
            for i in range(options.edits):
                ms = step(screen, square, lambda number=i: edit(number))
                times += [ms] if ms else []
                unseen += not ms
                time.sleep(0.03 + 0.001 * (i % 17))  # not in step with the frames
            taken = (processor_ms(window.program.pid) - taken) / options.edits
            window.input.button(1, False)
            window.shot("end")
            window.wait("the last grid", READY)
            times.sort()
            output = window.read()[1]["output"]
            print(f"{output}: {len(times)} edits, median {times[len(times) // 2]:.1f} ms, 99 % {times[len(times) * 99 // 100]:.1f} ms, longest {times[-1]:.1f} ms; "
                  f"processor {taken:.1f} ms per edit; {unseen} changed no watched pixel; load {os.getloadavg()[0]:.1f}")
            if options.shot:
                os.rename(os.path.join(folder, "end.png"), options.shot)
        finally:
            window.kill()


main()
