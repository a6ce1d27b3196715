"""Kernels as filters: responses and separability of the marked kernel and of all, kernels of low rank, the algebra, paint, spectra, and kernels for a band."""
import glob
import os
import shutil
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s
PART = lambda s: s.get("filters", "- 0 0").split()
MARKED = lambda s: s.get("filters.marked", "none 0 0 0").split()


TITLES = {"frequency": "Frequency response", "spectra": "Spectra", "design": "Design", "separability": "Separability", "algebra": "Algebra", "paint": "Paint a filter"}


def show(window, part):
    """Shows a part: by its tab or, where they do not fit into a line, from a list."""
    if "filters.part" in window.read()[0]:
        window.click("filters.part")
        window.click("filters.part." + TITLES[part])
    else:
        window.click("filters." + part)


def frequency(window):
    window.key("u")
    states = window.wait("64 responses", lambda s: READY(s) and PART(s)[:2] == ["0", "64"])
    assert states["filters.order"] == " ".join(str(i) for i in range(64)), states["filters.order"]
    window.click("filters.grid", 0.06, 0.06)
    window.wait("the first kernel", lambda s: PART(s)[2] == "0" and s["selected"] == "0")
    window.click("filters.order")
    window.click("filters.order.order: orientation")
    states = window.wait("another order", lambda s: s["filters.order"] != " ".join(str(i) for i in range(64)))
    assert sorted(map(int, states["filters.order"].split())) == list(range(64)), states["filters.order"]
    window.click("filters.order")
    window.click("filters.order.order: frequency")
    window.wait("a third order", lambda s: s["filters.order"] != states["filters.order"])
    window.point("filters.response", 0.5, 0.3)
    window.frames(60)  # the tooltip
    window.shot("1-frequency")
    before = MARKED(window.read()[1])
    for view in ("decibels", "phase", "magnitude"):
        window.click("filters.view")
        window.click("filters.view." + view)
        window.wait("a picture", READY)
        window.shot("2-" + view)
    window.click("filters.source")
    window.click("filters.source.one input channel")
    states = window.wait("the response of one channel", lambda s: READY(s) and MARKED(s) != before)
    assert float(MARKED(states)[1]) < float(before[1]), "one channel has less than all of them"
    window.click("filters.input", 0.98)
    window.wait("another channel", lambda s: READY(s) and MARKED(s) != MARKED(states))
    window.click("filters.source")
    window.click("filters.source.all input channels")
    window.wait("all channels", lambda s: READY(s) and MARKED(s) == before)


def separability(window):
    window.click("filters.separability")
    states = window.wait("the part", lambda s: PART(s)[0] == "1" and "filters.rank" in s)
    rank, error, cost, direct = states["filters.rank"].split()
    assert (rank, cost, direct) == ("1", "66", "363"), states["filters.rank"]
    window.click("filters.split")
    window.click("filters.split.rows shared by channels")
    states = window.wait("shared rows", lambda s: s["filters.rank"].split()[2] == "44")
    assert float(states["filters.rank"].split()[1]) >= float(error), "one row for all channels comes less close"
    window.click("filters.rank", 0.98)
    states = window.wait("the kernel itself", lambda s: s["filters.rank"].split()[0] == "11")
    assert float(states["filters.rank"].split()[1]) < 1e-6, states["filters.rank"]
    window.click("filters.rank", 0.02)
    window.wait("one product", lambda s: s["filters.rank"].split()[0] == "1")
    window.shot("3-separability")
    depth = window.read()[1]["undo_depth"]
    window.click("filters.apply")
    states = window.wait("kernels of rank 1", lambda s: READY(s) and float(s["filters.rank"].split()[1]) < 1e-5)
    assert int(states["undo_depth"]) == int(depth) + 1, (depth, states["undo_depth"])
    window.key("ctrl+z")
    window.wait("the kernels as before", lambda s: READY(s) and float(s["filters.rank"].split()[1]) > 0.01)


def algebra(window):
    window.click("filters.algebra")
    states = window.wait("the numbers", lambda s: PART(s)[0] == "2" and "filters.algebra" in s)
    composition, relu, forward, backward = map(float, states["filters.algebra"].split())
    assert composition < 1e-4 and relu > 0.01 and abs(forward - backward) < 1e-3 * abs(forward) + 1e-2, states["filters.algebra"]
    window.shot("6-algebra")
    window.click("filters.second")
    window.click("filters.second.Box 3")
    window.wait("another second kernel", lambda s: s.get("filters.algebra", states["filters.algebra"]) != states["filters.algebra"])


def stroke(window, brush, across, down):
    """Paints a short line with a brush."""
    window.click("filters.brush")
    window.click("filters.brush." + brush)
    window.point("filters.canvas", across, down)
    window.input.button(1, True)
    window.frames()
    window.input.nudge(12, 3)
    window.frames()
    window.input.button(1, False)
    window.frames()


def paint(window):
    window.click("filters.paint")
    window.wait("the empty part", lambda s: PART(s)[0] == "3" and s.get("filters.paint", "").startswith("paint some pixels"))
    stroke(window, "yes (green)", 0.4, 0.4)
    stroke(window, "no (red)", 0.7, 0.7)
    states = window.wait("a kernel", lambda s: READY(s) and s.get("filters.paint", "x")[0].isdigit())
    samples, tests, right, _ = states["filters.paint"].split()
    assert int(samples) > 10 and tests == "0" and float(right) > 0.9, states["filters.paint"]
    stroke(window, "test yes (blue)", 0.45, 0.38)
    stroke(window, "test no (orange)", 0.75, 0.65)
    window.wait("test pixels", lambda s: READY(s) and int(s["filters.paint"].split()[1]) > 10)
    window.shot("7-paint")
    for control in ("filters.brush.size", "filters.regularization"):
        window.click(control, 0.7)
    depth = window.read()[1]["undo_depth"]
    window.click("filters.use")
    window.wait("the kernel in the layer", lambda s: READY(s) and int(s["undo_depth"]) == int(depth) + 1)
    window.key("ctrl+z")
    window.wait("the kernels as before", lambda s: READY(s) and s["undo_depth"] == depth)
    window.click("filters.side", 0.3)
    window.wait("a kernel of another size", lambda s: READY(s) and s.get("filters.paint", "x")[0].isdigit())
    stroke(window, "eraser", 0.4, 0.4)
    window.click("filters.clear")
    window.wait("no paint", lambda s: READY(s) and s.get("filters.paint", "").startswith("paint some pixels"))


def saved(window, folder, suffix, control):
    window.click(control)
    window.wait("three files", lambda s: len(glob.glob(os.path.join(folder, f"*{suffix}*"))) == 3)


def spectra(window, folder):
    window.click("filters.spectra")
    states = window.wait("the part", lambda s: PART(s)[0] == "4" and "filters.spectra" in s)
    side, difference = states["filters.spectra"].split()
    assert int(side) >= 64 and 0 < float(difference) < 0.2, states["filters.spectra"]
    window.point("filters.spectra.chart", 0.5, 0.5)
    window.frames(40)
    window.shot("8-spectra")
    window.click("filters.spectra.kernel", 0.6)
    states = window.wait("another kernel", lambda s: READY(s) and s["filters.spectra"].split()[1] != difference)
    assert PART(states)[2] == states["selected"] != "0", states["selected"]
    saved(window, folder, "-spectra", "filters.spectra.save")


def drag(window, control, start, end):
    """Drags from one place within a control to another."""
    x0, y0, x1, y1 = window.read()[0][control]
    place = lambda at: (round(x0 + at[0] * (x1 - x0)), round(y0 + at[1] * (y1 - y0)))
    window.point(control, *start)
    window.input.button(1, True)
    window.frames(6)  # the press must be seen where it was
    for part in (0.3, 0.7, 1):
        window.input.move(*place([a + part * (b - a) for a, b in zip(start, end)]))
        window.frames()
    window.input.button(1, False)
    window.frames()


DESIGN = lambda s: [float(v) for v in s.get("filters.design", "0 0 0 0 0 0 0").split()]


def design(window, folder):
    window.click("filters.design")
    states = window.wait("the part", lambda s: PART(s)[0] == "5" and "filters.design" in s)
    assert DESIGN(states)[:6] == [10, 25, 0, 180, 11, 1], states["filters.design"]
    window.shot("9-design")
    drag(window, "filters.design.plane", (0.65, 0.5), (0.9, 0.5))
    states = window.wait("another ring", lambda s: READY(s) and abs(DESIGN(s)[0] - 15) <= 1 and abs(DESIGN(s)[1] - 40) <= 1)
    ring = DESIGN(states)
    window.click("filters.design.shape")
    window.click("filters.design.shape.wedge")
    window.wait("a wedge", lambda s: READY(s) and DESIGN(s)[3] == 40)
    drag(window, "filters.design.plane", (0.6, 0.45), (0.7, 0.2))
    states = window.wait("another wedge", lambda s: READY(s) and DESIGN(s)[2] > 30)
    lowest, highest, orientation, spread, *_ = DESIGN(states)
    assert lowest < highest and 30 < orientation < 60 and 15 < spread < 60, states["filters.design"]
    window.shot("10-wedge")
    window.set_number("filters.design.side", 21)
    states = window.wait("a larger kernel", lambda s: READY(s) and DESIGN(s)[4] == 21)
    window.set_number("filters.design.side", 5)
    window.wait("a smaller one, which comes less close", lambda s: READY(s) and DESIGN(s)[4] == 5 and DESIGN(s)[6] > DESIGN(states)[6])
    for control, value, index in (("lowest", 12, 0), ("highest", 30, 1), ("orientation", 45, 2), ("spread", 50, 3), ("outside", 4, 5), ("side", 11, 4)):
        window.set_number("filters.design." + control, value)
        window.wait(control, lambda s: READY(s) and DESIGN(s)[index] == value)
    depth = window.read()[1]["undo_depth"]
    window.click("filters.design.use")
    window.wait("the kernel in the layer", lambda s: READY(s) and int(s["undo_depth"]) == int(depth) + 1)
    window.click("filters.spectra")
    window.wait("its spectra", lambda s: READY(s) and PART(s)[0] == "4" and "filters.spectra" in s)
    window.shot("11-used")
    window.key("ctrl+z")
    window.wait("the kernels as before", lambda s: READY(s) and s["undo_depth"] == depth)
    window.click("filters.design")
    window.wait("the design again", lambda s: PART(s)[0] == "5" and DESIGN(s)[0] == 12)
    saved(window, folder, "-design", "filters.design.save")
    window.click("filters.design.shape")
    window.click("filters.design.shape.ring")
    window.wait("a ring", lambda s: READY(s) and DESIGN(s)[3] == 180)
    assert ring[3] == 180


def no_kernels(program, folder):
    with Window(program, os.path.join(folder, "none"), arguments=["--network", "largenet", "--layer", "fc1"]) as window:
        window.wait("the output", READY)
        window.key("u")
        window.frames(5)
        window.shot("4-no-kernels")
        assert window.read()[1].get("filters", "-") == "-"
        window.quit()


def other_sizes(program, folder):
    for name, size, arguments in ("large", (1920, 1080), ["--weights", "edges"]), ("twice", (1280, 720), ["--ui-scale", "2"]):
        with Window(program, os.path.join(folder, name), size=size, arguments=arguments) as window:
            window.wait("the grid", READY)
            window.key("u")
            window.wait("64 responses", lambda s: READY(s) and PART(s)[:2] == ["0", "64"])
            window.shot(f"5-{name}-frequency")
            show(window, "separability")
            window.wait("the part", lambda s: PART(s)[0] == "1" and "filters.rank" in s)
            window.shot(f"5-{name}-separability")
            show(window, "algebra")
            window.wait("the numbers", lambda s: PART(s)[0] == "2" and "filters.algebra" in s)
            window.shot(f"5-{name}-algebra")
            show(window, "paint")
            window.wait("the empty part", lambda s: PART(s)[0] == "3")
            window.shot(f"5-{name}-paint")
            show(window, "spectra")
            window.wait("the spectra", lambda s: PART(s)[0] == "4" and "filters.spectra" in s)
            window.shot(f"5-{name}-spectra")
            show(window, "design")
            window.wait("the design", lambda s: PART(s)[0] == "5" and "filters.design" in s)
            window.shot(f"5-{name}-design")
            if name == "large":  # a single convolution: a kernel of another size replaces all
                window.click("filters.design.use")
                window.wait("one kernel", lambda s: READY(s) and PART(s)[1] == "1")
                window.shot("5-large-one-kernel")
            show(window, "frequency")
            window.wait("the first part", lambda s: PART(s)[0] == "0")
            window.quit()


def of_all(program, shots):
    """A layer with more kernels than are shown."""
    with Window(program, os.path.join(shots, "of_all"), arguments=["--network", "alexnet", "--layer", "features.3"]) as window:
        window.wait("the second convolution", lambda s: READY(s) and s["layer"] == "features.3")
        window.key("u")
        window.wait("how many of all", lambda s: READY(s) and s.get("filters.count") == "64 of 192", 120)
        window.shot("of_all")
        window.quit()


def main():
    program, shots, assets = sys.argv[1:4]
    folder = os.path.join(os.path.abspath(shots), "files")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    image = shutil.copy(os.path.join(assets, "images", "cat.png"), folder)
    with Window(program, shots, arguments=[image]) as window:
        window.wait("the first grid", READY)
        frequency(window)
        separability(window)
        algebra(window)
        paint(window)
        spectra(window, folder)
        design(window, folder)
        window.quit()
    no_kernels(program, os.path.abspath(shots))
    of_all(program, os.path.abspath(shots))
    other_sizes(program, os.path.abspath(shots))


main()
