"""Frames a second while each lesson trains, and the longest gap between two frames. Usage: frame_rate.py CONVLENS [SECONDS]

The window is 1280x720 under Xvfb, drawn by llvmpipe. Nothing passes or fails here: docs/PERFORMANCE.md has what was measured.
"""
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))
from driver import Window  # noqa: E402

LESSONS = (("filter", 1), ("largenet", 2), ("patterns", 3), ("features", 4))


def begin(window, name):
    window.key("ctrl+p")
    window.type("lesson" + {"filter": "learn", "patterns": "filters", "features": "feature"}.get(name, name))
    window.key("Return")


def measure(window, name, seconds):
    """Frames a second and the longest gap in ms while the lesson is begun again and again."""
    start, first, longest, begun = time.monotonic(), window.read()[2], 0.0, 0
    while time.monotonic() < start + seconds:
        if window.read()[1]["training"].split(" ")[1] == "paused":
            begin(window, name)
            begun += 1
        longest = max(longest, float(window.read()[1]["pace"].split(" ")[1]))
        time.sleep(0.05)
    return (window.read()[2] - first) / (time.monotonic() - start), longest, begun


def main():
    program, seconds = os.path.abspath(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 6
    with tempfile.TemporaryDirectory() as folder:
        window = Window(program, folder)
        try:
            window.wait("the first grid", lambda s: s.get("busy") == "0" and "output" in s)
            window.key("n")
            for name, number in LESSONS:
                begin(window, name)
                window.wait("the lesson", lambda s: s["training"].split(" ")[:2] == [str(number), "playing"])
                window.frames(30)  # the gaps of before are gone
                fps, longest, again = measure(window, name, seconds)
                print(f"{name:10} {fps:5.1f} frames/s, longest gap {longest:4.0f} ms, begun {again + 1} times in {seconds:.0f} s; load {os.getloadavg()[0]:.1f}", flush=True)
                window.click("train.end")
                window.wait("the end", lambda s: s["training"].startswith("0"))
            window.close()
        finally:
            window.kill()


main()
