"""The presenter's window: it opens beside the first one, goes through the lecture by keys and by its buttons, shows notes, and closes."""
import os
import subprocess
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and s.get("scene_shown") == "1"


def second(window, *words):
    """Runs an xdotool command on the presenter's window and returns its output."""
    return subprocess.run(["xdotool", "search", "--name", "^Convlens: presenter$", *words], env=window.environment, check=True,
                          capture_output=True, text=True).stdout


def main():
    program, shots, assets = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3]
    with Window(program, shots, size=(1280, 720), arguments=["--scenes", os.path.join(assets, "lectures", "cnn.json")]) as window:
        window.wait("the lecture", READY)
        window.key("F9")
        window.wait("the window", lambda s: s["presenter"] != "-")
        second(window, "windowfocus", "--sync")
        place = window.wait("the first scene", READY)["place"]
        assert place.startswith("1 of "), place
        window.key("Page_Down")
        window.wait("the next step", lambda s: READY(s) and s["place"].startswith("2 of ") and s["scene"] == "1 of 15")
        window.key("Page_Up")
        window.wait("the step before", lambda s: READY(s) and s["place"].startswith("1 of "))
        for scene in range(2, 5):
            while not window.wait("a place", READY)["scene"].startswith(f"{scene} "):
                before = window.read()[1]["scene"], window.read()[1]["place"]
                window.key("Right")
                window.wait("another place", lambda s: READY(s) and (s["scene"], s["place"]) != before)
        window.frames(4)
        window.shot("1-presenter")
        # The button Next, in the first line.
        left, top, width = (int(line.split("=")[1]) for line in second(window, "getwindowgeometry", "--shell").splitlines()[1:4])
        before = window.read()[1]["scene"], window.read()[1]["place"]
        window.input.move(left + width - round(8.3 * 16), top + 20)
        window.frames(3)
        window.input.button(1, True)
        window.frames(3)
        window.input.button(1, False)
        window.wait("another place by the button", lambda s: READY(s) and (s["scene"], s["place"]) != before)
        window.shot("2-next")
        window.key("F9")
        window.wait("no window", lambda s: s["presenter"] == "-")
        window.tool("windowfocus", "--sync")
        window.key("F9")
        window.wait("the window again", lambda s: s["presenter"] != "-")
        window.key("F6")
        window.wait_control("lecture.save")
        window.frames(30)
        window.shot("3-list")
        window.key("Escape")
        window.quit()


main()
