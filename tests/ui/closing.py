"""Closing the window: files that are being saved are saved first, what can't be saved is said, and an unsaved lecture is asked about."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

from driver import Window
from driver.drop import drop

READY = lambda s: s.get("busy") == "0" and "output" in s


def start(program, shots, name, image):
    """A window on a copy of an image in a folder of its own, where its files are saved. Returns both."""
    folder = os.path.join(os.path.abspath(shots), name)
    for old in (folder, folder + "-gone"):
        shutil.rmtree(old, ignore_errors=True)
    os.makedirs(folder)
    shutil.copy(image, os.path.join(folder, "picture.png"))
    window = Window(program, os.path.join(os.path.abspath(shots), name + "-window"), arguments=[os.path.join(folder, "picture.png")])
    window.wait("the first grid", lambda s: READY(s) and s["output"].startswith("1x64x"))
    return window, folder


def press(window, *keys):
    """Sends keys without waiting for a frame between them."""
    for key in keys:
        window.input.key(key, True)
        window.input.key(key, False)
        time.sleep(0.003)  # GLFW drops a key that is pressed twice in one millisecond


def saves_first(program, shots, image):
    window, folder = start(program, shots, "saving", image)
    with window:
        press(window, "ctrl+s", "ctrl+e", "ctrl+s", "ctrl+q")
        assert window.program.wait(timeout=60) == 0
    files = sorted(os.listdir(folder))
    assert files == ["picture-grid.png", "picture-session-2.json", "picture-session.json", "picture.png"], files
    with open(os.path.join(folder, "picture-grid.png"), "rb") as file:
        assert file.read().endswith(b"IEND\xaeB`\x82")
    for name in files[1:3]:
        with open(os.path.join(folder, name)) as file:
            assert json.load(file)["convlens"] == "session"


def says_what_is_lost(program, shots, image):
    window, folder = start(program, shots, "unwritable", image)
    with window:
        os.rename(folder, folder + "-gone")
        press(window, "ctrl+s", "ctrl+q")
        window.wait("a sentence, and the window stays", lambda s: "picture-session.json" in s["error"] and s["closing"] != "saving")
        window.frames()
        if window.read()[1]["closing"] == "asking":  # if the error came before Ctrl+Q
            window.click("closing.stay")
        window.click("menu.Lecture")
        window.click("menu.motion")  # saves the settings
        window.wait("the settings changed", lambda s: s["note"].startswith("lectures "))
        window.key("ctrl+q")
        states = window.wait("the question", lambda s: s["closing"] == "asking")
        assert "picture-session.json" in states["error"], "what else was saved has hidden the sentence: " + states["error"]
        window.shot("not_saved")
        window.click("closing.stay")
        os.rename(folder + "-gone", folder)
        window.key("ctrl+s")
        window.wait("the session saved", lambda s: "saved" in s["note"] and s["error"] == "-")
        window.quit()
    assert sorted(os.listdir(folder)) == ["picture-session.json", "picture.png"], os.listdir(folder)


def asks_about_a_lecture(program, shots, image):
    here = os.path.join(os.path.abspath(shots), "here")
    shutil.rmtree(here, ignore_errors=True)
    os.makedirs(here)
    os.chdir(here)  # a new lecture is saved in the current folder
    window, _ = start(program, shots, "lecture", image)
    with window:
        window.key("F7")
        window.wait("a lecture of one scene", lambda s: s["scene"] == "1 of 1")
        window.key("ctrl+q")
        window.wait("the question", lambda s: s["closing"] == "asking")
        window.shot("asking")
        window.click("closing.stay")
        window.wait("the window as before", lambda s: s["closing"] == "-")
        window.key("ctrl+q")
        window.wait("the question again", lambda s: s["closing"] == "asking")
        window.click("closing.save")
        assert window.program.wait(timeout=20) == 0
    with open(os.path.join(here, "lecture.json")) as file:
        assert len(json.load(file)["scenes"]) == 1


def opens_in_order(program, shots, image, assets, checkpoints):
    """A network's file and its weights, dropped together, and an image."""
    window, folder = start(program, shots, "together", image)
    network = os.path.join(folder, "net.json")
    subprocess.run([program, "network", "--network", "largenet", "--save-layers", network], check=True, stdout=subprocess.DEVNULL)
    with window:
        x0, y0, x1, y1 = window.read()[0]["grid"]
        at = ((x0 + x1) // 2, (y0 + y1) // 2)
        drop(window, [os.path.join(checkpoints, "largenet_zip.pth"), os.path.join(assets, "images", "coffee.png"), network], *at)
        states = window.wait("network, weights and image", lambda s: READY(s) and s["layers"] == "9" and "8 of 8 arrays" in s.get("report", ""))
        assert states["error"] == "-", states["error"]
        with open(network, "w") as file:
            file.write("{ not a network")
        before = window.wait("rest", READY)
        drop(window, [os.path.join(checkpoints, "largenet_zip.pth"), network], *at)
        states = window.wait("a sentence about the network", lambda s: READY(s) and "net.json" in s["error"])
        for key in ("output", "kernels", "layers"):
            assert states[key] == before[key], f"{key} changed to {states[key]}"
        window.quit()


def kept_after_signals(program, shots, image):
    """Two windows with changed lectures get SIGTERM: both lectures are offered, one after the other, also if an offer is not answered."""
    state = os.path.join(os.path.abspath(shots), "state-of-both")
    shutil.rmtree(state, ignore_errors=True)
    folder = os.path.join(os.path.abspath(shots), "signals")
    shutil.rmtree(folder, ignore_errors=True)
    windows = [Window(program, os.path.join(folder, name), arguments=[image], state=state) for name in ("one", "two")]
    for count, window in enumerate(windows, 1):
        window.wait("the first grid", READY)
        for number in range(1, count + 1):
            window.key("F7")
            window.wait("a scene", lambda s: s["scene"] == f"{number} of {number}")
        window.program.send_signal(signal.SIGTERM)  # at once: nothing has been saved automatically yet
    for window in windows:
        assert window.program.wait(timeout=20) == 0
        window.kill()
    for answered in (False, True):
        with Window(program, os.path.join(folder, "offer"), arguments=[image], state=state) as window:
            window.wait("the offer", lambda s: READY(s) and s["crashed"] == "offered")
            if answered:
                window.click("crashed.open")
                first = window.wait("a lecture", lambda s: s["scene"] in ("1 of 1", "1 of 2"))["scene"]
                window.key("ctrl+q")
                window.click("closing.discard")
                assert window.program.wait(timeout=20) == 0
            else:
                window.quit()
    with Window(program, os.path.join(folder, "offer"), arguments=[image], state=state) as window:
        window.wait("the other offer", lambda s: READY(s) and s["crashed"] == "offered")
        window.click("crashed.open")
        second = window.wait("the other lecture", lambda s: s["scene"] in ("1 of 1", "1 of 2"))["scene"]
        assert {first, second} == {"1 of 1", "1 of 2"}, (first, second)
        window.key("ctrl+q")
        window.click("closing.discard")
        assert window.program.wait(timeout=20) == 0
    left = [f for f in os.listdir(os.path.join(state, "convlens")) if f != "settings.json"]
    assert not left, left


def main():
    program, shots, assets, checkpoints = (os.path.abspath(a) for a in sys.argv[1:5])
    image = os.path.join(assets, "images", "grass.png")
    saves_first(program, shots, image)
    says_what_is_lost(program, shots, image)
    opens_in_order(program, shots, image, assets, checkpoints)
    asks_about_a_lecture(program, shots, image)
    kept_after_signals(program, shots, image)


main()
