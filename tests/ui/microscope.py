"""Every number explains itself: a pinned value, the microscope, each kind of layer."""
import sys

from driver import Window
from driver.values import READY, agree


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
    window.wait("LargeNet", lambda s: READY(s) and s["layers"] == "9" and s["layer"] == "conv1")
    for _ in range(8):
        window.key("period")
    window.wait("the last layer", lambda s: READY(s) and s["layer"] == "fc2")
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


def main():
    with Window(sys.argv[1], sys.argv[2]) as window:
        window.wait("the first grid", READY)
        microscope(window)
        every_layer(window)
        assert window.close() == 0, "the program did not end with status 0"


main()
