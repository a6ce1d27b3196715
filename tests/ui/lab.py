"""The weight-sharing lab by mouse and keyboard: counters, hover, tie, shift, and its numbers."""
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def difference(states, layer):
    """Largest difference after shifting back, equal units, compared units."""
    largest, equal, places = states[f"lab.back.{layer}"].split()
    return float(largest), int(equal), int(places)


def counters(window):
    window.key("l")
    states = window.wait("the lab", lambda s: READY(s) and s["tool"] == "lab" and "lab.conv" in s)
    assert states["lab.full"].split() == ["802816", "802816", "20000000"], states["lab.full"]
    assert states["lab.local"].split() == ["19600", "19600", "12500"], states["lab.local"]
    assert states["lab.conv"].split() == ["25", "19600", "25"], states["lab.conv"]
    assert states["lab.same"] == "0", states["lab.same"]
    window.park()
    window.shot("1-lab")


def typed_size(window):
    depth = window.read()[1]["undo_depth"]
    window.double_click("lab.paper_units", across=0.3)
    window.key("ctrl+a")
    window.type("1000")
    window.key("Return")
    window.wait("the counter of 200 x 200 pixels to 1000 units", lambda s: s["lab.full"].endswith(" 40000000"))
    window.click("lab.paper_units", button=3)
    window.wait("500 units again", lambda s: s["lab.full"].endswith(" 20000000") and s["undo_depth"] == depth)


def hover(window):
    for panel, name in enumerate(("full", "local", "conv")):
        window.point(f"lab.{name}", across=0.5 / 28 + 10 / 28, down=0.5 / 28 + 6 / 28)
        window.wait(f"unit 6, 10 of {name}", lambda s: s["lab.unit"] == f"{panel} 6 10")
        window.shot(f"2-{name}")
    window.point("lab.pooled", across=0.5 / 14 + 7 / 14, down=0.5 / 14 + 3 / 14)
    window.wait("block 3, 7 of the pooled map", lambda s: s["lab.unit"] == "3 6 14")
    window.shot("2-pooled")
    window.point("lab.conv", across=0.99, down=0.99)
    window.wait("the last unit", lambda s: s["lab.unit"] == "2 27 27")


def shift(window):
    x0, y0, x1, y1 = window.read()[0]["lab.input"]
    pixel = (x1 - x0) / 32
    window.point("lab.input", 0.4, 0.4)
    window.input.button(1, True)
    window.frames()
    window.input.nudge(round(2 * pixel), round(3 * pixel))
    window.frames()
    window.input.button(1, False)
    window.frames()
    states = window.wait("the image three down and two to the right", lambda s: READY(s) and s["lab.shift"] == "3 2")
    largest, equal, places = difference(states, "conv")
    assert (largest, equal, places) == (0, 25 * 26, 25 * 26), states["lab.back.conv"]
    assert difference(states, "local")[0] > 0.01, states["lab.back.local"]
    assert difference(states, "full")[0] > 0.01, states["lab.back.full"]
    window.park()
    window.shot("3-shifted")

    window.click("lab.unshift")
    window.wait("no shift", lambda s: READY(s) and s["lab.shift"] == "0 0")
    window.park()
    window.key("Right")
    states = window.wait("one to the right by key", lambda s: READY(s) and s["lab.shift"] == "0 1")
    pooled, of_pooled, kept, of_conv = map(int, states["lab.stayed"].split())
    assert pooled / of_pooled > kept / of_conv, states["lab.stayed"]
    for key in ("Left", "Left", "Up", "Up"):
        window.key(key)
    window.wait("one to the left, two up", lambda s: READY(s) and s["lab.shift"] == "-2 -1")


def tie(window):
    window.click("lab.tie")
    states = window.wait("equal outputs", lambda s: READY(s) and s["lab.same"] == "1")
    assert difference(states, "local") == (0, 26 * 27, 26 * 27), states["lab.back.local"]
    window.point("lab.local", 0.5, 0.5)
    window.shot("4-tied")
    window.park()
    window.key("t")
    window.wait("weights apart again by key", lambda s: READY(s) and s["lab.same"] == "0")


def other_image(window):
    window.click("lab.image")
    window.wait_control("lab.image.current image")
    window.click("lab.image.current image")
    window.set_number("lab.side", 48, across=0.3)
    states = window.wait("48 x 48 to 44 x 44", lambda s: READY(s) and s["lab.full"].startswith(f"{48 * 48 * 44 * 44} "))
    window.wait("its differences", lambda s: READY(s) and s["lab.back.conv"].split()[2] == str(42 * 43))
    window.park()
    window.shot("5-picture")
    window.key("Escape")
    window.wait("the grid", lambda s: READY(s) and s["tool"] == "grid" and s["output"] == "1x64x74x112")
    assert states["error"] == "-", states


def main():
    program, shots = sys.argv[1:3]
    with Window(program, shots) as window:
        window.wait("the first grid", lambda s: READY(s) and s["output"] == "1x64x74x112")
        counters(window)
        typed_size(window)
        hover(window)
        shift(window)
        tie(window)
        other_image(window)
        window.quit()


main()
