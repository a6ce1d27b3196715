"""Comparing by mouse and keyboard: a random bank, blink, difference, edges, a kept document, layers, and scaling to [0,1]."""
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def choose(window, kind):
    window.click("compare.b")
    window.wait_control(f"compare.b.{kind}")
    window.click(f"compare.b.{kind}")


def side_by_side(window):
    window.key("c")
    states = window.wait("AlexNet beside random kernels", lambda s: READY(s) and s.get("compare.shapes") == "1x64x74x112 1x64x74x112")
    largest, mean, _, count = map(float, states["compare.difference"].split())
    assert largest > mean > 0 and count == 64 * 74 * 112, states["compare.difference"]
    a_lo, a_hi, b_lo, b_hi = states["compare.ranges"].split()
    assert (a_lo, a_hi) == (b_lo, b_hi), "one scale: " + states["compare.ranges"]
    window.park()
    window.shot("1-side-by-side")
    window.click("compare.scale")
    window.wait("scales of their own", lambda s: READY(s) and s["compare.ranges"].split()[:2] != s["compare.ranges"].split()[2:])
    window.click("compare.scale")
    window.wait("one scale again", lambda s: READY(s) and s["compare.ranges"].split()[:2] == s["compare.ranges"].split()[2:])


def linked_cursor(window):
    window.point("compare.a", 0.3, 0.2)
    states = window.wait("both values", lambda s: READY(s) and s["compare.value"] != "-")
    a, b = states["compare.value"].split()
    window.shot("2-cursor")
    window.point("compare.b.grid", 0.3, 0.2)
    window.wait("the same values from the other side", lambda s: READY(s) and s["compare.value"] == f"{a} {b}")
    window.click("compare.a", 0.3, 0.2)
    window.wait("one channel alone", lambda s: READY(s) and s["compare.channel"] != "-")
    window.shot("3-alone")
    window.key("Escape")
    window.wait("all channels", lambda s: READY(s) and s["compare.channel"] == "-" and s["tool"] == "compare")


def blink(window):
    window.park()
    window.key("b")
    window.wait("A alone", lambda s: READY(s) and s["compare.page"] == "1")
    window.shot("4-a")
    window.key("b")
    window.wait("B in its place", lambda s: READY(s) and s["compare.page"] == "2")
    window.shot("4-b")
    window.key("b")
    window.wait("A again", lambda s: READY(s) and s["compare.page"] == "1")
    window.click("compare.difference")
    window.wait("the difference", lambda s: READY(s) and s["compare.page"] == "3")
    window.park()
    window.shot("5-difference")


def edges(window):
    window.click("compare.side")
    choose(window, "edge filters")
    window.wait("edges in maps of the same size", lambda s: READY(s) and s["compare.target"] == "0" and s["compare.shapes"] == "1x64x74x112 1x64x74x112")
    window.park()
    window.shot("6-edges")


def kept(window):
    window.click("compare.keep")
    window.wait("no difference to itself", lambda s: READY(s) and s["compare.target"] == "3" and s["compare.difference"].startswith("0 0 "))
    window.park()
    window.key("s")
    window.wait("another stride beside the kept one", lambda s: READY(s) and s["compare.shapes"] == "1x64x59x89 1x64x74x112" and s["compare.difference"] == "-")
    window.shot("7-kept")
    window.key("ctrl+z")
    window.wait("the stride before", lambda s: READY(s) and s["compare.difference"].startswith("0 0 "))


def brackets(window):
    window.click("compare.normalized")
    states = window.wait("both ways of scaling", lambda s: READY(s) and s["compare.page"] == "4" and "compare.unit" in s)
    left_lo, left_hi, right_lo, right_hi = map(float, states["compare.unit"].split())
    assert (left_lo, left_hi) == (0, 1), states["compare.unit"]
    assert right_lo < -1 and right_hi > 1, states["compare.unit"]
    assert 0 < float(states["compare.outside"]) <= 1, states["compare.outside"]
    window.point("compare.a", 0.3, 0.2)
    window.wait("a value", lambda s: READY(s) and s["compare.value"] != "-")
    window.shot("8-brackets")


def layers(window):
    window.key("ctrl+4")
    window.wait("LargeNet", lambda s: READY(s) and s["layers"] == "9")
    window.click("compare.side")
    window.wait("conv1", lambda s: READY(s) and s["layer"] == "conv1")
    choose(window, "another layer")
    window.wait_control("compare.layer")
    window.click("compare.layer")
    window.wait_control("compare.layer.pool1")
    window.click("compare.layer.pool1")
    states = window.wait("conv1 beside pool1", lambda s: READY(s) and s["compare.target"] == "4" and s["compare.shapes"].startswith("1x5x") and s["compare.difference"] == "-")
    assert states["compare.shapes"].split()[0] != states["compare.shapes"].split()[1], states
    window.park()
    window.shot("9-layers")


def main():
    program, shots = sys.argv[1:3]
    with Window(program, shots) as window:
        window.wait("the first grid", lambda s: READY(s) and s["output"] == "1x64x74x112")
        side_by_side(window)
        linked_cursor(window)
        blink(window)
        edges(window)
        kept(window)
        brackets(window)
        layers(window)
        window.quit()


main()
