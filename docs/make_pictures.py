"""Makes the pictures of README.md and of the user guide: docs/make_pictures.py PROGRAM. Needs Xvfb, xdotool and ImageMagick."""
import os
import shutil
import subprocess
import sys
import tempfile

DOCS = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(DOCS, "../tests/ui"))
from driver import Window  # noqa: E402
from driver.values import READY  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
GUIDE = {4: "edges", 6: "random", 8: "pooling", 12: "alexnet"}

with tempfile.TemporaryDirectory() as folder:
    subprocess.run([PROGRAM, "render", "--scenes", os.path.join(DOCS, "../assets/lectures/cnn.json"), "--out-folder", folder, "--colorbar", "--scene-width", "640"], check=True)
    os.makedirs(os.path.join(DOCS, "guide"), exist_ok=True)
    for name in sorted(os.listdir(folder)):
        if int(name[:2]) in GUIDE:
            shutil.move(os.path.join(folder, name), os.path.join(DOCS, "guide", GUIDE[int(name[:2])] + ".png"))
subprocess.run([PROGRAM, "render", "--weights", "edges", "--microscope", os.path.join(DOCS, "guide/microscope.png"), "--position", "21,120,75", "--pixels", "30"], check=True)
subprocess.run([PROGRAM, "maximize", "--network", "alexnet", "--layer", "features.6", "--channels", "0-23", "--out", os.path.join(DOCS, "guide/maximize.png")], check=True)
subprocess.run([PROGRAM, "render", "--out", os.path.join(DOCS, "grid.png"), "--cell", "120x80"], check=True)


def strip(window):
    """The window at work, a picture each: kernels, a value and its terms, the sliding window, an edited kernel."""
    pictures = []

    def keep():
        window.shot(f"{len(pictures):02}")
        pictures.append(os.path.join(window.shots, f"{len(pictures):02}.png"))

    window.wait("AlexNet's kernels", lambda s: READY(s) and s["cells"] == "64")
    window.park()
    keep()
    window.key("ctrl+1")
    window.wait("the edge filters", lambda s: READY(s) and s["kernels"].endswith("edge filters"))
    keep()
    window.click("grid", 0.32, 0.31)
    window.wait("a value", lambda s: READY(s) and s["pin"] != "-")
    keep()
    window.key("m")
    window.wait("the microscope", lambda s: READY(s) and s["why"] != "-")
    window.frames(4)
    keep()
    window.key("w")
    window.wait_control("slide.play")
    for across in (0.3, 0.5, 0.7):
        window.click("slide.time", across)
        window.wait("the sliding window", READY)
        keep()
    window.key("Escape")
    window.key("k")
    window.wait_control("editor.0")
    window.point("editor.0", 0.5, 0.5)
    window.input.button(1, True)
    window.frames()
    for _ in range(4):
        window.input.nudge(0, -12)
        window.frames(3)
        window.wait("the edited kernel", READY)
        keep()
    window.input.button(1, False)
    return pictures


with tempfile.TemporaryDirectory() as folder:
    with Window(PROGRAM, folder, (1280, 720)) as window:
        pictures = strip(window)
        subprocess.run(["convert", "-delay", "120", *pictures, "-resize", "960x", "-loop", "0", "-layers", "optimize", "-colors", "128",
                        os.path.join(DOCS, "window.gif")], check=True)
        window.quit()
