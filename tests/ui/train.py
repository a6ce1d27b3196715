"""Lessons in the real window: each started, paused, scrubbed back, resumed; what was learned becomes the document's."""
import os
import subprocess
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def lesson(states):
    """Number of the lesson, what it is doing, its step or round, the step on screen, live or a moment of the timeline."""
    number, doing, step, shown, live = states["training"].split(" ")
    return int(number), doing, int(step), int(shown), live


def choose(window, control, value):
    window.click(control)
    window.wait_control(f"{control}.{value}")
    window.frames(4)  # the list scrolls to what is chosen
    window.click(f"{control}.{value}")


def pause(window):
    window.key("r")
    return lesson(window.wait("a pause", lambda s: lesson(s)[1] == "paused"))[2]


def scrub_back(window, before, across=0.3):
    window.click("train.time", across=across)
    window.wait("an earlier moment", lambda s: READY(s) and lesson(s)[4] == "moment" and lesson(s)[3] < before)
    return lesson(window.read()[1])[3]


def learn_a_filter(window):
    window.key("n")
    window.click("train.filter")
    window.wait("a learning kernel on a gray image", lambda s: lesson(s)[0] == 1 and lesson(s)[2] > 100 and s["input"].startswith("1x1"))
    step = pause(window)
    window.shot("1-filter")
    shown = scrub_back(window, step)
    window.click("train.from_here")
    window.wait("learning on from there", lambda s: lesson(s)[1] == "playing" and lesson(s)[2] > shown and lesson(s)[4] == "live")
    window.wait("the end of the lesson", lambda s: lesson(s)[1] == "paused", 60)
    window.wait("its picture", lambda s: READY(s) and s["kernels"] == "trained kernel" and float(s["training.error"]) < 0.05)
    window.shot("2-learned")
    record(window, 5)
    undo_depth = int(window.read()[1]["undo_depth"])
    window.click("train.use")
    window.wait("the end, and the colors again", lambda s: READY(s) and lesson(s)[0] == 0 and int(s["undo_depth"]) == undo_depth + 1 and s["input"].startswith("1x3"))
    assert window.read()[1]["kernels"] == "trained kernel"


def leave_a_lesson(window):
    """Other kernels during a lesson, or another lesson: the image gets its colors back."""
    window.click("train.filter")
    window.wait("a gray image", lambda s: READY(s) and lesson(s)[0] == 1 and s["input"].startswith("1x1"))
    window.key("ctrl+2")
    window.wait("random kernels for colors", lambda s: READY(s) and s["kernels"].startswith("7 random") and s["input"].startswith("1x3"))
    window.click("train.lessons")  # they are closed while a lesson runs
    window.click("train.filter")
    window.wait("a gray image again", lambda s: READY(s) and lesson(s)[0] == 1 and s["input"].startswith("1x1"))
    window.click("train.end")
    window.wait("the colors", lambda s: READY(s) and lesson(s)[0] == 0 and s["input"].startswith("1x3"))


def learn_the_marked_kernel(window):
    window.key("ctrl+2")
    window.wait("random kernels for colors", lambda s: READY(s) and s["kernels"].startswith("7 random") and s["input"].startswith("1x3"))
    choose(window, "train.kernel", "the selected kernel")
    window.click("train.filter")
    window.wait("the user's own kernel", lambda s: lesson(s)[0] == 1 and "training.error" in s and float(s["training.error"]) < 0.05, 90)
    window.wait("its picture", lambda s: READY(s) and s["input"].startswith("1x3"))
    window.shot("3-own-kernel")
    window.click("train.end")
    window.wait("the end", lambda s: lesson(s)[0] == 0)


def largenet(window):
    window.click("train.largenet")
    window.wait("LargeNet learning", lambda s: lesson(s)[:2] == (2, "playing") and lesson(s)[2] > 80)
    window.wait("its weights on screen", lambda s: s["kernels"].startswith("LargeNet after"))
    step = pause(window)
    window.wait("a word on every picture of the strip", lambda s: s["training.strip"].split(" ")[1:] == ["24", "24"])
    shown = scrub_back(window, step, 0.05)
    window.wait("the weights of that moment", lambda s: READY(s) and s["kernels"] == f"LargeNet after {shown} steps")
    window.click("train.strip", 0.3, 0.3)
    window.click("train.momentum", across=0.91)  # 0.9 of at most 0.99
    window.click("train.accuracy")
    window.frames(60)
    window.shot("4-earlier")
    window.click("train.speed", across=0.97)
    window.click("train.replay")
    window.wait("the replay's end", lambda s: lesson(s)[3] == step)
    window.click("train.play")
    window.wait("learning again", lambda s: lesson(s)[1] == "playing" and lesson(s)[2] > step and lesson(s)[4] == "live")
    step = pause(window)
    window.click("train.step")
    window.wait("one step more", lambda s: lesson(s)[2] == step + 1)


def record(window, frames):
    """The timeline as moving pictures, each with the weights of its step."""
    window.key("ctrl+shift+r")
    window.click("record.training")
    window.set_number("record.frames", frames)
    window.set_number("record.width", 480)
    window.set_number("record.height", 320)
    window.park()
    window.shot("record")
    window.click("record.start")
    path = window.wait("the recording", lambda s: s["record"].startswith("idle") and s["note"].startswith("saved ") and s["note"].endswith(".gif"))["note"][len("saved "):]
    pictures = subprocess.run(["convert", path, "-coalesce", "-format", "%#\n", "info:"], check=True, capture_output=True, text=True).stdout.split()
    assert len(pictures) == frames and len(set(pictures)) == frames, pictures
    os.remove(path)
    window.key("Escape")


def set_rate(window, text):
    window.click("train.rate", modifier="ctrl")
    window.key("ctrl+a")
    window.type(text)
    window.key("Return")


def diverge(window):
    """Too large a rate: the lesson pauses at the last finite weights and says so."""
    step = lesson(window.read()[1])[2]
    set_rate(window, "1e30")
    window.click("train.play")
    window.wait("the lesson to see it", lambda s: "smaller learning rate" in s["training.message"] and lesson(s)[1] == "paused")
    window.wait("finite weights on screen", lambda s: READY(s) and s["kernels"] == f"LargeNet after {lesson(s)[2]} steps" and s["error"] == "-")
    assert lesson(window.read()[1])[2] >= step
    window.shot("5-diverged")
    window.click("train.reset")
    window.wait("the start", lambda s: lesson(s)[2] == 0)
    set_rate(window, "0.01")
    window.click("train.play")
    window.wait("learning from the start", lambda s: lesson(s)[2] > 300)
    pause(window)


def weights_to_a_file_and_on(window, folder):
    """What was learned is saved, opened again, and trained on from."""
    window.click("train.save")
    window.wait("the file", lambda s: s["note"].startswith("saved") and ".safetensors" in s["note"])
    path = window.read()[1]["note"].removeprefix("saved ")
    window.click("train.use")
    window.wait("the document's", lambda s: lesson(s)[0] == 0 and READY(s))
    window.key("ctrl+4")
    window.wait("LargeNet with random weights", lambda s: READY(s) and "random" in s["kernels"])
    window.key("ctrl+o")
    window.click("browser.path")
    window.key("ctrl+a")
    window.type(os.path.join(folder, os.path.basename(path)))
    window.key("Return")
    window.wait("the file's weights", lambda s: READY(s) and "report" in s and "random" not in s["kernels"])
    window.click("train.from_screen")
    window.click("train.shown_layer")
    window.click("train.shown_layer")
    window.click("train.largenet")
    window.wait("learning on", lambda s: lesson(s)[0] == 2 and lesson(s)[2] > 20)
    pause(window)
    right = int(window.wait("its strip", lambda s: "training.strip" in s and s["training.strip"].split(" ")[1] == "24")["training.strip"].split(" ")[0])
    assert right > 12, f"the weights that were trained before tell {right} of 24 right"
    window.click("train.end")
    window.wait("the end", lambda s: lesson(s)[0] == 0)


def filters_from_the_image(window):
    window.click("train.patterns")
    window.wait("64 filters", lambda s: READY(s) and lesson(s)[:3] == (3, "paused", 10) and s["kernels"].endswith("learned from this image"))
    window.shot("6-patterns")
    window.click("train.reset")
    window.wait("the start", lambda s: lesson(s)[2] == 0)
    for step in (1, 2, 3):
        window.click("train.step")
        window.wait("a round", lambda s: lesson(s)[:3] == (3, "paused", step))
    assert scrub_back(window, 3, 0.4) in (1, 2)
    window.click("train.play")
    window.wait("the last round", lambda s: READY(s) and lesson(s) == (3, "paused", 10, 10, "live"))
    window.click("train.use")
    window.wait("the document's", lambda s: READY(s) and lesson(s)[0] == 0 and s["output"].startswith("1x64"))
    window.key("ctrl+z")
    window.wait("the bank before", lambda s: READY(s) and s["kernels"].startswith("64 random"))


def write_pictures(folder):
    """Two classes of stripes that lie at another place each time, and a file that is no picture."""
    for name in ("lying", "upright"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        for i in range(20):
            value = lambda x, y: 128 + 100 * (((x if name == "upright" else y) + 3 * i) % 24 < 12) - 50
            pixels = bytes(value(x, y) for y in range(64) for x in range(64) for _ in range(3))
            with open(os.path.join(folder, name, f"{i}.ppm"), "wb") as file:
                file.write(b"P6 64 64 255\n" + pixels)
    with open(os.path.join(folder, "lying", "broken.png"), "wb") as file:
        file.write(b"no picture")


def write_many_pictures(folder):
    """So many that reading them takes a second."""
    for name in ("black", "white"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        for i in range(4000):
            with open(os.path.join(folder, name, f"{i}.ppm"), "wb") as file:
                file.write(b"P6 8 8 255\n" + (b"\0" if name == "black" else b"\xff") * 192)


def choose_folder(window, folder):
    window.click("browser.path")
    window.key("ctrl+a")
    window.type(folder)
    window.key("Return")
    window.click("browser.take")


def cancel(window, folder):
    """A lesson whose pictures are still being read."""
    choose(window, "train.data", "a folder ...")
    choose_folder(window, folder)
    window.click("train.features")
    window.click("train.cancel")
    window.wait("nothing begun", lambda s: lesson(s)[0] == 0)
    window.click("tool.features")
    window.click("features.begin")
    window.click("train.cancel")
    window.wait("nothing begun", lambda s: lesson(s)[0] == 0)
    window.click("tool.grid")


def train_on_features(window, folder):
    window.click("train.folder")
    choose_folder(window, folder)
    window.click("train.features")
    window.wait("the features", lambda s: lesson(s)[0] == 4 and s.get("training.features", "0 1").split(" ")[0] == "40", 120)
    window.wait("the models learning", lambda s: lesson(s)[2] > 2, 60)
    step = pause(window)
    assert "broken.png" in window.read()[1]["training.note"]
    shown = scrub_back(window, step, 0.02)
    window.frames(5)
    window.shot("7-features-earlier")
    window.click("train.play")
    window.wait("learning on", lambda s: lesson(s)[2] > step or lesson(s)[1] == "paused")
    window.wait("the end", lambda s: lesson(s)[1] == "paused" and lesson(s)[2] > shown and lesson(s)[4] == "live", 60)
    scores = window.wait("what the models say", lambda s: float(s["training.features"].split(" ")[2]) > 0.5)["training.features"]
    by_features, by_pixels = (float(share) for share in scores.split(" ")[2:])
    assert by_features > 0.7 and by_features > by_pixels, f"features tell stripes apart that lie elsewhere each time, pixels don't: {scores}"
    point_at_a_picture(window)
    window.click("features.near.0")
    window.click("pixels.near.0")
    window.click("pixels.plot", 0.01, 0.01)
    window.click("features.add_shown")
    window.wait("neighbors", lambda s: s.get("features.near", "").startswith("sample:cat; ") and len(s["features.near"].split("; ")[1].split(" ")) == 8)
    window.shot("8-neighbors")
    window.click("features.added")
    window.click("features.add")
    window.click("browser.path")
    window.key("ctrl+a")
    window.type(os.path.join(folder, "upright", "0.ppm"))
    window.key("Return")
    window.wait("the neighbors of a file", lambda s: s.get("features.near", "").startswith("0.ppm; "))
    for row in ("epochs", "patience", "hidden units"):
        window.click(row, across=0.1)
    window.wait("a hidden layer", lambda s: lesson(s)[0] == 4)
    window.click("train.end")
    window.wait("the end", lambda s: lesson(s)[0] == 0)


def point_at_a_picture(window):
    """Sweeps over the plot until the mouse points at a picture, then asks for its neighbors: the first is the picture itself."""
    for i in range(200):
        window.point("features.plot", 0.05 + 0.9 * (i % 15) / 14, 0.1 + 0.85 * (i // 15) / 13)
        if window.read()[1]["features.hovered"] != "-":
            break
    number = window.read()[1]["features.hovered"]
    assert number != "-", "no point was found"
    window.shot("9-pointed")
    window.input.button(1, True)
    window.frames()
    window.input.button(1, False)
    near = window.wait("its neighbors", lambda s: "features.near" in s)["features.near"]
    by_features, by_pixels = near.split("; ")[1:]
    assert number in by_features.split(" ") and number in by_pixels.split(" "), (number, near)


def main():
    here = os.path.abspath(sys.argv[2])
    pictures = os.path.join(here, "pictures")
    many = os.path.join(here, "many")
    write_pictures(pictures)
    write_many_pictures(many)
    os.chdir(here)  # what the window saves lands here
    with Window(sys.argv[1], here, size=(1280, 1040)) as window:
        window.wait("the first grid", READY)
        learn_a_filter(window)
        leave_a_lesson(window)
        learn_the_marked_kernel(window)
        largenet(window)
        diverge(window)
        weights_to_a_file_and_on(window, here)
        filters_from_the_image(window)
        cancel(window, many)
        train_on_features(window, pictures)
        assert window.close() == 0, "the program did not end with status 0"


main()
