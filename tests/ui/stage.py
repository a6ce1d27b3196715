"""Lecture mode: every layout in both themes fills the screen and shows its texts."""
import json
import os
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s and s.get("scene_shown") == "1"
PICTURE = {"input": {"images": ["sample:cat"]}, "kernels": {"bank": "random", "out_channels": 7, "kernel_size": 5, "seed": 1}, "conv": {"padding": 2}}
TEXT = "The layer has **{parameters} parameters** and makes {output_shape}.\n- each output is $\\sum_{c=1}^3 \\sum_{i,j} w_{cij} x_{cij} + b$\n- its size is $\\floor{\\frac{n + 2p - k}{s}} + 1$"
SCENES = [{"title": f"Layout {layout}", "text": TEXT, "number": "{parameters}", "layout": layout, "document": PICTURE, **more}
          for layout, more in (("full", {}), ("text", {}), ("side_by_side", {}), ("side_by_side", {"second": "kernels"}), ("number", {}))]
SCENES.append({"title": "The weight-sharing lab", "text": "Only two of its layers.", "document": PICTURE, "view": {"tool": "lab", "lab": {"show": ["full", "conv"], "lit": "full"}}})


def covered(window, size):
    """Checks that the picture fills the area that the scene gives it along one axis at least."""
    rectangles = window.read()[0]
    if "picture" in rectangles:
        (x0, y0, x1, y1), (a0, b0, a1, b1) = rectangles["picture"], rectangles["grid"]
        assert x1 - x0 > 0.9 * (a1 - a0) or y1 - y0 > 0.85 * (b1 - b0), (rectangles["picture"], rectangles["grid"])
        assert a1 - a0 > size[0] * 0.4 and b1 - b0 > size[1] * 0.4, rectangles["grid"]


def quiz(window):
    """Random questions, answered by keys."""
    window.key("F5")
    window.wait("the panels", lambda s: s["lecture"] == "0")
    window.click("menu.Lecture")
    window.click("menu.quiz")
    for number, key in enumerate("abcd", 1):
        window.wait(f"question {number}", lambda s: READY(s) and s["lecture"] == "1" and s["scene"] == f"{number} of 12" and s["place"] == "1 of 2", 120)
        window.shot(f"question-{number}")
        window.key("alt+" + key)
        window.wait("the answer", lambda s: READY(s) and s["place"] == "2 of 2" and s["reply"] != "-")
        window.shot(f"answer-{number}")
        window.key("Next")


def play(program, shots, size):
    path = os.path.join(shots, "layouts.json")
    with open(path, "w") as file:
        json.dump({"convlens": "lecture", "version": 1, "title": "Layouts", "scenes": SCENES}, file)
    with Window(program, shots, size=size, arguments=["--scenes", path]) as window:
        window.wait("the first scene", lambda s: READY(s) and s["scene"] == f"1 of {len(SCENES)}")
        window.key("F5")
        window.wait("lecture mode", lambda s: s["lecture"] == "1")
        for theme in ("dark", "light"):
            for i in range(1, len(SCENES) + 1):
                window.wait(f"scene {i}", lambda s: READY(s) and s["scene"] == f"{i} of {len(SCENES)}" and s["error"] == "-")
                window.park()
                window.frames(4)
                covered(window, size)
                window.shot(f"{theme}-{size[0]}-{i}")
                if i < len(SCENES):
                    window.key("Next")
            assert "lab.full" in window.read()[0] and "lab.local" not in window.read()[0]
            window.key("ctrl+l")
            for _ in SCENES[1:]:
                window.key("Prior")
        if size[0] == 1280:
            quiz(window)
        window.quit()


def main():
    program, shots = sys.argv[1:3]
    os.makedirs(shots, exist_ok=True)
    play(program, shots, (1280, 720))
    play(program, shots, (1024, 768))


main()
