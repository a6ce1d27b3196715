"""Files dropped on the window: a picture, a checkpoint and its match table, and every hostile file: a sentence each, while the
last good picture stays and the window stays alive."""
import os
import sys

from driver import Window
from driver.drop import drop

READY = lambda s: s.get("busy") == "0" and "output" in s


def drop_on_grid(window, *paths):
    x0, y0, x1, y1 = window.read()[0]["grid"]
    drop(window, [os.path.abspath(p) for p in paths], (x0 + x1) // 2, (y0 + y1) // 2)


def good_files(window, assets, checkpoints):
    drop_on_grid(window, os.path.join(assets, "images", "coffee.png"))
    states = window.wait("the dropped picture", lambda s: READY(s) and s["input"] != "1x3x300x451")
    assert states["error"] == "-", states["error"]
    drop_on_grid(window, os.path.join(assets, "images", "brick.png"), os.path.join(assets, "images", "grass.png"))
    window.wait("two pictures as a batch", lambda s: READY(s) and s["input"].startswith("2x"))
    window.key("ctrl+4")
    window.wait("LargeNet", lambda s: READY(s) and s["output"] == "2x5x28x28" and s["layers"] == "9")
    drop_on_grid(window, os.path.join(checkpoints, "largenet_zip.pth"))
    window.wait("the match table", lambda s: READY(s) and "8 of 8 arrays loaded" in s.get("report", ""))
    window.click("report")
    window.shot("1-dropped-checkpoint")
    window.key("Escape")


def hostile_files(window, folder):
    before = window.wait("rest", READY)
    names = sorted(os.listdir(folder))
    assert len(names) > 10, f"{folder} has only {names}"
    for name in names:
        drop_on_grid(window, os.path.join(folder, name))
        states = window.wait(f"a sentence about {name}", lambda s: READY(s) and name in s["error"])
        for key in ("output", "kernels", "layers"):
            assert states[key] == before[key], f"{name} changed {key} to {states[key]}"
        window.frames(2)
    window.shot("2-hostile")
    window.key("ctrl+3")
    window.wait("work as before", lambda s: READY(s) and s["layers"] == "1" and s["error"] == "-")


def main():
    program, shots, assets, checkpoints = sys.argv[1:5]
    with Window(program, shots) as window:
        window.wait("the first grid", lambda s: READY(s) and s["output"] == "1x64x74x112")
        good_files(window, assets, checkpoints)
        hostile_files(window, os.path.join(checkpoints, "hostile"))
        window.quit()


main()
