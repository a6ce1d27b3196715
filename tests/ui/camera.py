"""A camera as the input, replayed by a library: on, frozen, mirrored; busy, denied, unplugged and back; short, damaged and missing frames."""
import os
import shutil
import subprocess
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s
PROGRAM, SHOTS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
LIBRARY = os.path.join(os.path.dirname(PROGRAM), "tests", "libconvlens_camera.so")
STATE = os.path.join(SHOTS, "camera.txt")


def camera(s):
    """"on" or "off", frames seen, dropped, damaged, latency in ms, what is wrong."""
    words = s.get("camera", "off 0 0 0 0 -").split(" ", 5)
    return words[0], int(words[1]), int(words[2]), int(words[3]), float(words[4]), words[5]


def become(word):
    with open(STATE + ".new", "w") as file:
        file.write(word)
    os.rename(STATE + ".new", STATE)


def frames_come(window, what="frames"):
    seen = camera(window.read()[1])[1]
    return window.wait(what, lambda s: camera(s)[1] > seen + 5 and camera(s)[5] == "-", 60)


def refused(window, word, sentence):
    """A camera that can't be opened says why, and comes when it can."""
    become(word)
    window.click("camera.start")
    window.wait("the sentence", lambda s: camera(s)[0] == "on" and sentence in camera(s)[5])
    window.park()
    window.shot("refused-" + word)
    become("ok")
    frames_come(window, "frames, when it can be used again")
    window.click("camera.stop")
    window.wait("the end", lambda s: camera(s)[0] == "off" and READY(s))


def disturbed(window):
    """What goes wrong while it runs."""
    window.click("camera.start")
    frames_come(window)
    window.click("mirror")
    frames_come(window, "mirrored frames")
    become("unplugged")
    states = window.wait("the sentence", lambda s: "it is unplugged" in camera(s)[5])
    seen = camera(states)[1]
    window.park()
    window.shot("unplugged")
    window.frames(10)
    states = window.read()[1]
    assert camera(states)[1] <= seen + 2 and camera(states)[0] == "on" and states["input"] == "1x3x480x640", "the last frame stays"
    become("ok")
    frames_come(window, "frames of the camera that is back")
    for word in ("short", "damaged"):
        become(word)
        broken = camera(window.read()[1])[3]
        window.wait("frames that are refused", lambda s: camera(s)[3] > broken + 3)
    window.park()
    window.shot("damaged")
    become("ok")
    frames_come(window, "whole frames")
    become("silent")
    window.wait("the sentence", lambda s: "it sends no frames" in camera(s)[5], 60)
    become("ok")
    frames_come(window, "frames after silence")
    window.click("camera.stop")
    window.wait("the end", lambda s: camera(s)[0] == "off" and READY(s))


def frozen(window):
    before = window.read()[1]
    depth, pictures = int(before["undo_depth"]), before["input"]
    window.click("camera.start")
    states = frames_come(window)
    assert int(states["undo_depth"]) == depth and states["input"] == "1x3x480x640", states
    latency = camera(states)[4]
    print(f"{latency:.0f} ms from the camera to the screen, {camera(states)[2]} of {camera(states)[1] + camera(states)[2]} frames dropped")
    assert 0 < latency < 60000, f"{latency} ms: the times of the camera and of the window are those of different clocks"
    window.shot("on")
    window.park()
    window.key("space")
    states = window.wait("one undo step", lambda s: READY(s) and camera(s)[0] == "off" and int(s["undo_depth"]) == depth + 1)
    assert states["input"] == "1x3x480x640" and states["pin"] == "-", states
    window.shot("frozen")
    window.key("ctrl+s")
    saved = window.wait("the session", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
    data = [os.path.join(SHOTS, "files", name) for name in ("a.npy", "b.npy")]
    for path in data:
        subprocess.run([PROGRAM, "render", saved, "--data", path], check=True, stdout=subprocess.DEVNULL)
    assert open(data[0], "rb").read() == open(data[1], "rb").read()
    window.click("camera.start")
    frames_come(window)
    window.click("camera.freeze")
    window.wait("one more step", lambda s: READY(s) and camera(s)[0] == "off" and int(s["undo_depth"]) == depth + 2)
    window.click("camera.start")
    frames_come(window)
    window.key("ctrl+p")
    window.type("freeze")
    window.key("Return")
    window.wait("a step by the command palette", lambda s: READY(s) and camera(s)[0] == "off" and int(s["undo_depth"]) == depth + 3)
    for _ in range(3):
        window.key("ctrl+z")
    window.wait("the first input", lambda s: READY(s) and s["input"] == pictures)


def motion(window):
    """Frames are subtracted, and a value is followed over time."""
    window.click("camera.start")
    frames_come(window)
    window.click("grid", 0.07, 0.07)
    window.wait("a pinned value", lambda s: s["pin"] != "-")
    for kind in ("frame before", "remembered frame"):
        window.click("subtract")
        window.click("subtract." + kind)
        frames_come(window, "differences")
    window.click("camera.remember")
    frames_come(window, "differences with another frame")
    window.wait("values over time", lambda s: int(s["trail"].split()[0]) >= 4)
    window.park()
    window.shot("motion")
    window.click("subtract")
    window.click("subtract.nothing")
    frames_come(window, "whole frames")
    window.click("camera.stop")
    window.wait("the end", lambda s: camera(s)[0] == "off" and READY(s))


def large(window):
    """Motion JPEG at 1280x720."""
    window.click("camera.mode")
    window.click("camera.mode.1280 x 720, 30 per second")
    window.click("camera.start")
    window.wait("large frames", lambda s: READY(s) and s["input"] == "1x3x720x1280" and camera(s)[1] > 2, 90)
    window.park()
    window.shot("large")
    window.click("camera.stop")
    window.wait("the end", lambda s: camera(s)[0] == "off" and READY(s))


def main():
    if not os.path.exists(LIBRARY):
        print("skipped: this build has no library that replays a camera")
        return
    shutil.rmtree(os.path.join(SHOTS, "files"), ignore_errors=True)
    os.makedirs(os.path.join(SHOTS, "files"))
    subprocess.run(["convert", "-size", "1280x720", "gradient:red-blue", "-define", "jpeg:optimize-coding=false", STATE + ".jpg"], check=True)
    become("ok")
    environment = {"LD_PRELOAD": LIBRARY, "CONVLENS_CAMERA": STATE}
    with Window(PROGRAM, SHOTS, arguments=["pattern:zone:64x48", "--weights", "random:4x3:1", "--backend", "cpu"], environment=environment, folder=os.path.join(SHOTS, "files")) as window:
        window.wait("the grid", READY)
        window.key("v")
        window.wait_control("camera.start")
        window.click("camera.device")
        window.click("camera.device.Replayed Webcam (/dev/video0)")
        window.park()
        window.shot("list")
        frozen(window)
        refused(window, "busy", "another program is using it")
        disturbed(window)
        motion(window)
        large(window)
        become("denied")
        window.click("camera.list")
        window.wait("a camera without access", lambda s: s["cameras"] == "1")
        window.park()
        window.shot("denied")
        become("unplugged")
        window.click("camera.list")
        window.wait("no camera", lambda s: s["cameras"] == "0")
        window.shot("none")
        window.quit()


main()
