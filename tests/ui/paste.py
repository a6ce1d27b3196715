"""Ctrl+V: an image, a file's path, file: URLs and a kernel, each one undo step; what is none of these costs a sentence."""
import os
import shutil
import subprocess
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def copy(window, data, kind=None):
    """Puts bytes on the X server's clipboard, as another program does."""
    command = ["xclip", "-selection", "clipboard", "-i"] + (["-t", kind] if kind else [])
    subprocess.run(command, input=data, env=window.environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20)


def paste(window, what, condition):
    """Pastes, waits for the result, takes it back and pastes again: one undo step."""
    depth = int(window.read()[1]["undo_depth"])
    window.key("ctrl+v")
    states = window.wait(what, lambda s: READY(s) and condition(s) and int(s["undo_depth"]) == depth + 1)
    window.key("ctrl+z")
    window.wait("undo of " + what, lambda s: READY(s) and not condition(s) and int(s["undo_depth"]) == depth)
    window.key("ctrl+y")
    window.wait(what + " again", lambda s: READY(s) and condition(s))
    return states


def refused(window, data, sentence):
    copy(window, data)
    before = window.read()[1]["undo_depth"]
    window.key("ctrl+v")
    window.wait("the sentence", lambda s: sentence in s["error"] and s["undo_depth"] == before)


def main():
    program, shots, assets = sys.argv[1:4]
    folder = os.path.join(os.path.abspath(shots), "files")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    small = os.path.join(folder, "small image.png")
    subprocess.run(["convert", os.path.join(assets, "images", "cat.png"), "-resize", "97x61!", small], check=True)
    other = os.path.join(folder, "other.png")
    subprocess.run(["convert", small, "-resize", "53x47!", other], check=True)
    with open(small, "rb") as file:
        png = file.read()
    with Window(program, shots, arguments=["--weights", "edges"], folder=folder) as window:
        window.wait("the first grid", READY)
        copy(window, png, "image/png")
        paste(window, "the image", lambda s: s["input"] == "1x3x61x97")
        window.shot("1-image")
        window.key("ctrl+s")
        saved = window.wait("the session", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
        copy(window, other.encode())
        paste(window, "the file of a path", lambda s: s["input"] == "1x3x47x53")
        copy(window, ("# copied\nfile://" + small.replace(" ", "%20") + "\r\n").encode(), "text/uri-list")
        paste(window, "the file of a URL", lambda s: s["input"] == "1x3x61x97")
        window.key("k")
        window.wait_control("editor.0")
        copy(window, b"[[1, 2, 1], [0, 0, 0], [-1, -2, -1]]")
        paste(window, "the kernel", lambda s: s["kernels"].endswith("edited"))
        window.shot("2-kernel")
        refused(window, b"a letter to a friend", "the clipboard contains no kernel")
        refused(window, b"https://example.org/cat.png", "Convlens opens no connections")
        refused(window, b"/no/such/file.png", "file.png")
        copy(window, b"\x89PNG\r\n\x1a\nbroken", "image/png")
        window.key("ctrl+v")
        window.wait("the sentence", lambda s: s["error"].startswith("pasted picture: "))
        window.shot("3-refused")
        window.quit()
    with Window(program, os.path.join(os.path.abspath(shots), "again"), arguments=[os.path.join(folder, saved)]) as window:
        window.wait("the image of the session", lambda s: READY(s) and s["input"] == "1x3x61x97")
        window.quit()
    # Without xclip: a sentence.
    empty = os.path.join(folder, "bin")
    os.makedirs(empty)
    with Window(program, os.path.join(os.path.abspath(shots), "missing"), environment={"PATH": empty}) as window:
        window.wait("the first grid", READY)
        window.key("ctrl+v")
        window.wait("the sentence", lambda s: "xclip is missing" in s["error"])
        window.quit()


main()
