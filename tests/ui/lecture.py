"""A lecture by keyboard: every scene of the lecture that comes with Convlens, exploring and returning, capturing; a crash and its session."""
import glob
import os
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s
SCENES = 13


def steps(window):
    window.wait("the lecture's first scene", lambda s: READY(s) and s["scene"] == f"1 of {SCENES}" and s["scene_shown"] == "1")
    window.key("F5")
    window.wait("lecture mode", lambda s: s["lecture"] == "1")
    window.park()
    outputs = []
    for i in range(1, SCENES + 1):
        states = window.wait(f"scene {i}", lambda s: READY(s) and s["scene"] == f"{i} of {SCENES}" and s["scene_shown"] == "1" and s["error"] == "-")
        outputs.append(states["output"])
        window.shot(f"scene-{i:02}")
        window.key("Next")
    assert outputs[4] == "32x7x128x128" and outputs[8] == "1x5x28x28" and outputs[11] == "1x64x74x112", outputs
    window.wait("the last scene stays", lambda s: READY(s) and s["scene"] == f"{SCENES} of {SCENES}")
    window.key("Prior")
    window.wait("one back", lambda s: READY(s) and s["scene"] == f"12 of {SCENES}" and s["output"] == "1x64x74x112")


def explore(window):
    window.key("s")
    window.wait("a larger stride", lambda s: READY(s) and s["output"] == "1x64x59x89")
    window.key("BackSpace")
    window.wait("the scene as it was", lambda s: READY(s) and s["output"] == "1x64x74x112")
    window.key("F8")
    window.input.move(500, 300)
    window.frames()
    window.shot("spotlight")
    window.key("F8")
    window.input.move(900, 700)
    window.frames()
    window.shot("controls")
    window.click("lecture.end")
    window.wait("the panels back", lambda s: s["lecture"] == "0")


def capture(window):
    window.key("F7")
    window.wait("a scene more", lambda s: s["scene"] == f"13 of {SCENES + 1}")
    window.key("F6")
    window.wait_control("scene.0")
    window.shot("list")
    window.click("scene.12.up")
    window.wait("the scene one place up", lambda s: s["scene"] == f"12 of {SCENES + 1}")
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


def main():
    program, shots, assets = sys.argv[1:4]
    with Window(program, shots, arguments=["--scenes", os.path.join(assets, "lectures", "cnn.json")]) as window:
        steps(window)
        explore(window)
        capture(window)
        crash(window, program, shots)


main()
