"""The main job by mouse and keyboard: a photo, each bank, the stride, a cell enlarged, undo, the window closed."""
import sys

from driver import Window


def story(window):
    ready = lambda s: s.get("busy") == "0" and "output" in s
    window.wait("the first grid", lambda s: ready(s) and s["output"] == "1x64x74x112" and s["cells"] == "64")
    window.shot("1-alexnet")

    window.click("bank.edges")
    window.wait("64 edge filters", lambda s: ready(s) and s["output"] == "1x64x300x451" and "edge" in s["kernels"])
    window.shot("2-edges")

    window.click("bank.random")
    window.wait("7 random kernels", lambda s: ready(s) and s["output"] == "1x7x300x451")
    window.shot("3-random")
    window.click("again")
    window.wait("the next seed", lambda s: ready(s) and s["kernels"].endswith("seed 2"))

    window.click("bank.alexnet")
    window.wait("AlexNet again", lambda s: ready(s) and s["output"] == "1x64x74x112" and "AlexNet" in s["kernels"])

    depth = int(window.read()[1]["undo_depth"])
    window.click("stride", across=0.02)
    window.wait("stride 1", lambda s: ready(s) and s["output"] == "1x64x294x445" and int(s["undo_depth"]) == depth + 1)
    window.key("ctrl+z")
    window.wait("the undone stride", lambda s: ready(s) and s["output"] == "1x64x74x112" and int(s["undo_depth"]) == depth)

    window.double_click("grid", across=0.06, down=0.06)
    window.wait("one channel alone", lambda s: ready(s) and s["enlarged"] == "0" and s["cells"] == "1")
    window.shot("4-enlarged")
    window.key("Escape")  # first unpins the value that the click pinned
    window.wait("no value kept", lambda s: s["pin"] == "-")
    window.key("Escape")
    window.wait("all cells again", lambda s: ready(s) and s["enlarged"] == "-" and s["cells"] == "64")

    window.resize(1000, 640)
    window.frames(4)
    window.wait("the smaller window", lambda s: ready(s) and window.read()[0]["grid"][2] < 800)
    window.shot("5-resized")
    assert window.close() == 0, "the program did not end with status 0"


def main():
    with Window(sys.argv[1], sys.argv[2]) as window:
        story(window)


main()
