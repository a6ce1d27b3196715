"""The parts of the tool Filters that run whole networks: shifts, aliasing, borders, precision, algorithms."""
import glob
import os
import shutil
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s
STUDY = lambda s: s.get("filters.study", "-").split()
PARTS = {"shift": "6", "aliasing": "7", "borders": "8", "precision": "9", "algorithms": "10"}


def part(window, name):
    if "filters.part" in window.read()[0]:  # the tabs do not fit into a line
        window.click("filters.part")
        window.click("filters.part." + name.capitalize().replace("Shift", "Shifts"))
    else:
        window.click("filters." + name)
    return window.wait("the part " + name, lambda s: STUDY(s)[:2] == [PARTS[name], "ready"], 120)


def pick(window, control, name):
    window.click(control)
    window.click(control + "." + name)


def changed(window, what, before):
    return window.wait(what, lambda s: STUDY(s)[1:2] == ["ready"] and STUDY(s) != before, 120)


def saved(window, folder, suffix, control):
    window.click(control)
    window.wait("three files", lambda s: len(glob.glob(os.path.join(folder, f"*{suffix}*"))) == 3)
    for ending, start in (".png", b"\x89PNG"), (".svg", b"<?xml"), (".csv", b""):
        path, = glob.glob(os.path.join(folder, f"*{suffix}*{ending}"))
        with open(path, "rb") as file:
            assert file.read().startswith(start), path


def shifts(window, folder):
    states = part(window, "shift")
    window.shot("1-shift")
    count, mean, invariance, shift = STUDY(states)[2:]
    assert (count, shift) == ("6", "0") and 0.3 < float(mean) < 0.999, STUDY(states)
    window.point("filters.shifted", 0.3, 0.5)
    window.input.button(1, True)
    window.frames()
    window.input.nudge(9, 0)
    window.frames()
    window.input.button(1, False)
    window.wait("a shifted image", lambda s: float(STUDY(s)[-1]) > 1)
    pick(window, "filters.strides", "stride 1, then BlurPool")
    pick(window, "filters.pooling", "pooling, then BlurPool")
    states = window.wait("layers of BlurPool", lambda s: STUDY(s)[1:3] == ["ready", "8"], 120)
    assert float(STUDY(states)[3]) > float(mean), f"BlurPool follows shifts better: {STUDY(states)}, {mean}"
    window.shot("2-blurpool")
    for control, name in (("filters.taps", "[1 4 6 4 1]"), ("filters.direction", "down"), ("filters.steps", "whole pixels"), ("filters.inside", "all values")):
        before = STUDY(window.read()[1])
        pick(window, control, name)
        changed(window, control, before)
    before = STUDY(window.read()[1])
    window.click("filters.reach", 0.05)
    changed(window, "a smaller reach", before)
    pick(window, "filters.compared", "with the output as it was")
    window.point("filters.shift.chart", 0.5, 0.4)
    window.frames(40)
    window.shot("3-invariance")
    saved(window, folder, "-shift", "filters.shift.save")


def aliasing(window, folder):
    states = part(window, "aliasing")
    window.shot("4-aliasing")
    worst = STUDY(states)[5:]
    assert STUDY(states)[2:4] == ["6", "5"] and float(worst[3]) > float(worst[0]), "BlurPool follows shifts better than a stride"
    for name in ("Siemens star", "checkerboard", "the image"):
        before = STUDY(window.read()[1])
        pick(window, "filters.reduced", name)
        changed(window, name, before)
        window.shot("5-" + name.replace(" ", "-"))
    pick(window, "filters.reduced", "zone plate")
    window.wait("the zone plate", lambda s: STUDY(s) == STUDY(states), 120)
    window.click("filters.alias.stride", 0.3)
    changed(window, "another stride", STUDY(states))
    before = STUDY(window.read()[1])
    pick(window, "filters.alias.taps", "7 taps")
    changed(window, "another filter", before)
    window.click("filters.alias.shift", 0.4)
    pick(window, "filters.alias.view", "what is wrong in them")
    window.frames(5)
    window.shot("6-wrong")
    saved(window, folder, "-aliasing", "filters.aliasing.save")


def borders(window, folder):
    states = part(window, "borders")
    assert STUDY(states)[2:4] == ["8", "4"], STUDY(states)
    window.shot("7-borders")
    saved(window, folder, "-borders", "filters.borders.save")


def precision(window, folder):
    states = part(window, "precision")
    assert STUDY(states)[2:4] == ["10", "4"], STUDY(states)
    window.shot("8-precision")
    for name in ("weights only", "activations only", "weights and activations"):
        pick(window, "filters.rounded", name)
        window.wait(name, lambda s: STUDY(s)[1:2] == ["ready"], 120)
    pick(window, "filters.plot", "plot: channels")
    window.frames(5)
    window.shot("9-channels")
    saved(window, folder, "-precision", "filters.precision.save")


def algorithms(window, folder):
    part(window, "algorithms")
    for name in ("direct sums", "im2col", "FFT", "Winograd F(2x2,3x3)", "Winograd F(4x4,3x3)"):
        pick(window, "filters.algorithm", name)
        window.click("filters.step", 0.5)
        window.frames(5)
        window.shot("10-" + name.split("(")[-1].replace(" ", "-").replace(",", "-").replace(")", ""))
    pick(window, "filters.algorithm", "im2col")
    before = window.read()[1]["filters.step"]
    window.click("filters.play")
    window.wait("the next steps", lambda s: s["filters.step"] not in (before, before.replace("paused", "playing")))
    window.click("filters.play")
    window.wait("a pause", lambda s: s["filters.step"].endswith("paused"))
    for control, across in (("channels", 0.02), ("kernels", 0.02), ("kernel", 0.08), ("side", 0.05)):
        window.click("filters.problem." + control, across)
    window.click("filters.measure")
    window.wait("times", lambda s: STUDY(s)[1:2] == ["ready"] and STUDY(s)[4:5] == ["6"], 120)
    window.shot("11-times")
    window.click("filters.breakeven")
    window.wait("the curve", lambda s: STUDY(s)[1:2] == ["ready"] and STUDY(s)[3:5] == ["6", "6"], 200)
    window.shot("12-breakeven")
    saved(window, folder, "-break-even", "filters.breakeven.save")
    window.click("filters.problem.channels", 0.9)
    window.click("filters.problem.side", 0.5)
    window.click("filters.breakeven")
    window.click("filters.cancel")
    window.wait("the end of the measurement", lambda s: STUDY(s)[1:2] == ["ready"])


def other_sizes(program, folder, image):
    for name, size, arguments in ("large", (1920, 1080), []), ("twice", (1280, 720), ["--ui-scale", "2"]):
        with Window(program, os.path.join(folder, name), size=size, arguments=[image, "--network", "alexnet", "--layer", "features.5", *arguments]) as window:
            window.wait("the grid", READY)
            window.key("u")
            for which in PARTS:
                part(window, which)
                window.shot(f"13-{name}-{which}")
            window.quit()


def main():
    program, shots, assets = sys.argv[1:4]
    folder = os.path.join(os.path.abspath(shots), "files")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    image = shutil.copy(os.path.join(assets, "images", "cat.png"), folder)
    with Window(program, shots, arguments=[image, "--resize", "160x160", "--network", "alexnet", "--layer", "features.4"]) as window:
        window.wait("the first grid", READY)
        window.key("u")
        window.wait("the responses", lambda s: s.get("filters", "-").startswith("0"))
        shifts(window, folder)
        aliasing(window, folder)
        borders(window, folder)
        precision(window, folder)
        algorithms(window, folder)
        window.click("filters.frequency")
        window.wait("the first part", lambda s: s.get("filters", "-").startswith("0"))
        window.quit()
    other_sizes(program, os.path.abspath(shots), image)


main()
