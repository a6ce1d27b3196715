"""The sliding window: step by step, turned, at its end, with another kernel."""
import sys

from driver import Window
from driver.values import READY, agree


def slide(window):
    window.key("w")
    window.wait_control("slide.play")
    window.click("slide.sobel")
    window.wait("Sobel on a step", lambda s: READY(s) and s["output"] == "1x1x3x3" and s["slide"].startswith("0.00"))
    for expected in (4, 4, 0):
        assert agree(window)[1] == expected
        window.click("slide.step")
        window.frames(3)
    window.shot("1-sobel")
    window.click("slide.flip")
    window.wait("the turned kernel", lambda s: READY(s) and float(s["why"].split(" ")[4]) == -4)
    window.shot("2-turned")
    window.click("slide.play")
    window.wait("the window on its way", lambda s: float(s["slide"].split(" ")[0]) > 5)
    window.wait("the end of the way", lambda s: s["slide"] == "8.00 paused")
    window.click("slide.time", across=0.5)
    window.wait("the middle", lambda s: READY(s) and s["slide"] == "4.00 paused" and s["why"].split(" ")[1:4] == ["0", "1", "1"])
    window.key("ctrl+2")
    window.wait("random kernels", lambda s: READY(s) and s["output"].startswith("1x7") and s["pin"].startswith("0 "))
    window.click("side.kernels")
    window.click("kernels", across=0.4, down=0.1)
    marked = window.wait("another kernel", lambda s: READY(s) and s["selected"] not in ("-", "0"))["selected"]
    window.wait("its window at the same place", lambda s: READY(s) and s["pin"] == f"{marked} 1 1" and s["why"].split(" ")[1:4] == [marked, "1", "1"])
    agree(window)
    window.shot("3-other-kernel")
    window.key("ctrl+4")
    window.wait("LargeNet, which needs colors", lambda s: READY(s) and s["input"] == "1x3x32x32" and s["error"] == "-")
    window.key("ctrl+6")
    window.key("Escape")
    window.wait("the grid", lambda s: s["tool"] == "grid")


def main():
    with Window(sys.argv[1], sys.argv[2]) as window:
        window.wait("the first grid", READY)
        slide(window)
        assert window.close() == 0, "the program did not end with status 0"


main()
