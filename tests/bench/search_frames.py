"""How many frames per second the window draws while a tool works in the background. Usage: search_frames.py CONVLENS [SECONDS]

AlexNet (the weights that come with Convlens) on the cat at 224x224, in a window of 1280x720 under Xvfb, drawn by llvmpipe. The mouse moves all
the time over the pictures, so that every frame is drawn again. The program itself reports the times between its frames. Nothing passes or fails
here: docs/PERFORMANCE.md has what was measured.
"""
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))
from driver import Window  # noqa: E402

READY = lambda s: s.get("busy") == "0" and "output" in s


def measure(window, area, seconds):
    """Moves the mouse over a control; returns frames per second, the longest time between two frames and the longest work on one, in ms."""
    window.wait_control(area)
    x0, y0, x1, y1 = window.read()[0][area]
    first, begin, longest, step = window.read()[2], time.monotonic(), 0.0, 0
    while time.monotonic() - begin < seconds:
        window.input.move(x0 + step % max(x1 - x0, 1), y0 + step // 3 % max(y1 - y0, 1))
        step += 7
        time.sleep(0.005)
        states = window.read()[1]
        longest = max(longest, float(states["pace"].split()[1])) if window.read()[2] > first + 40 else longest
    return (window.read()[2] - first) / (time.monotonic() - begin), longest, float(window.read()[1]["slowest"])


def main():
    program, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 8
    arguments = ["--network", "alexnet", "--resize", "224x224", "--layer"]
    with tempfile.TemporaryDirectory() as folder:
        print(f"load average {os.getloadavg()[0]:.1f}", flush=True)
        for layer, key, area, what in (("features.3", None, "grid", "nothing, the grid"), ("features.3", "o", "maximize.pictures", "optimal inputs"),
                                       ("features.10", "o", "maximize.pictures", "optimal inputs"), ("features.10", "a", "attribute.random", "attribution")):
            with Window(program, folder, arguments=[*arguments, layer]) as window:
                window.wait("the grid", READY)
                if key:
                    window.key(key)
                fps, longest, slowest = measure(window, area, seconds)
                print(f"{layer:>12} {what:<18} {fps:6.1f} frames/s, longest between frames {longest:6.1f} ms, longest work on one {slowest:5.1f} ms", flush=True)
                window.quit()


main()
