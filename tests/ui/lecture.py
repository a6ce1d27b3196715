"""Lectures by keyboard: every step of those that come with Convlens forward and back; questions, exploring and returning, capturing; a crash and its session."""
import glob
import json
import os
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s
STILL = lambda s: READY(s) and s["scene_shown"] == "1"
SCENES = 15


def place(states):
    return states["scene"], states["place"]


def play(window, scenes=SCENES):
    """Goes forward to the end and back to the beginning. Returns what was on screen at each place."""
    window.wait("the lecture's first scene", lambda s: STILL(s) and s["scene"] == f"1 of {scenes}")
    window.key("F5")
    window.wait("lecture mode", lambda s: s["lecture"] == "1")
    window.park()
    seen = []
    while True:
        states = window.wait("the next place", lambda s: STILL(s) and s["error"] == "-" and (not seen or place(s) != place(seen[-1])), 120)
        seen.append(states)
        window.shot(f"scene-{int(states['scene'].split()[0]):02}-{states['place'].split()[0]}")
        number, places = states["place"].split(" of ")
        if states["scene"] == f"{scenes} of {scenes}" and number == places:
            break
        window.key("Next")
    window.key("Next")
    window.wait("the last place stays", lambda s: STILL(s) and place(s) == place(seen[-1]))
    for expected in reversed(seen[:-1]):
        window.key("Prior")
        states = window.wait(f"back at {place(expected)}", lambda s: STILL(s) and place(s) == place(expected), 120)
        for name in ("state", "output", "layer", "enlarged", "zoom", "pin", "tool"):
            assert states[name] == expected[name], (place(expected), name, states[name], expected[name])
    return seen


def check(seen):
    first = {s["scene"].split()[0]: s["output"] for s in reversed(seen)}
    assert len(first) == SCENES and first["5"] == "32x7x128x128" and first["9"] == "1x5x28x28" and first["13"] == "1x64x74x112", first
    assert len(seen) > 2 * SCENES, len(seen)
    types = {}
    for states in seen:
        types.setdefault(states["scene"], set()).add(states["caption.em"])
    assert all(len(sizes) == 1 for sizes in types.values()), f"the type of the text changes inside of a scene: {types}"
    assert len({s["state"] for s in seen}) > SCENES + 10, "steps change what is on screen"


def hurry(window):
    """Keys that come during transitions and while a scene is loaded are not lost."""
    for _ in range(4):
        window.key("Next")
    window.wait("the fifth place", lambda s: STILL(s) and place(s) == (f"2 of {SCENES}", "1 of 2"))
    for _ in range(4):
        window.key("Prior")
    window.wait("the beginning", lambda s: STILL(s) and place(s) == (f"1 of {SCENES}", "1 of 4"))


def without_motion(window):
    """Steps change at once, after the command was given, and move again after it was given once more."""
    for number in range(2):
        window.key("ctrl+p")
        window.type("animation in lectures")
        window.key("Return")
        window.wait("the note", lambda s: s["note"] == ("lectures change without animation" if number == 0 else "lectures are animated"))


def answer(window, scene, count):
    """Goes to the first question of a scene by its number and waits until it is open."""
    for _ in range(60):
        states = window.read()[1]
        if states["scene"] == f"{scene} of {SCENES}" and states["place"] == count and STILL(states):
            return
        before = place(states)
        window.key("Next")
        window.wait("the next place", lambda s: STILL(s) and place(s) != before, 120)
    raise AssertionError(f"no place {count} in scene {scene}")


def questions(window):
    answer(window, 1, "3 of 4")
    window.key("alt+b")
    window.wait("the answer", lambda s: STILL(s) and s["place"] == "4 of 4" and s["reply"] == "300 million")
    window.shot("wrong")
    window.key("Prior")
    window.wait("the question again", lambda s: STILL(s) and s["place"] == "3 of 4" and s["reply"] == "-")
    window.click("lecture.answer.2")
    window.wait("the right answer", lambda s: STILL(s) and s["place"] == "4 of 4" and s["reply"] == "3 billion")
    answer(window, 3, "3 of 4")
    window.click("lecture.typed")
    window.type("25")
    window.key("Return")
    window.wait("the typed answer", lambda s: STILL(s) and s["place"] == "4 of 4" and s["reply"] == "25")
    window.shot("right")
    answer(window, 4, "3 of 4")
    window.shot("kernels")
    window.click("lecture.answer.2")
    window.wait("the kernel", lambda s: STILL(s) and s["place"] == "4 of 4" and s["reply"] == "C")
    window.park()


def explore(window):
    answer(window, 13, "1 of 4")
    window.key("s")
    window.wait("a larger stride", lambda s: READY(s) and s["output"] == "1x64x59x89")
    window.key("BackSpace")
    window.wait("the scene as it was", lambda s: STILL(s) and s["output"] == "1x64x74x112")
    window.key("F8")
    window.input.move(500, 300)
    window.frames()
    window.shot("spotlight")
    window.key("F8")
    window.input.move(900, 700)
    window.frames()
    window.shot("controls")
    window.click("lecture.next")
    window.wait("the next step", lambda s: STILL(s) and s["place"] == "2 of 4")
    window.click("lecture.previous")
    window.wait("the step before", lambda s: STILL(s) and s["place"] == "1 of 4")
    window.click("lecture.return")
    window.wait("the scene again", lambda s: STILL(s) and s["place"] == "1 of 4")
    window.click("lecture.theme")
    window.frames()
    window.click("lecture.theme")
    window.click("lecture.end")
    window.wait("the panels back", lambda s: s["lecture"] == "0")


def capture(window):
    window.key("F7")
    window.wait("a scene more", lambda s: s["scene"] == f"14 of {SCENES + 1}")
    window.key("F6")
    window.wait_control("scene.13.up")
    window.shot("list")
    window.click("scene.13.up")
    window.wait("the scene one place up", lambda s: s["scene"] == f"13 of {SCENES + 1}")
    window.key("Escape")


def crash(window, program, shots):
    state = os.path.join(window.environment["XDG_STATE_HOME"], "convlens")
    window.key("ctrl+2")
    window.wait("random kernels", lambda s: READY(s) and s["output"].startswith("1x7x"))
    found = []
    for _ in range(60):
        found = [f for f in glob.glob(state + "/autosave-*.json") if '"random"' in open(f).read()]
        if found:
            break
        window.frames(4)
    assert found, f"no autosave in {state}"
    # An edit of the document does not write the lecture again.
    (lecture,) = glob.glob(state + "/lecture-*.json")
    before, written = open(found[0]).read(), os.stat(lecture)
    window.key("s")
    for _ in range(60):
        if open(found[0]).read() != before:
            break
        window.frames(4)
    assert open(found[0]).read() != before, "the edit is not saved"
    assert (os.stat(lecture).st_ino, os.stat(lecture).st_mtime_ns) == (written.st_ino, written.st_mtime_ns), "the lecture was written again"
    window.kill()
    with Window(program, shots, keep_state=True) as again:
        again.wait("the first grid and the offer", lambda s: READY(s) and s["crashed"] == "offered")
        again.shot("offer")
        again.click("crashed.open")
        again.wait("the session and the changed lecture as they were",
                   lambda s: READY(s) and s["crashed"] == "-" and s["output"].startswith("1x7x") and s["scene"] == f"1 of {SCENES + 1}")
        again.key("ctrl+q")
        again.click("closing.discard")
        assert again.program.wait(timeout=20) == 0
        assert not glob.glob(state + "/autosave-*.json"), "an autosave is left behind"


def not_opened(program, shots):
    """A lecture that can't be opened: the sentence; F5 says it again and what it would show instead, and shows that the second time."""
    shots = os.path.join(os.path.abspath(shots), "not_opened")
    os.makedirs(shots, exist_ok=True)
    broken = os.path.join(shots, "broken.json")
    with open(broken, "w") as file:
        file.write('{"convlens": "lecture", "version": 1, "title": "T", "scenes": 3}')
    with Window(program, shots, arguments=["--scenes", broken]) as window:
        window.wait("the sentence", lambda s: READY(s) and "broken.json" in s["error"])
        window.key("F5")
        states = window.wait("it again", lambda s: "broken.json" in s["error"] and "once more" in s["error"])
        assert states["lecture"] == "0" and states["scene"] == "-", states
        window.shot("sentence")
        window.key("F5")
        window.wait("the lecture of Convlens", lambda s: STILL(s) and s["lecture"] == "1" and s["scene"] == f"1 of {SCENES}")
        window.key("F5")
        window.quit()


def others(program, shots, assets):
    """The other lectures that come with Convlens, forward and back."""
    for name in ("filters", "features", "linear_system"):
        path = os.path.join(assets, "lectures", name + ".json")
        with open(path, encoding="utf-8") as file:
            scenes = len(json.load(file)["scenes"])
        own = os.path.join(os.path.abspath(shots), name)
        os.makedirs(own, exist_ok=True)
        with Window(program, own, arguments=["--scenes", path]) as window:
            seen = play(window, scenes)
            assert len({s["scene"] for s in seen}) == scenes and len(seen) > scenes, (name, len(seen))
            window.key("F5")
            window.quit()


def main():
    program, shots, assets = sys.argv[1:4]
    others(program, shots, assets)
    not_opened(program, shots)
    with Window(program, shots, arguments=["--scenes", os.path.join(assets, "lectures", "cnn.json")]) as window:
        check(play(window))
        hurry(window)
        without_motion(window)
        questions(window)
        explore(window)
        capture(window)
        crash(window, program, shots)


main()
