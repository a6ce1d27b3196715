"""The histogram of a channel, large: it counts every value once and follows the marked channel."""
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def main():
    with Window(sys.argv[1], sys.argv[2]) as window:
        window.wait("the first grid", READY)
        window.park()
        window.key("h")
        states = window.wait("the first channel", lambda s: READY(s) and s["tool"] == "histogram" and s["histogram.counts"] != "-")
        height, width = (int(n) for n in states["output"].split("x")[2:])
        assert states["histogram.counts"] == f"0 {height * width}", states["histogram.counts"]
        window.point("histogram.bars", 0.3, 0.5)
        window.frames(30)
        window.shot("1-logarithmic")
        window.click("histogram.logarithmic")
        window.shot("2-linear")
        window.click("kernels", across=0.3, down=0.1)
        marked = window.wait("a marked channel", lambda s: READY(s) and s["selected"] not in ("-", "0"))["selected"]
        window.wait("its histogram", lambda s: READY(s) and s["histogram.counts"] == f"{marked} {height * width}")
        window.key("Escape")
        window.wait("the grid", lambda s: s["tool"] == "grid" and s["histogram.counts"] == "-")
        window.quit()


main()
