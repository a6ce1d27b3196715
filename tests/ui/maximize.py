"""Optimal inputs: the search runs, pauses and goes on, starts again when something changes, and says what it can't search; its time line,
which a session keeps; the strongest patches."""
import os
import shutil
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s
STATE = lambda s: s.get("maximize", "0 - 0 0x0").split()
DONE = lambda s: READY(s) and STATE(s)[1] == "paused" and int(STATE(s)[0]) > 0


def search(window):
    window.key("o")
    states = window.wait("64 steps for 64 channels", lambda s: DONE(s) and STATE(s) == ["64", "paused", "64", "11x11"])
    assert states["maximize.error"] == "-", states
    assert float(states["maximize.likeness"]) > 0.8, states["maximize.likeness"]
    window.point("maximize.pictures", 0.06, 0.06)
    window.frames(60)  # the tooltip
    window.shot("1-first-layer")
    window.click("maximize.pictures", 0.06, 0.06)
    window.wait("the first channel", lambda s: s["selected"] == "0")
    small = window.read()[0]["maximize.pictures"]
    window.double_click("maximize.pictures", 0.06, 0.06)
    window.wait("the first picture alone", lambda s: s["maximize.enlarged"] == "0")
    window.frames(4)
    window.shot("1-alone")
    alone = window.read()[0]["maximize.pictures"]
    assert alone[3] - alone[1] > 0.9 * (small[3] - small[1]), "the picture is as high as all of them were"
    window.key("Escape")
    window.wait("all pictures", lambda s: s["maximize.enlarged"] == "-" and s["tool"] == "maximize")
    window.double_click("maximize.pictures", 0.2, 0.06)
    window.wait("the second picture alone", lambda s: s["maximize.enlarged"] == "1")
    window.double_click("maximize.pictures")
    window.wait("all pictures", lambda s: s["maximize.enlarged"] == "-" and STATE(s)[0] == "64")
    window.click("maximize.play")
    window.wait("64 more steps", lambda s: DONE(s) and STATE(s)[0] == "128")
    for control in ("maximize.spectrum", "maximize.low_pass", "maximize.colors", "maximize.jitter", "maximize.decay", "maximize.smooth", "maximize.image", "maximize.seed"):
        before = window.read()[1]["maximize.shown"]
        window.click(control)
        window.wait(f"a search from the start after {control}", lambda s: DONE(s) and STATE(s)[0] == "64" and s["maximize.shown"] != before)
    window.shot("2-frequencies")
    for turn in range(2):  # on, with ranges, and off
        before = window.read()[1]["maximize.shown"]
        window.click("maximize.motions")
        window.wait("a search with other motions", lambda s: DONE(s) and STATE(s)[0] == "64" and s["maximize.shown"] != before)
        for control, value in (("maximize.scale", 20), ("maximize.rotation", 45)) if turn == 0 else ():
            before = window.read()[1]["maximize.shown"]
            window.set_number(control, value)
            window.wait("a search with other motions", lambda s: DONE(s) and STATE(s)[0] == "64" and s["maximize.shown"] != before)
            window.shot("2-motions")
    window.click("maximize.save")
    saved = window.wait("the pictures", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
    with open(saved, "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n", saved
    window.click("maximize.objective")
    window.click("maximize.objective.mean of the map")
    window.wait("pictures of the size of the image", lambda s: DONE(s) and STATE(s)[3] == "128x128", 120)
    window.click("maximize.objective")
    window.click("maximize.objective.one value")
    window.wait("pictures of the receptive field", lambda s: DONE(s) and STATE(s)[3] == "11x11")


def deeper(program, folder):
    """A deeper layer: while it is searched, the window goes on; hidden, it pauses."""
    with Window(program, os.path.join(folder, "deeper"), arguments=["--network", "alexnet", "--layer", "features.6"]) as window:
        window.wait("the grid", READY)
        window.key("o")
        window.wait("some steps", lambda s: int(STATE(s)[0]) > 3 and STATE(s)[3] == "99x99", 120)
        window.key("Escape")
        window.wait("the grid", lambda s: s["tool"] == "grid")
        window.key("o")
        window.wait("the search going on", lambda s: int(STATE(s)[0]) > 4)
        window.wait("its end", lambda s: DONE(s) and STATE(s)[0] == "64", 240)
        window.shot("3-deeper")
        window.quit()


def time_line(program, folder, image):
    """A photo, a channel of features.6, and the pictures of an earlier step, in a session that another window opens."""
    with Window(program, os.path.join(folder, "time"), arguments=["--network", "alexnet", "--layer", "features.6", image]) as window:
        window.wait("the grid", READY)
        window.key("o")
        window.wait("the search", lambda s: DONE(s) and STATE(s)[0] == "64", 240)
        window.click("maximize.pictures", 0.06, 0.06)
        window.wait("the channel", lambda s: s["selected"] == "0")
        window.click("maximize.play")
        end = window.wait("64 more steps", lambda s: DONE(s) and STATE(s)[0] == "128", 240)["maximize.shown"]
        window.click("maximize.step", 0.3, 0.5)
        shown = window.wait("an earlier step", lambda s: s["maximize.shown"] != end)["maximize.shown"]
        assert 0 < int(shown.split()[0]) < 128, shown
        window.shot("6-earlier")
        window.key("ctrl+s")
        saved = window.wait("the session", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
        window.quit()
    with Window(program, os.path.join(folder, "again"), arguments=[saved]) as window:
        window.wait("the same step, found again", lambda s: DONE(s) and s.get("maximize.shown") == shown and STATE(s)[0] == "128" and s["selected"] == "0", 240)
        window.click("maximize.step", 0.99, 0.5)
        window.wait("the newest step", lambda s: s["maximize.shown"] == end)
        window.quit()


def patches(program, folder, images):
    """The strongest patches of two images, one of which is pinned."""
    with Window(program, os.path.join(folder, "patches"), arguments=["--network", "alexnet", "--layer", "features.3", "--resize", "224x224", *images]) as window:
        window.wait("the grid", READY)
        window.key("o")
        window.click("maximize.patches")
        window.wait("a patch of each channel", lambda s: s.get("maximize.patches") == "64 0 51x51")
        window.click("maximize.best", 0.06, 0.06)
        window.wait("the strongest patches of the channel", lambda s: s["selected"] == "0" and s["maximize.patches"] == "64 9 51x51")
        window.click("maximize.nine", 0.5, 0.2)
        states = window.wait("the pinned value", lambda s: READY(s) and s["pin"] != "-")
        assert states["pin"].split()[0] == "0", states["pin"]
        window.shot("7-patches")
        window.click("maximize.save_patches")
        window.wait("the picture", lambda s: s["note"].startswith("saved ") and s["note"].endswith("-patches.png"))
        window.click("maximize.search")
        window.wait("the search", lambda s: int(STATE(s)[0]) > 0)
        window.quit()


def series(program, folder, assets, image):
    """The strongest patches of a folder, of CIFAR-10's pictures and of a video; a picture of them opened and pinned; stopped, and saved."""
    pictures = os.path.join(folder, "series")
    os.makedirs(os.path.join(pictures, "more"), exist_ok=True)
    for name in ("brick", "grass", "gravel", "coffee"):
        shutil.copy(os.path.join(assets, "images", name + ".png"), os.path.join(pictures, "more"))
    with open(os.path.join(pictures, "broken.png"), "wb") as file:
        file.write(b"\x89PNG broken")
    shutil.copy(image, pictures)
    found = lambda s: s.get("maximize.series", "0/0 0 idle").split()
    with Window(program, os.path.join(folder, "series-window"), arguments=["--network", "alexnet", "--layer", "features.3", "--resize", "224x224", image]) as window:
        window.wait("the grid", READY)
        window.key("o")
        window.click("maximize.patches")
        window.click("maximize.source")
        window.click("maximize.source.a folder ...")
        window.click("browser.path")
        window.key("ctrl+a")
        window.type(pictures)
        window.key("Return")
        window.click("browser.look")
        window.wait("all pictures of the folder", lambda s: found(s) == ["6/6", "1", "idle"], 120)
        window.click("maximize.best", 0.06, 0.06)
        window.wait("the strongest patches of the channel", lambda s: s["maximize.patches"] == "64 9 51x51" and s["selected"] == "0")
        window.shot("8-folder")
        depth = int(window.read()[1]["undo_depth"])
        for at in (0.17, 0.5, 0.84):  # one of three is of another picture than that on screen
            window.click("maximize.nine", at, 0.17)
            window.wait("the pinned value", lambda s: READY(s) and s["pin"].split()[0] == "0")
        states = window.wait("another picture", lambda s: READY(s) and int(s["undo_depth"]) > depth)
        assert found(states)[0] == "6/6", states["maximize.series"]
        window.shot("9-opened")
        window.key("ctrl+s")
        saved = window.wait("the session", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
        window.quit()
    clip = os.path.join(folder, "clip.y4m")
    with open(clip, "wb") as file:
        file.write(b"YUV4MPEG2 W64 H64 F25:1 C420jpeg\n")
        for n in range(200):
            file.write(b"FRAME\n" + bytes((16 + (x * n) % 200) for x in range(64 * 64)) + bytes([128]) * (64 * 64 // 2))
    cifar = os.path.join(folder, "cifar")
    os.makedirs(cifar, exist_ok=True)
    for name in ("data_batch_1.bin", "test_batch.bin"):
        with open(os.path.join(cifar, name), "wb") as file:
            file.write(b"".join(bytes([i % 10]) + bytes((i * j) % 251 for j in range(3072)) for i in range(400)))
    with Window(program, os.path.join(folder, "series-again"), arguments=[saved]) as window:
        window.wait("the same search", lambda s: found(s) == ["6/6", "1", "idle"] and s["maximize.patches"] == "64 9 51x51", 120)
        window.click("maximize.source")
        window.click("maximize.source.a folder ...")
        window.click("browser.path")
        window.key("ctrl+a")
        window.type(cifar)
        window.key("Return")
        window.click("browser.look")
        window.wait("some pictures of the data set", lambda s: found(s)[0].endswith("/400") and int(found(s)[0].split("/")[0]) > 3, 120)
        window.click("maximize.stop")
        window.wait("a stopped search", lambda s: found(s)[2] == "idle")
        window.rest()  # the running step ends
        stopped = found(window.read()[1])[0]
        window.shot("10-stopped")
        window.frames(30)
        assert found(window.read()[1])[0] == stopped
        window.click("maximize.stop")
        window.wait("more pictures", lambda s: int(found(s)[0].split("/")[0]) > int(stopped.split("/")[0]))
        window.click("maximize.source")
        window.click("maximize.source.the image")
        window.wait("the patches of the image", lambda s: s["maximize.patches"].startswith("64 9"))
        window.quit()
    with Window(program, os.path.join(folder, "series-video"), arguments=[clip]) as window:
        window.wait("the grid", READY)
        window.key("o")
        window.click("maximize.patches")
        window.click("maximize.source")
        window.click("maximize.source.the video")
        window.wait("all frames", lambda s: found(s) == ["200/200", "0", "idle"], 120)
        window.click("maximize.best", 0.06, 0.06)
        window.wait("a frame of the video", lambda s: READY(s) and s["pin"] != "-" and s.get("video", "-").split()[0] != "0")
        window.shot("11-video")
        window.quit()


def refused(program, folder):
    """A layer that can't be searched: the sentence, and the grid as before."""
    network = os.path.join(folder, "wide.json")
    with open(network, "w") as file:
        file.write('{"name": "wide", "layers": [{"name": "conv1", "type": "Conv2d", "in_channels": 3, "out_channels": 4, "kernel_size": 3, "dilation": 600, "padding": 600}]}')
    with Window(program, os.path.join(folder, "wide"), arguments=["--network", network]) as other:
        other.wait("the grid", READY)
        other.key("o")
        other.wait("the sentence", lambda s: s.get("maximize.error", "").startswith("conv1: ") and "1201x1201" in s["maximize.error"])
        other.shot("4-refused")
        other.quit()


def low_window(program, folder):
    """In a low window the options are in a popup."""
    with Window(program, os.path.join(folder, "low"), arguments=["--ui-scale", "2"]) as window:
        window.wait("the grid", READY)
        window.key("o")
        window.wait("the search", lambda s: DONE(s) and STATE(s)[0] == "64")
        window.click("maximize.recipe")
        window.click("maximize.decay")
        window.wait("a search from the start", lambda s: DONE(s) and STATE(s)[0] == "64")
        window.shot("5-recipe")
        window.quit()


def main():
    program, shots, assets = sys.argv[1:4]
    folder = os.path.join(os.path.abspath(shots), "files")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    image = shutil.copy(os.path.join(assets, "images", "cat.png"), folder)
    with Window(program, shots, arguments=[image]) as window:
        window.wait("the first grid", READY)
        search(window)
        window.quit()
    deeper(program, os.path.abspath(shots))
    time_line(program, os.path.abspath(shots), image)
    patches(program, os.path.abspath(shots), [image, shutil.copy(os.path.join(assets, "images", "brick.png"), folder)])
    series(program, os.path.abspath(shots), assets, image)
    refused(program, os.path.abspath(shots))
    low_window(program, os.path.abspath(shots))


main()
