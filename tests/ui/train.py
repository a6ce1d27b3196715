"""Lessons in the real window: each started, paused, scrubbed back, resumed; what was learned becomes the document's."""
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def lesson(states):
    """Number of the lesson, what it is doing, its step or round, the step on screen, live or a moment of the time line."""
    number, doing, step, shown, live = states["training"].split(" ")
    return int(number), doing, int(step), int(shown), live


def learn_a_filter(window):
    window.key("n")
    window.click("train.filter")
    window.wait("a learning kernel", lambda s: lesson(s)[0] == 1 and lesson(s)[2] > 100)
    window.shot("1-filter")
    window.wait("the end of the lesson", lambda s: lesson(s)[1] == "paused", 60)
    window.wait("its picture", lambda s: READY(s) and s["kernels"] == "a kernel that learns")
    window.shot("2-learned")
    undo_depth = int(window.read()[1]["undo_depth"])
    window.click("train.use")
    window.wait("the end", lambda s: lesson(s)[0] == 0 and int(s["undo_depth"]) == undo_depth + 1)


def largenet(window):
    window.click("train.largenet")
    window.wait("LargeNet learning", lambda s: lesson(s)[:2] == (2, "playing") and lesson(s)[2] > 80)
    window.wait("its weights on screen", lambda s: s["kernels"].startswith("LargeNet after"))
    window.click("train.play")
    window.wait("a pause", lambda s: lesson(s)[1] == "paused")
    step = lesson(window.read()[1])[2]
    window.click("train.time", across=0.3)
    window.wait("an earlier moment", lambda s: READY(s) and lesson(s)[4] == "moment" and lesson(s)[3] < step and s["kernels"] == f"LargeNet after {lesson(s)[3]} steps")
    window.shot("3-earlier")
    window.click("train.replay")
    window.wait("the replay's end", lambda s: lesson(s)[3] == step)
    window.click("train.play")
    window.wait("learning again", lambda s: lesson(s)[1] == "playing" and lesson(s)[2] > step and lesson(s)[4] == "live")
    window.click("train.play")
    window.wait("a pause", lambda s: lesson(s)[1] == "paused")
    step = lesson(window.read()[1])[2]
    window.click("train.step")
    window.wait("one step more", lambda s: lesson(s)[2] == step + 1)
    window.click("train.reset")
    window.wait("the start", lambda s: lesson(s)[2] == 0)
    window.click("train.end")
    window.wait("the end", lambda s: lesson(s)[0] == 0)


def filters_from_the_image(window):
    window.click("train.patterns")
    window.wait("64 filters", lambda s: READY(s) and lesson(s)[:3] == (3, "paused", 10) and s["kernels"] == "64 filters learned from this image")
    window.shot("4-patterns")
    window.click("train.use")
    window.wait("the document's", lambda s: READY(s) and lesson(s)[0] == 0 and s["output"].startswith("1x64"))
    window.key("ctrl+z")
    window.wait("the bank before", lambda s: READY(s) and s["kernels"].startswith("64 random"))


def main():
    window = Window(sys.argv[1], sys.argv[2])
    try:
        window.wait("the first grid", READY)
        learn_a_filter(window)
        largenet(window)
        filters_from_the_image(window)
        assert window.close() == 0, "the program did not end with status 0"
    except BaseException:
        window.shot("failed")
        raise
    finally:
        window.kill()


main()
