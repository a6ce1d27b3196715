"""Recording: what the panel writes is, byte for byte, what `convlens record` writes; progress and cancel; the window stays usable."""
import os
import shutil
import subprocess
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s
PROGRAM, SHOTS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
FOLDER = os.path.join(SHOTS, "files")
DOCUMENT = ["--weights", "random:7x5:3", "--backend", "cpu"]
FFMPEG = shutil.which("ffmpeg")


def content(path):
    with open(path, "rb") as file:
        return file.read()


def commanded(name, *words):
    path = os.path.join(FOLDER, name)
    subprocess.run([PROGRAM, "record", os.path.join(FOLDER, "cat.png"), *DOCUMENT, *words, "--out", path], check=True, stdout=subprocess.DEVNULL)
    return content(path)


def set_text(window, control, text):
    window.click(control)
    window.key("ctrl+a")
    window.type(text)


def recorded(window, seconds=60):
    window.click("record.start")
    path = window.wait("the file", lambda s: s["record"].startswith("idle") and s["note"].startswith("saved "), seconds)["note"][len("saved "):]
    return path


def numbers(window):
    window.key("ctrl+shift+r")
    window.wait_control("record.start")
    window.park()
    window.shot("1-panel")
    window.set_number("record.width", 480)
    window.set_number("record.height", 320)
    path = recorded(window)
    assert content(path) == commanded("a.gif", "--sweep", "stride=1:8", "--size", "480x320"), "the panel's recording is not the command's"
    window.shot("2-saved")
    window.click("record.number")
    window.click("record.number.rotation")
    set_text(window, "record.from", "10")
    set_text(window, "record.to", "100")
    window.set_number("record.frames", 6)
    window.set_number("record.rate", 10)
    window.click("record.back")
    window.click("record.labels")
    window.click("record.colorbar")
    for ending in (["mp4", "webm"] if FFMPEG else []) + ["y4m", "gif"]:
        window.click("record." + ending)
        path = recorded(window)
        assert path.endswith("." + ending), path
        assert content(path) == commanded("b." + ending, "--sweep", "rotation=10:100", "--frames", "6", "--rate", "10", "--back", "--labels", "--colorbar", "--size", "480x320"), ending
    if not FFMPEG:
        print("skipped: ffmpeg is not installed")
        window.click("record.mp4")
        window.click("record.webm")
        window.click("record.start")
        window.wait("the sentence", lambda s: "ffmpeg" in s["error"])
    window.click("record.caption")
    window.click("record.png")
    path = recorded(window)
    assert path.endswith("cat-%03d.png") and os.path.exists(path.replace("%03d", "009")), path
    window.click("record.start")
    window.wait("a sentence: nothing is overwritten", lambda s: "cat-000.png exists already" in s["error"])
    window.shot("3-exists")


def window_that_slides(window):
    window.click("record.window")
    window.click("record.gif")
    window.set_number("record.channel", 2)
    window.set_number("record.pixels", 16)
    window.set_number("record.frames", 900)
    before = set(os.listdir(FOLDER))
    window.click("record.start")
    window.wait("frames", lambda s: s["record"].startswith("running ") and int(s["record"].split()[1]) > 3)
    window.shot("4-running")
    window.click("record.close")
    window.wait("the grid, usable meanwhile", lambda s: s["record"].startswith("running"))
    window.frames(5)
    window.key("ctrl+shift+r")
    window.click("record.cancel")
    window.wait("the end", lambda s: s["record"].startswith("idle"))
    for _ in range(200):
        if set(os.listdir(FOLDER)) == before:
            break
        window.frames(2)
    assert set(os.listdir(FOLDER)) == before, f"left behind: {set(os.listdir(FOLDER)) - before}"
    window.set_number("record.frames", 8)
    path = recorded(window)
    assert content(path) == commanded("c.gif", "--window", "--channel", "2", "--pixels", "16", "--frames", "8", "--rate", "20", "--back")


def others(window):
    window.click("record.video")
    window.click("record.start")
    window.wait("the sentence", lambda s: "not recorded: the input is cat.png: expected a video" in s["error"])
    window.shot("5-no-video")
    window.click("record.sweep")
    set_text(window, "record.path", os.path.join(FOLDER, "nowhere", "a.gif"))
    window.click("record.start")
    window.wait("the sentence", lambda s: "not recorded: " in s["error"] and "nowhere" in s["error"])
    set_text(window, "record.path", "a.avi")
    window.click("record.start")
    window.frames(4)
    assert window.read()[1]["record"].startswith("idle") and not os.path.exists("a.avi")
    window.key("Escape")


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    shutil.copy(os.path.join(sys.argv[3], "images/cat.png"), FOLDER)
    with Window(PROGRAM, SHOTS, arguments=[*DOCUMENT, os.path.join(FOLDER, "cat.png")], folder=FOLDER) as window:
        window.wait("the grid", READY)
        numbers(window)
        window_that_slides(window)
        others(window)
        assert window.close() == 0
    with Window(PROGRAM, os.path.join(SHOTS, "video"), arguments=[*DOCUMENT, os.path.join(FOLDER, "a.gif")], size=(1920, 1080), folder=FOLDER) as window:
        window.wait("the grid", READY)
        window.key("ctrl+shift+r")
        window.click("record.video")
        window.park()
        window.shot("6-video")
        path = recorded(window)
        done = subprocess.run([PROGRAM, "record", os.path.join(FOLDER, "a.gif"), *DOCUMENT, "--out", os.path.join(FOLDER, "d.gif")], check=True, capture_output=True, text=True)
        assert " 8 frames" in done.stdout, done.stdout
        assert content(path) == content(os.path.join(FOLDER, "d.gif"))
        window.quit()


main()
