"""The lecture "Convolution as a linear system", played by keys from its first scene to its last, in both themes."""
import json
import os
import sys

from driver import Window

SHOWN = lambda s: s.get("busy") == "0" and "output" in s and s.get("scene_shown") == "1" and s["error"] == "-" and ready(s)
STUDIES = ("6", "7", "8", "9", "10")


def ready(states):
    """Whether the tool Filters has computed what is on screen."""
    part = states.get("filters", "-").split()[0]
    return part not in STUDIES or states.get("filters.study", "-").split()[:2] == [part, "ready"]


def open_lecture(window):
    window.wait("the grid", lambda s: s.get("busy") == "0" and "output" in s)
    window.key("F6")
    window.wait_control("lecture.open.linear_system.json")
    window.click("lecture.open.linear_system.json")
    window.wait("the lecture", lambda s: s.get("scene") == "1 of 12")
    window.key("Escape")
    window.key("F5")
    window.wait("lecture mode", lambda s: s["lecture"] == "1")


def places(scene):
    """The places of a scene, with the key that leads to the next one: Page Down, or that of the right answer."""
    keys = ["Next"]
    for step in scene.get("steps", []):
        if "ask" in step:
            keys += ["alt+" + "abcdef"[step["ask"]["choices"].index(step["ask"]["answer"])], "Next"]
        else:
            keys += ["Next"]
    return keys


def play(window, scenes, name):
    """Goes forward by keys through all places, and takes a picture of each."""
    for i, scene in enumerate(scenes, 1):
        keys = places(scene)
        for k, key in enumerate(keys, 1):
            states = window.wait(f"scene {i}, place {k}", lambda s: s["scene"] == f"{i} of {len(scenes)}" and s["place"] == f"{k} of {len(keys)}" and SHOWN(s), 120)
            tool = scene.get("view", {}).get("tool", "grid")
            assert states["tool"] == tool, (i, states["tool"], tool)
            assert states.get("filters.study.error", "-") == "-", states["filters.study.error"]
            window.park()
            window.rest()
            window.shot(f"{name}-{i:02}-{k}")
            if (i, k) != (len(scenes), len(keys)):
                window.key(key)


def main():
    program, shots, assets = sys.argv[1:4]
    with open(os.path.join(assets, "lectures", "linear_system.json")) as file:
        scenes = json.load(file)["scenes"]
    assert len(scenes) == 12
    with Window(program, shots) as window:
        open_lecture(window)
        play(window, scenes, "dark")
        window.key("ctrl+l")
        while (window.read()[1]["scene"], window.read()[1]["place"][:2]) != ("1 of 12", "1 "):
            before = (window.read()[1]["scene"], window.read()[1]["place"])
            window.key("Prior")
            window.wait("the place before", lambda s: (s["scene"], s["place"]) != before)
        play(window, scenes, "light")
        window.quit()


main()
