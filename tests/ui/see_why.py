"""Every number explains itself: a pinned value, the microscope, the sliding window, the kernel editor."""
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def why(window):
    """Layer, channel, y, x, the sum of the terms and the grid's value, once the window has come to rest."""
    words = window.wait("an explanation", lambda s: READY(s) and s["why"] != "-")["why"].split(" ")
    return words[0], tuple(int(w) for w in words[1:4]), float(words[4]), float(words[5])


def agree(window):
    """The terms add up to the value that the grid shows."""
    layer, spot, total, shown = why(window)
    assert abs(total - shown) <= 1e-5 * max(1.0, abs(shown)), f"{layer} {spot}: the terms make {total}, the grid has {shown}"
    return spot, shown


def microscope(window):
    window.click("grid", across=0.07, down=0.07)
    window.wait("a pinned value", lambda s: READY(s) and s["pin"] != "-" and s["side"] == "microscope")
    window.park()
    (channel, y, x), _ = agree(window)
    window.shot("1-why")
    window.key("Right")
    window.wait("the next value", lambda s: READY(s) and s["pin"] == f"{channel} {y} {x + 1}" and s["why"].split(" ")[3] == str(x + 1))
    agree(window)
    window.key("m")
    window.wait_control("path.input")
    window.shot("2-microscope")
    for key in ("Left", "Up"):
        window.key(key)
    window.wait("the value above", lambda s: READY(s) and s["why"].split(" ")[1:4] == [str(channel), str(y - 1), str(x)])
    window.key("ctrl+c")
    window.wait("the text on the clipboard", lambda s: s["note"] == "copied")
    window.click("terms.larger")
    window.shot("3-larger")
    window.key("Escape")
    window.wait("the grid", lambda s: s["tool"] == "grid")
    window.key("Escape")
    window.wait("no pin", lambda s: s["pin"] == "-")


def every_layer(window):
    """LargeNet's layers from the last to the first: what each shows is explained."""
    window.key("ctrl+4")
    window.wait("LargeNet", lambda s: READY(s) and s["layers"] == "9")
    for layer in ("relu3", "fc1", "pool2", "relu2", "conv2", "pool1"):
        for _ in range(12):
            if window.wait("rest", READY)["layer"] == layer:
                break
            window.key("comma")
        window.wait(layer, lambda s: READY(s) and s["layer"] == layer)
        window.key("space")
        window.wait("its pin", lambda s: READY(s) and s["why"].startswith(layer))
        agree(window)
        window.key("m")
        window.frames(3)
        window.shot(f"4-{layer}")
        window.key("m")
        window.key("space")
    window.key("ctrl+6")
    window.wait("one convolution", lambda s: READY(s) and s["layers"] == "1")


def slide(window):
    window.key("w")
    window.wait_control("slide.play")
    window.click("slide.sobel")
    window.wait("Sobel on a step", lambda s: READY(s) and s["output"] == "1x1x3x3" and s["slide"].startswith("0.00"))
    for expected in (4, 4, 0):
        assert agree(window)[1] == expected
        window.click("slide.step")
        window.frames(3)
    window.shot("5-sobel")
    window.click("slide.flip")
    window.wait("the turned kernel", lambda s: READY(s) and float(s["why"].split(" ")[4]) == -4)
    window.shot("6-turned")
    window.click("slide.play")
    window.wait("the window on its way", lambda s: float(s["slide"].split(" ")[0]) > 5)
    window.wait("the end of the way", lambda s: s["slide"] == "8.00 paused")
    window.click("slide.time", across=0.5)
    window.wait("the middle", lambda s: READY(s) and s["slide"] == "4.00 paused" and s["why"].split(" ")[1:4] == ["0", "1", "1"])
    window.key("ctrl+2")
    window.wait("random kernels", lambda s: READY(s) and s["output"].startswith("1x7") and s["pin"].startswith("0 "))
    window.click("side.kernels")
    window.click("kernels", across=0.4, down=0.1)
    marked = window.wait("another kernel", lambda s: READY(s) and s["marked"] not in ("-", "0"))["marked"]
    window.wait("its window at the same place", lambda s: READY(s) and s["pin"] == f"{marked} 1 1" and s["why"].split(" ")[1:4] == [marked, "1", "1"])
    agree(window)
    window.shot("7-other-kernel")
    window.key("ctrl+4")
    window.wait("LargeNet, which needs colours", lambda s: READY(s) and s["input"] == "1x3x32x32" and s["error"] == "-")
    window.key("ctrl+6")
    window.key("Escape")
    window.wait("the grid", lambda s: s["tool"] == "grid")


def edit(window):
    window.key("g")
    window.key("ctrl+2")
    window.wait("grey", lambda s: READY(s) and s["output"].startswith("1x7") and s["input"].startswith("1x1"))
    window.wait("random kernels", lambda s: READY(s) and s["output"].startswith("1x7"))
    for _ in range(2):  # to where the step's ones lie under the kernel's middle
        window.key("Right")
    window.wait("the pin there", lambda s: READY(s) and s["pin"] == "0 1 3" and s["why"].split(" ")[3] == "3")
    window.key("k")
    window.wait_control("editor.0")
    before = agree(window)[1]
    depth = int(window.read()[1]["undo_depth"])
    window.shot("8-editor")
    window.point("editor.0", 0.5, 0.5)
    window.tool("mousedown", "1")
    window.frames()
    for _ in range(5):
        window.tool("mousemove_relative", "--", "0", "-9")
        window.frames(1)
    window.tool("mouseup", "1")
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
    window.wait("its picture", READY)
    window.shot("9-gabor")
    window.click("edit.add")
    window.wait("two kernels", lambda s: READY(s) and s["output"].startswith("1x2x"))
    window.click("more")
    window.click("mark beyond")
    window.key("Escape")
    window.key("5")
    window.wait("a fixed scale", lambda s: READY(s) and s["scale"].startswith("fixed"))
    window.shot("10-beyond")


def main():
    with Window(sys.argv[1], sys.argv[2]) as window:
        window.wait("the first grid", READY)
        microscope(window)
        every_layer(window)
        slide(window)
        edit(window)
        assert window.close() == 0, "the program did not end with status 0"


main()
