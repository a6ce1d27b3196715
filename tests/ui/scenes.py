"""The list of scenes: copy, move by buttons and by dragging, remove, layout, title, text and notes; every change is undone and done again.
A lecture as one file: its images and weights are deleted, the file is moved and opened in every way."""
import json
import os
import shutil
import struct
import sys
import zipfile

from driver import Window
from driver.drop import drop

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


def write_files(folder):
    """Two pictures, kernels and a lecture that names them: a picture in two scenes, kernels in a file, kernels as values, a step."""
    os.makedirs(os.path.join(folder, "pictures"))
    for name, value in (("photo", 40), ("other", 90)):
        with open(os.path.join(folder, "pictures", name + ".ppm"), "wb") as file:
            file.write(b"P6 40 30 255\n" + bytes((i * value) % 251 for i in range(40 * 30 * 3)))
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (300, 3, 3, 3), }".ljust(117) + "\n"
    with open(os.path.join(folder, "kernels.npy"), "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + b"".join(struct.pack("<f", i % 17 - 8) for i in range(8100)))
    photo, other = ({"images": [f"pictures/{name}.ppm"]} for name in ("photo", "other"))
    scenes = [{"title": "edges", "text": "", "document": {"input": photo, "kernels": {"bank": "edges"}}},
              {"title": "file", "text": "", "document": {"input": photo, "kernels": {"bank": "file", "file": "kernels.npy"}},
               "steps": [{"document": {"conv": {"stride": 2}}, "seconds": 0}]},
              {"title": "values", "text": "", "document": {"input": other, "kernels": {"bank": "values", "title": "mine", "weight": [[[[1, 0.25], [-3, 0]]]]}}}]
    with open(os.path.join(folder, "lesson.json"), "w") as file:
        json.dump({"convlens": "lecture", "version": 1, "title": "Packed", "scenes": scenes}, file)


STILL = lambda s: READY(s) and s["scene_shown"] == "1"


NAMES = ("input", "output", "layer", "kernels", "tool", "zoom")


def play(window, count, exported):
    """Goes through all places of three scenes, exports the grid of each, and returns what they show."""
    seen = []
    for scene, place in ((1, "1 of 1"), (2, "1 of 2"), (2, "2 of 2"), (3, "1 of 1")):
        if seen:
            window.key("Next")
        states = window.wait(f"place {place} of scene {scene}", lambda s: STILL(s) and s["scene"] == f"{scene} of {count}" and s["place"] == place)
        assert states["error"] == "-", states["error"]
        window.key("ctrl+e")
        note = window.wait("the grid", lambda s: s["note"].startswith("saved ") and s["note"] not in exported)["note"]
        exported.append(note)
        with open(note[len("saved "):], "rb") as file:
            seen.append(([states[name] for name in NAMES], file.read()))
    return seen


def documents(lecture):
    """Returns the documents of a lecture's scenes as text."""
    return [json.dumps([scene["document"], scene.get("steps"), scene["title"]]) for scene in lecture["scenes"]]


def check_bundle(path, original, more=()):
    """The bundle has each file once, and the documents of the original but for the paths of their files."""
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        assert sorted(file.namelist()) == sorted(["images/0-photo.ppm", "images/1-other.ppm", "lecture.json", "weights/0-kernels.safetensors", *more]), file.namelist()
        packed = documents(json.loads(file.read("lecture.json")))
    for name, inside in (("pictures/photo.ppm", "images/0-photo.ppm"), ("pictures/other.ppm", "images/1-other.ppm"), ("kernels.npy", "weights/0-kernels.safetensors")):
        original = [text.replace(name, inside) for text in original]
    assert [text for text in packed if text in original] == original, (packed, original)


def one_file(program, shots, folder):
    write_files(folder)
    home, exported = os.path.join(folder, "lesson.json"), []
    with Window(program, shots, folder=folder, arguments=[home]) as window:  # a lecture by its name alone
        seen = play(window, 3, exported)
        window.key("F6")
        window.click("lecture.save")
        window.wait("the lecture", lambda s: s["note"] == "saved " + home)
        with open(home) as file:
            original = documents(json.load(file))
        window.click("lecture.bundle")
        note = window.wait("the bundle", lambda s: s["note"].startswith("saved ") and s["note"].endswith(".zip"))["note"]
        assert note == "saved " + os.path.join(folder, "lesson.zip"), note
        window.shot("5-bundle")
        window.quit()
    bundle = os.path.join(folder, "elsewhere", "moved.zip")
    os.makedirs(os.path.dirname(bundle))
    os.rename(os.path.join(folder, "lesson.zip"), bundle)
    shutil.rmtree(os.path.join(folder, "pictures"))
    for name in ("lesson.json", "kernels.npy"):
        os.remove(os.path.join(folder, name))
    check_bundle(bundle, original)
    with Window(program, shots, folder=folder, arguments=[bundle]) as window:
        assert play(window, 3, exported) == seen, "the bundle shows something else"
        assert exported[-1].startswith("saved " + os.path.dirname(bundle) + "/1-other-grid"), exported[-1]
        window.key("F7")
        window.wait("a scene more", lambda s: s["scene"] == "4 of 4")
        window.key("ctrl+p")
        window.type("save lecture with its images")
        window.key("Return")
        window.wait("the bundle again", lambda s: s["note"] == "saved " + bundle)
        check_bundle(bundle, original)
        window.quit()
    with Window(program, shots, folder=folder, arguments=["--scenes", bundle]) as window:
        window.wait("the lecture of --scenes", lambda s: STILL(s) and s["scene"] == "1 of 4")
        window.key("ctrl+3")
        window.wait("another picture", READY)
        x0, y0, x1, y1 = window.read()[0]["grid"]
        drop(window, [bundle], (x0 + x1) // 2, (y0 + y1) // 2)
        window.wait("its first scene", lambda s: STILL(s) and [s[name] for name in NAMES] == seen[0][0])
        assert play(window, 4, exported) == seen, "after it was dropped, it shows something else"
        window.key("ctrl+o")
        window.click("browser.path")
        window.key("ctrl+a")
        window.type(bundle)
        window.key("Return")
        window.wait("the first scene again", lambda s: STILL(s) and s["scene"] == "1 of 4")
        os.rename(bundle, bundle + ".gone")
        window.key("Next")
        window.wait("a sentence about the missing file", lambda s: READY(s) and "moved.zip" in s["error"] or "photo.ppm" in s["error"])
        window.quit()


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
    shutil.rmtree(folder)
    os.makedirs(folder)
    one_file(program, shots, folder)


main()
