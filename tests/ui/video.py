"""The player: played, paused, stepped, scrubbed, looped; saved in a session and opened at the same frame; a file that disappears."""
import os
import shutil
import subprocess
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s
FRAMES, WIDTH, HEIGHT = 60, 64, 48


def state(s):
    """Frame on screen, number of frames, "playing" or "paused", frame of the document, dropped frames."""
    words = s.get("video", "-").split()
    return words if len(words) == 5 else ["-1", "0", "-", "-1", "0"]


def write_video(path):
    """Frame n is as bright as n."""
    with open(path, "wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F25:1 C420jpeg\n" % (WIDTH, HEIGHT))
        for n in range(FRAMES):
            file.write(b"FRAME\n" + bytes([16 + 3 * n]) * (WIDTH * HEIGHT) + bytes([128]) * (WIDTH * HEIGHT // 2))


def play(window):
    window.key("v")
    window.wait_control("video.frame")
    depth = int(window.read()[1]["undo_depth"])
    window.shot("1-paused")
    window.click("video.play")
    window.wait("frames that run", lambda s: state(s)[2] == "playing" and 30 < int(state(s)[0]) < 60)
    window.wait("a second round", lambda s: int(state(s)[0]) < 20 and state(s)[2] == "playing")
    states = window.wait("its middle", lambda s: 20 < int(state(s)[0]) < 50 and state(s)[2] == "playing")
    assert int(states["undo_depth"]) == depth and state(states)[3] == "0", states
    window.shot("2-playing")
    window.key("ctrl+space")
    states = window.wait("a pause", lambda s: READY(s) and state(s)[2] == "paused" and int(s["undo_depth"]) == depth + 1)
    assert state(states)[0] == state(states)[3], states
    return depth


def move(window, depth):
    frame = int(state(window.read()[1])[3])
    window.click("video.step")
    window.wait("the next frame", lambda s: READY(s) and state(s)[0] == state(s)[3] == str(min(frame + 1, FRAMES - 1)))
    window.click("video.back")
    window.wait("the frame before", lambda s: READY(s) and state(s)[0] == state(s)[3] == str(min(frame + 1, FRAMES - 1) - 1))
    window.key("ctrl+z")
    window.key("ctrl+z")
    window.key("ctrl+z")
    window.wait("the first frame", lambda s: READY(s) and state(s)[0] == "0" and int(s["undo_depth"]) == depth)
    window.point("video.frame", 0.1)
    window.input.button(1, True)
    window.frames()
    x0, y0, x1, y1 = window.read()[0]["video.frame"]
    for across in (0.3, 0.5, 0.75):
        window.input.move(round(x0 + (x1 - x0) * across), (y0 + y1) // 2)
        window.wait("frames that follow", lambda s: READY(s) and abs(int(state(s)[0]) - across * FRAMES) < 4 and state(s)[3] == "0")
    window.input.button(1, False)
    window.frames()
    states = window.wait("one undo step", lambda s: READY(s) and int(s["undo_depth"]) == depth + 1 and state(s)[0] == state(s)[3] != "0")
    return state(states)[3]


def part(window):
    """Plays a part of the stream round and round."""
    window.click("loop")
    for name, frame in (("video.in", 20), ("video.out", 29)):
        window.set_number("video.frame", frame)
        window.wait("the frame", lambda s: READY(s) and state(s)[0] == state(s)[3] == str(frame))
        window.click(name)
    window.wait("the part", lambda s: s["video_part"].startswith("20 29 "))
    window.click("video.play")
    window.wait("frames that run", lambda s: state(s)[2] == "playing" and int(state(s)[0]) > 22)
    for _ in range(3):
        window.wait("its end", lambda s: 26 <= int(state(s)[0]) <= 29)
        window.wait("its begin", lambda s: 20 <= int(state(s)[0]) <= 24)
    window.click("video.play")
    window.wait("a pause", lambda s: READY(s) and state(s)[2] == "paused" and 20 <= int(state(s)[3]) <= 29)
    window.click("video.all")
    window.wait("all", lambda s: s["video_part"].startswith(f"0 {FRAMES - 1} "))


def motion(window):
    """Subtracts frames: from the one before the difference is the same everywhere; a value is followed over time."""
    window.click("grid", 0.07, 0.07)
    window.wait("a pinned value", lambda s: s["pin"] != "-")
    depth = int(window.read()[1]["undo_depth"])
    window.click("subtract")
    window.click("subtract.frame before")
    window.wait("the frame before subtracted", lambda s: READY(s) and s["video_part"].endswith(" -1") and int(s["undo_depth"]) == depth + 1)
    window.click("video.play")
    window.wait("values over time", lambda s: int(s["trail"].split()[0]) >= 10)
    window.shot("4-motion")
    window.click("video.play")
    window.wait("a pause", lambda s: READY(s) and state(s)[2] == "paused" and s["video_part"].endswith(" -1"))
    window.click("subtract")
    window.click("subtract.this frame")
    frame = state(window.wait("a remembered frame", lambda s: READY(s) and int(s["video_part"].split()[2]) >= 0))[3]
    assert window.read()[1]["video_part"].split()[2] == frame, window.read()[1]
    window.click("video.back")
    window.wait("the frame before it", lambda s: READY(s) and state(s)[0] == state(s)[3] == str(int(frame) - 1))
    window.click("video.remember")
    window.wait("another remembered frame", lambda s: READY(s) and s["video_part"].endswith(f" {int(frame) - 1}"))
    window.click("subtract")
    window.click("subtract.nothing")
    window.wait("nothing subtracted", lambda s: READY(s) and s["video_part"].endswith(" -9"))
    window.set_number("video.frame", FRAMES - 1)
    window.wait("the last frame", lambda s: READY(s) and state(s)[0] == state(s)[3] == str(FRAMES - 1))


def main():
    program, shots = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    folder = os.path.join(shots, "files")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    video = os.path.join(folder, "numbers.y4m")
    write_video(video)
    with Window(program, shots, arguments=[video, "--weights", "edges"], folder=folder) as window:
        window.wait("the first frame", lambda s: READY(s) and s["input"] == f"1x3x{HEIGHT}x{WIDTH}")
        depth = play(window)
        frame = move(window, depth)
        window.key("ctrl+s")
        saved = window.wait("the session", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
        window.click("loop")
        window.click("speed")
        window.click("speed.4")
        window.click("video.play")
        window.wait("the end", lambda s: READY(s) and state(s)[2] == "paused" and state(s)[0] == state(s)[3] == str(FRAMES - 1), 30)
        window.shot("3-end")
        part(window)
        motion(window)
        os.rename(video, video + ".away")
        window.click("video.back")
        window.wait("the frame before, from the open file", lambda s: READY(s) and state(s)[0] == str(FRAMES - 2))
        os.rename(video + ".away", video)
        window.quit()
    # A session remembers the frame, as the command line names it.
    with Window(program, os.path.join(shots, "again"), arguments=[os.path.join(folder, saved)], size=(1920, 1080)) as window:
        window.wait("the same frame", lambda s: READY(s) and state(s)[0] == state(s)[3] == frame)
        window.wait_control("video.frame")
        window.shot("4-again")
        window.quit()
    for arguments in (["--session", os.path.join(folder, saved)], [video, "--frame", frame, "--weights", "edges"]):
        subprocess.run([program, "render", *arguments, "--data", os.path.join(folder, f"{len(arguments)}.npy")], check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, "2.npy"), "rb") as a, open(os.path.join(folder, "5.npy"), "rb") as b:
        assert a.read() == b.read(), "the session and --frame show different frames"
    # Numbered pictures, from one of them; and a file that disappears.
    for n in range(1, 9):
        subprocess.run(["convert", "-size", f"{WIDTH}x{HEIGHT}", f"xc:gray({10 * n}%)", os.path.join(folder, f"shot_{n:03}.png")], check=True)
    with Window(program, os.path.join(shots, "numbered"), arguments=[os.path.join(folder, "shot_003.png"), "--ui-scale", "2"]) as window:
        window.wait("the grid", READY)
        window.key("v")
        window.click("video.numbered")
        window.wait_control("video.frame")
        window.wait("eight frames", lambda s: READY(s) and state(s)[1] == "8")
        window.shot("5-numbered")
        os.remove(os.path.join(folder, "shot_002.png"))
        window.click("video.step")
        window.wait("a sentence, and the frame as before", lambda s: "shot_002.png" in s["error"] and state(s)[0] == "0")
        window.quit()


main()
