"""The list of scenes: copy, move by buttons and by dragging, remove, layout, title, text and notes; every change is undone and done again."""
import json
import os
import shutil
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def order(window, what, wanted):
    return window.wait(what, lambda s: s.get("scenes", "").split("|") == wanted)


def make(window):
    """Three scenes with the titles A, B and C."""
    for number, letter in enumerate("ABC"):
        window.key("F7")
        window.wait("a scene more", lambda s: s["scene"] == f"{number + 1} of {number + 1}")
        window.key("F6")
        window.click("scene.title")
        window.key("ctrl+a")
        window.type(letter.lower())
        window.wait("the title", lambda s: s["scenes"].endswith(letter.lower()))
        window.key("Escape")
        window.key("Escape")
        window.frames(2)
    window.key("F6")
    window.wait_control("scene.2")
    order(window, "three scenes", ["a", "b", "c"])


def change(window):
    window.click("scene.0.copy")
    order(window, "a copy", ["a", "a", "b", "c"])
    window.click("lecture.undo")
    order(window, "without the copy", ["a", "b", "c"])
    window.click("lecture.redo")
    order(window, "the copy again", ["a", "a", "b", "c"])
    window.click("scene.1.remove")
    order(window, "removed", ["a", "b", "c"])
    window.click("scene.0.down")
    order(window, "moved down", ["b", "a", "c"])
    window.click("scene.2.up")
    order(window, "moved up", ["b", "c", "a"])
    window.shot("1-list")
    x0, y0, x1, y1 = window.read()[0]["scene.2"]
    top = window.read()[0]["scene.0"][1]
    window.point("scene.2", 0.2)
    window.input.button(1, True)
    for y in range((y0 + y1) // 2, top + 4, -6):
        window.input.move(x0 + (x1 - x0) // 5, y)
        window.frames(1)
    window.frames(2)
    window.input.button(1, False)
    order(window, "dragged to the top", ["a", "b", "c"])
    for wanted in (["b", "c", "a"], ["b", "a", "c"], ["a", "b", "c"]):
        window.click("lecture.undo")
        order(window, "undone", wanted)


def fields(window, shots):
    window.click("scene.0")
    window.wait("the first scene", lambda s: READY(s) and s["scene"] == "1 of 3")
    window.click("scene.layout")
    window.click("scene.layout.text")
    window.click("scene.text")
    window.type("one")
    window.click("scene.notes")
    window.type("say two")
    window.frames(2)
    window.shot("2-fields")
    window.click("lecture.save")
    saved = window.wait("the file", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
    with open(os.path.join(shots, saved) if not os.path.isabs(saved) else saved) as file:
        scenes = json.load(file)["scenes"]
    assert [s["title"] for s in scenes] == ["a", "b", "c"], scenes
    assert (scenes[0]["layout"], scenes[0]["text"], scenes[0]["notes"]) == ("text", "one", "say two"), scenes[0]
    for _ in range(3):  # notes, text, layout
        window.click("lecture.undo")
    window.click("lecture.save")
    window.wait("the file again", lambda s: s["note"].startswith("saved "))
    window.wait("saved without them", lambda s: "layout" not in json.load(open(saved))["scenes"][0] and "notes" not in json.load(open(saved))["scenes"][0])


def replace(window):
    """Opening another lecture asks about changes: it is not opened, they are saved, or they are lost."""
    window.click("lecture.open.filters.json")
    window.wait("the other lecture at once, because nothing is unsaved", lambda s: READY(s) and s["scene"] == "1 of 10")
    for number, (answer, then) in enumerate((("stay", "2 of 11"), ("save", "1 of 7"), ("discard", "1 of 10"))):
        if "lecture.capture" not in window.read()[0]:  # the answer, beside the list, has closed it
            window.key("F6")
        window.click("lecture.capture")
        if number != 1:
            window.wait("a change", lambda s: READY(s) and s["scene"].startswith("2 of "))
        window.wait_control("lecture.open.features.json")
        window.click("lecture.open." + ("filters.json" if answer == "discard" else "features.json"))
        window.wait("the question", lambda s: s["replacing"] == "1")
        window.shot("4-replace")
        window.click("replace." + answer)
        states = window.wait("the answer", lambda s: READY(s) and s["replacing"] == "0" and (answer == "stay" or s["scene"].startswith("1 of ")))
        print(answer, states["scene"], states["note"])
        if answer == "stay":
            assert states["scene"] == then, states["scene"]
            window.key("F6")
            window.click("lecture.undo")


def main():
    program, shots = sys.argv[1], os.path.abspath(sys.argv[2])
    folder = os.path.join(shots, "files")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with Window(program, shots, folder=folder) as window:
        window.wait("the first grid", READY)
        window.key("F6")
        window.click("lecture.open.filters.json")
        window.wait("a lecture that comes with Convlens", lambda s: READY(s) and s["scene"] == "1 of 10" and s["scene_shown"] == "1")
        window.shot("0-lectures")
        window.quit()
    with Window(program, shots, folder=folder) as window:
        window.wait("the first grid", READY)
        make(window)
        change(window)
        fields(window, folder)
        replace(window)
        window.key("Escape")
        window.quit()


main()
