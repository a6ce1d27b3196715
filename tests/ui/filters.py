"""Kernels as filters: responses and separability of the marked kernel and of all, kernels of low rank, the algebra, and paint."""
import os
import shutil
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s
PART = lambda s: s.get("filters", "- 0 0").split()
MARKED = lambda s: s.get("filters.marked", "none 0 0 0").split()


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
            window.click("filters.separability")
            window.wait("the part", lambda s: PART(s)[0] == "1" and "filters.rank" in s)
            window.shot(f"5-{name}-separability")
            window.click("filters.algebra")
            window.wait("the numbers", lambda s: PART(s)[0] == "2" and "filters.algebra" in s)
            window.shot(f"5-{name}-algebra")
            window.click("filters.paint")
            window.wait("the empty part", lambda s: PART(s)[0] == "3")
            window.shot(f"5-{name}-paint")
            window.click("filters.frequency")
            window.wait("the first part", lambda s: PART(s)[0] == "0")
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
        window.quit()
    no_kernels(program, os.path.abspath(shots))
    other_sizes(program, os.path.abspath(shots))


main()
