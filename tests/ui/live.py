"""A large image: the window draws while it computes, a drag shows results on the way, idle costs nothing, and what it
exports is what `convlens render` makes."""
import os
import subprocess
import sys
import time

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def make_image(path, size):
    subprocess.run(["convert", "-size", size, "plasma:tomato-steelblue", "-depth", "8", path], check=True)


def drag(window):
    """Moves along the stride's slider and counts the outputs that were shown on the way."""
    x0, y0, x1, y1 = window.read()[0]["stride"]
    y = (y0 + y1) // 2
    window.input.move(x0 + (x1 - x0) // 2, y)
    window.frames()
    window.input.button(1, True)
    seen, first, end = set(), window.read()[2], time.monotonic() + 60
    while time.monotonic() < end and len(seen) < 3:
        for part in range(8, 16):
            window.input.move(x0 + (x1 - x0) * part // 17, y)
            time.sleep(0.05)
            seen.add(window.read()[1]["output"])
    frames = window.read()[2] - first
    window.input.button(1, False)
    assert len(seen) >= 3, f"a drag on stride showed only {seen}"
    assert frames > len(seen), f"only {frames} frames were drawn while {len(seen)} outputs were shown"
    last = None
    while last != (last := window.wait("the last stride", READY)["output"]):
        window.frames(4)  # moves may still be queued: the window takes one in each frame


def draws_while_computing(window):
    """Stride 1 takes long: frames go on, and the old result stays until the new one is there."""
    before = window.read()[1]["output"]
    window.click("stride", across=0.01)
    window.wait("work", lambda s: s["busy"] == "1")
    first = window.read()[2]
    window.wait("stride 1", lambda s: s["output"] == "1x64x2154x3834")
    frames = window.read()[2] - first
    assert frames >= 3, f"only {frames} frames were drawn while stride 1 was computed"
    window.wait("rest", READY)
    window.key("ctrl+z")
    window.wait("the stride before", lambda s: READY(s) and s["output"] == before)


def idle(window):
    """Seconds of processor time in two seconds of doing nothing."""
    window.park()
    window.wait("rest", READY)
    window.rest()  # a tooltip may still be due

    def used():
        with open(f"/proc/{window.program.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    frame, start = window.read()[2], used()
    time.sleep(2)
    assert window.read()[2] == frame, "the window draws although nothing happens"
    assert used() - start <= 0.02, f"idle costs {used() - start} s of 2 s"


def failed_export(window, folder):
    """What can't be saved is said, and stays said while the mouse moves over the picture."""
    os.rename(folder, folder + "-gone")
    window.key("ctrl+e")
    window.wait("the sentence", lambda s: READY(s) and "not saved" in s["error"])
    window.point("grid", 0.3, 0.3)
    window.frames(10)
    window.wait("rest", READY)
    assert "not saved" in window.read()[1]["error"], "the sentence was gone when the mouse moved"
    os.rename(folder + "-gone", folder)


def export(window, program, image, folder):
    window.key("ctrl+e")
    states = window.wait("the export", lambda s: READY(s) and s["note"].startswith("saved "))
    saved = states["note"][len("saved "):]
    assert saved == os.path.join(folder, "large-grid.png"), saved
    rendered = os.path.join(folder, "rendered.png")
    subprocess.run([program, "render", "--image", image, "--out", rendered], check=True)
    with open(saved, "rb") as a, open(rendered, "rb") as b:
        assert a.read() == b.read(), "the window and render export different files"


def main():
    program, shots = sys.argv[1:3]
    folder = os.path.join(os.path.abspath(shots), "files")
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))
    image = os.path.join(folder, "large.bmp")
    make_image(image, "3840x2160")
    try:
        with Window(program, shots, (1280, 720), ["--image", image]) as window:
            window.wait("the first grid", lambda s: READY(s) and s["output"] == "1x64x539x959")
            window.shot("1-large")
            idle(window)
            export(window, program, image, folder)
            failed_export(window, folder)
            drag(window)
            draws_while_computing(window)
            window.shot("2-after")
            window.key("ctrl+q")  # asks, because the last export was not saved
            window.click("closing.discard")
            assert window.program.wait(timeout=20) == 0
    finally:
        for name in os.listdir(folder):
            os.remove(os.path.join(folder, name))


main()
