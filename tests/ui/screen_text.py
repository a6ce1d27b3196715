"""The text on the screen is copied, in lecture mode with the scene's, and read aloud by spd-say; without that program, a sentence."""
import json
import os
import shutil
import stat
import subprocess
import sys

from driver import Window
from driver.values import READY

SHOWN = lambda s: READY(s) and s["scene_shown"] == "1"

# Stands for speech-dispatcher's program: keeps what it is given, and reads for a minute.
SAY = """#!/usr/bin/env python3
import sys
import time
with open({log!r}, "a") as file:
    file.write("|".join(sys.argv[1:]) + "\\n" + sys.stdin.read() + "\\n")
if "--wait" in sys.argv:
    time.sleep(60)
"""


def command(window, words):
    window.key("ctrl+p")
    window.type(words)
    window.key("Return")


def copied(window):
    command(window, "copy the text on")
    window.wait("the copy", lambda s: s["note"] == "copied")
    return subprocess.run(["xclip", "-selection", "clipboard", "-o"], env=window.environment, check=True, timeout=20, capture_output=True, text=True).stdout


def said(log):
    if not os.path.exists(log):
        return ""
    with open(log) as file:
        return file.read()


def main():
    program, shots, assets = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3]
    folder = os.path.join(shots, "programs")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    log, say = os.path.join(folder, "said"), os.path.join(folder, "spd-say")
    path = folder + os.pathsep + os.environ["PATH"]
    with Window(program, shots, environment={"PATH": path}) as window:
        window.wait("the first grid", READY)
        window.park()
        if not shutil.which("spd-say"):
            command(window, "screen aloud")
            states = window.wait("the sentence", lambda s: s["error"] != "-")
            assert "speech-dispatcher" in states["error"], states["error"]
        with open(say, "w") as file:
            file.write(SAY.format(log=log))
        os.chmod(say, os.stat(say).st_mode | stat.S_IXUSR)
        lines = copied(window).splitlines()
        for wanted in ("File", "stride", "padding_mode"):
            assert any(wanted in line for line in lines), (wanted, lines)
        assert not any("Copy the text" in line for line in lines), "the palette is in the text"

        command(window, "screen aloud")
        window.wait("the reading", lambda s: s["note"] == "the text on the screen is read aloud" and "stride" in said(log))
        assert said(log).startswith("--wait|--language|en|--pipe-mode\n"), said(log)
        command(window, "stop reading")
        window.wait("the end of the reading", lambda s: said(log).rstrip().endswith("--cancel"))

        with open(os.path.join(assets, "lectures", "filters.json"), encoding="utf-8") as file:
            title = json.load(file)["scenes"][0]["title"]
        window.key("F6")
        window.click("lecture.open.filters.json")
        window.wait("the scene", SHOWN, 120)
        window.key("Escape")
        window.key("F5")
        window.wait("lecture mode", lambda s: SHOWN(s) and s["lecture"] == "1", 120)
        text = copied(window)
        assert text.startswith(title + "\n"), (title, text)
        window.quit()


main()
