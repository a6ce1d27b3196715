"""The tour of the first start: six callouts over the controls; the controls work meanwhile; once ended or skipped, it never comes again by itself."""
import os
import shutil
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def main():
    program, shots = sys.argv[1], os.path.abspath(sys.argv[2])
    state = os.path.join(shots, "kept")
    shutil.rmtree(state, ignore_errors=True)
    with Window(program, shots, state=state, tour=True) as window:
        window.wait("the tour", lambda s: READY(s) and s["tour"] == "0")
        for number in range(6):
            window.wait("the callout", lambda s: s["tour"] == str(number))
            window.frames(3)
            window.shot(f"{number + 1}")
            if number == 2:  # the controls below work
                before = window.read()[1]["output"]
                window.click("stride", 0.9, 0.5)
                window.wait("another output", lambda s: READY(s) and s["output"] != before)
            window.click("tour.next")
        window.wait("the end", lambda s: s["tour"] == "-1")
        window.quit()
    with Window(program, shots, state=state, keep_state=True, tour=True) as window:
        assert window.wait("the grid", READY)["tour"] == "-1"
        window.frames(5)
        assert window.read()[1]["tour"] == "-1"
        window.key("ctrl+p")
        window.type("tour")
        window.key("Return")
        window.wait("the tour from the menu", lambda s: s["tour"] == "0")
        window.frames(3)
        window.click("tour.skip")
        window.wait("the end", lambda s: s["tour"] == "-1")
        window.quit()


main()
