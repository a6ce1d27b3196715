"""The window where something fails: the X server goes away, memory, disk, threads, folders, the clock. It must go on with a message, or
end with a sentence, and the work of the user must still be there."""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))
from driver import Window  # noqa: E402

PROGRAM, LIBRARY, SHOTS = (os.path.abspath(path) for path in sys.argv[1:4])
READY = lambda s: s.get("busy") == "0" and "output" in s
SMALL = ["--backend", "cpu", "pattern:noise:32x32", "--weights", "edges"]
cases = 0


def window(name, fault=None, arguments=SMALL, **options):
    """Opens a window, into which a fault may be injected, with its stderr in a file."""
    global cases
    cases += 1
    shots = os.path.join(SHOTS, name)
    os.makedirs(shots, exist_ok=True)
    environment = {"LD_PRELOAD": LIBRARY, "CONVLENS_FAULT": fault} if fault else {}
    opened = Window(PROGRAM, shots, arguments=arguments, environment={**environment, **options.pop("environment", {})}, stderr=os.path.join(shots, "stderr.txt"), **options)
    return opened


def messages(opened):
    with open(os.path.join(opened.shots, "stderr.txt")) as file:
        return file.read()


def state(opened):
    return os.path.join(opened.environment["XDG_STATE_HOME"], "convlens")


def edit_and_autosave(opened, first=None):
    """Changes the document and waits for its autosave; `first` must be true in a frame before."""
    opened.wait("the first grid, or why there is none", lambda s: READY(s) or "not enough memory" in s.get("error", "-"))
    opened.key("s")
    opened.wait("the edit", lambda s: READY(s) and s["undo_depth"] == "1")
    end = time.monotonic() + 30
    while not glob.glob(os.path.join(state(opened), "autosave-*.json")):
        assert opened.program.poll() is None and time.monotonic() < end, "no autosave"
        if first and first():
            first = None
        opened.frames()
    assert not first, "the expected frame did not come"


def ends(opened, *statuses):
    status = opened.program.wait(timeout=30)
    assert status in statuses, f"the program ended with {status}: {messages(opened)}"
    return messages(opened)


def server_goes_away():
    with window("server") as opened:
        edit_and_autosave(opened)
        opened.input.close()
        opened.server.kill()
        ends(opened, 0, 1)
    with window("server", keep_state=True) as again:
        again.wait("the offer", lambda s: READY(s) and s["crashed"] == "offered")
        again.click("crashed.open")
        again.wait("the edit", lambda s: READY(s) and s["crashed"] == "-" and s["output"] == "1x64x16x16")
        again.quit()


def no_display():
    for environment, word in (({"DISPLAY": ":9999"}, "display"), ({"DISPLAY": ""}, "display")):
        with window("no-display", environment=environment) as opened:
            text = ends(opened, 1)
            assert text.startswith("convlens: ") and word in text.lower(), text


def out_of_memory():
    """Allocations fail one by one while the window works: it goes on, or ends with a sentence; the autosave stays."""
    kept = went_on = 0
    for number in (3000, 20000, 30000, 40000, 47000, 53000, 60000, 70000, 85000, 100000):
        with window("memory", f"new:{number}") as opened:
            saved = False
            try:
                edit_and_autosave(opened)
                saved = True
                for key in ("ctrl+2", "ctrl+z", "m", "ctrl+p", "Escape", "ctrl+e", "Escape", "Escape", "ctrl+1"):
                    opened.key(key)
                opened.wait("the end of the work", READY)
            except AssertionError:
                if opened.program.poll() is None:
                    raise
            closing = opened.program.poll() is None
            if closing:  # which removes the autosave
                opened.input.key("ctrl+q", True)
                opened.input.key("ctrl+q", False)
            text = ends(opened, 0, 1)
            if opened.program.returncode == 0:
                went_on += 1
                assert text == "", (number, text)
            else:
                assert text.startswith("convlens: ") and text.count("\n") == 1 and "memory" in text, (number, text)
                left = bool(glob.glob(os.path.join(state(opened), "autosave-*.json")))
                assert left or closing or not saved, f"the autosave is gone after allocation {number} failed"
                kept += left
    return f"{went_on} went on, {kept} of the others left an autosave"


def disk_is_full():
    with window("full", "write:1+:28") as opened:
        opened.wait("the first grid", READY)
        opened.key("s")
        os.chdir(opened.shots)
        opened.key("ctrl+s")
        text = opened.wait("the message", lambda s: "No space left" in s["error"])["error"]
        assert "json" in text, text
        opened.shot("full")
        opened.key("s")
        opened.wait("work goes on", lambda s: READY(s) and s["undo_depth"] == "2")
        opened.key("ctrl+q")
        opened.wait("the question", lambda s: s["closing"] == "asking")
        opened.click("closing.discard")
        assert opened.program.wait(timeout=20) == 0


def nowhere_to_save():
    """Settings and autosaves can't be written: the window works all the same."""
    for name, environment in (("home", {"HOME": "/dev/null/home", "XDG_STATE_HOME": ""}), ("proc", {"XDG_STATE_HOME": "/proc"}), ("null", {"XDG_STATE_HOME": "/dev/null"})):
        with window("nowhere-" + name, environment=environment) as opened:
            opened.wait("the first grid", READY)
            opened.key("s")
            opened.wait("the edit", lambda s: READY(s) and s["undo_depth"] == "1")
            opened.wait("the message", lambda s: s["error"].startswith("not saved automatically: "))
            opened.key("ctrl+l")
            opened.quit()


def autosave_fails_once():
    """An autosave that fails is told and tried again, even if the document does not change again."""
    with window("once", "fsync:1:28") as opened:
        edit_and_autosave(opened, lambda: "not saved automatically: " in opened.read()[1]["error"])
        opened.quit()


def folder_disappears():
    with window("disappears") as opened:
        edit_and_autosave(opened)
        shutil.rmtree(opened.environment["XDG_STATE_HOME"])
        opened.key("s")
        opened.wait("the edit", lambda s: READY(s) and s["undo_depth"] == "2")
        end = time.monotonic() + 30
        while not glob.glob(os.path.join(state(opened), "autosave-*.json")):
            assert time.monotonic() < end, "no autosave in the new folder"
            opened.frames()
        opened.quit()


def no_threads():
    for number in (1, 2, 4):
        with window("threads", f"std_thread:{number}+") as opened:
            end = time.monotonic() + 30
            while opened.program.poll() is None and time.monotonic() < end and not READY(opened.read()[1]):
                time.sleep(0.05)
            if opened.program.poll() is None:
                opened.quit()
            else:
                text = ends(opened, 1)
                assert text.startswith("convlens: ") and "thread" in text, text


def clock_jumps():
    """The clock is set back a year and ahead an hour while the window works."""
    for seconds in (-31536000, 3600):
        with window("clock", f"clock:60+:{seconds}") as opened:
            edit_and_autosave(opened)
            opened.key("ctrl+2")
            opened.wait("random kernels", lambda s: READY(s) and s["output"].startswith("1x7x"))
            opened.quit()


def graphics_driver_is_reset():
    """The window's OpenGL context is lost in a frame: the window comes back with the same document, and work goes on."""
    with window("gl_reset", "gl_reset:60") as opened:
        opened.wait("the first grid", READY)
        opened.key("s")
        shape = opened.wait("the edit", lambda s: READY(s) and s["undo_depth"] == "1")["output"]
        opened.wait("the reset", lambda s: opened.frames() is None and "driver was reset" in s["note"])
        opened.shot("reset")
        picture = subprocess.run(["convert", os.path.join(opened.shots, "reset.png"), "-format", "%k", "info:"], check=True, capture_output=True, text=True).stdout
        assert int(picture) > 50, f"the window shows {picture} colors after the reset"
        assert opened.read()[1]["output"] == shape
        opened.key("ctrl+z")
        opened.wait("undo", lambda s: READY(s) and s["undo_depth"] == "0")
        assert opened.close() == 0
    assert messages(opened) == "", messages(opened)


def display_scale_changes():
    """The window gets to a display with twice the scale: text and controls grow."""
    with window("scale", "scale:60") as opened:
        opened.wait("the first grid", READY)
        x0, _, x1, _ = opened.read()[0]["menu.File"]
        opened.wait("the other scale", lambda s: opened.frames() is None and opened.read()[0]["menu.File"][2] - opened.read()[0]["menu.File"][0] > 1.5 * (x1 - x0))
        opened.quit()


def clipboard_owner_dies():
    with window("clipboard") as opened:
        opened.wait("the first grid", READY)
        # -quiet: in the foreground, so that the owner is this process and no other test's.
        owner = subprocess.Popen(["xclip", "-quiet", "-selection", "clipboard", "-in", "-loops", "0"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=opened.environment)
        owner.stdin.write(b"text")
        owner.stdin.close()
        end = time.monotonic() + 30
        while subprocess.run(["xclip", "-selection", "clipboard", "-out"], capture_output=True, env=opened.environment).stdout != b"text":
            assert owner.poll() is None and time.monotonic() < end, "the clipboard has no owner"
        owner.send_signal(signal.SIGSTOP)
        opened.input.key("ctrl+v", True)
        opened.input.key("ctrl+v", False)
        owner.kill()
        owner.wait()
        opened.frames(4)
        opened.key("s")
        opened.wait("work goes on", lambda s: READY(s) and s["undo_depth"] == "1", 30)
        opened.quit()


def clipboard_reader_dies():
    """A program that has asked for the text of the window is gone before it is answered."""
    with window("reader") as opened:
        opened.wait("the first grid", READY)
        opened.key("ctrl+p")
        opened.type("copy the text on")
        opened.key("Return")
        opened.wait("the text is on the clipboard", lambda s: s["note"] == "copied")
        for _ in range(3):
            os.kill(opened.program.pid, signal.SIGSTOP)
            reader = subprocess.Popen(["xclip", "-selection", "clipboard", "-out"], stdout=subprocess.DEVNULL, env=opened.environment)
            asleep = 0  # it waits for the answer once it has slept for long
            while asleep < 500 and reader.poll() is None:
                with open(f"/proc/{reader.pid}/stat") as stat:
                    asleep = asleep + 1 if stat.read().rsplit(")", 1)[1].split()[0] == "S" else 0
            reader.kill()
            reader.wait()
            os.kill(opened.program.pid, signal.SIGCONT)
            opened.frames(4)
        opened.key("s")
        opened.wait("work goes on", lambda s: READY(s) and s["undo_depth"] == "1", 30)
        opened.quit()


def main():
    shutil.rmtree(SHOTS, ignore_errors=True)
    for part in (server_goes_away, no_display, disk_is_full, nowhere_to_save, autosave_fails_once, folder_disappears, no_threads, clock_jumps, graphics_driver_is_reset, display_scale_changes, clipboard_owner_dies, clipboard_reader_dies, out_of_memory):
        start = time.monotonic()
        result = part()
        print(f"{part.__name__}: {time.monotonic() - start:.1f} s{', ' + result if result else ''}", flush=True)
    print(f"{cases} windows")


main()
