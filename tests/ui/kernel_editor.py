"""The kernel editor: drag, undo, copy, negate, paste, fill from a formula, add."""
import sys

from driver import Window
from driver.values import READY, agree


def gray_step(window):
    """Random kernels on a gray step, and a value where the step lies under the kernel's middle."""
    window.key("w")
    window.wait_control("slide.play")
    window.click("slide.sobel")
    window.wait("Sobel on a step", lambda s: READY(s) and s["output"] == "1x1x3x3" and s["input"].startswith("1x1"))
    window.click("slide.time", across=0.5)
    window.wait("the middle", lambda s: READY(s) and s["pin"] == "0 1 1")
    window.key("Escape")
    window.key("ctrl+2")
    window.wait("random kernels", lambda s: READY(s) and s["output"].startswith("1x7"))
    for _ in range(2):
        window.key("Right")
    window.wait("the pin there", lambda s: READY(s) and s["pin"] == "0 1 3" and s["why"].split(" ")[3] == "3")


def edit(window):
    window.key("k")
    window.wait_control("editor.0")
    before = agree(window)[1]
    depth = int(window.read()[1]["undo_depth"])
    window.shot("1-editor")
    window.point("editor.0", 0.5, 0.5)
    window.input.button(1, True)
    window.frames()
    for _ in range(5):
        window.input.nudge(0, -9)
        window.frames(1)
    window.input.button(1, False)
    window.frames()
    window.wait("an edited kernel", lambda s: READY(s) and s["kernels"].endswith("edited") and int(s["undo_depth"]) == depth + 1)
    assert agree(window)[1] != before
    window.key("ctrl+z")
    window.wait("the kernel as it was", lambda s: READY(s) and int(s["undo_depth"]) == depth)
    assert agree(window)[1] == before
    window.click("edit.copy")
    window.click("edit.negate")
    window.wait("a negated kernel", lambda s: READY(s) and s["kernels"].endswith("edited"))
    negated = agree(window)[1]
    assert negated != before
    window.click("edit.paste")
    window.wait("the pasted kernel", lambda s: READY(s) and float(s["why"].split(" ")[5]) == before)
    window.click("edit.only")
    window.wait("one kernel", lambda s: READY(s) and s["output"].startswith("1x1x"))
    window.click("edit.formula")
    window.wait_control("edit.formula.Gabor")
    window.click("edit.formula.Gabor")
    window.wait_control("wavelength")
    window.click("wavelength", across=0.5)
    window.wait("its picture", READY)
    window.shot("2-gabor")
    window.click("edit.add")
    window.wait("two kernels", lambda s: READY(s) and s["output"].startswith("1x2x"))
    window.click("more")
    window.click("mark beyond")
    window.key("Escape")
    window.key("5")
    window.wait("a fixed scale", lambda s: READY(s) and s["scale"].startswith("fixed"))
    window.shot("3-beyond")


def main():
    with Window(sys.argv[1], sys.argv[2]) as window:
        window.wait("the first grid", READY)
        gray_step(window)
        edit(window)
        assert window.close() == 0, "the program did not end with status 0"


main()
