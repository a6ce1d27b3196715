"""SIGTERM, SIGINT and SIGHUP end the window as Ctrl+Q does: exit status 0, no autosave left, nothing offered at the next start."""
import os
import shutil
import signal
import sys
import time

from driver import Window

PROGRAM, SHOTS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
READY = lambda s: s.get("busy") == "0" and "output" in s


def left(window):
    """The autosaves, whole or not, that lie about."""
    state = os.path.join(window.environment["XDG_STATE_HOME"], "convlens")
    return [f for f in os.listdir(state) if f.startswith((".convlens-", "autosave-", "last-session"))] if os.path.isdir(state) else []


def ends_by(which, shots, idle):
    signal.signal(which, signal.SIG_DFL)  # what is ignored here, as in a shell's background job, would be there too
    shutil.rmtree(shots, ignore_errors=True)
    with Window(PROGRAM, shots) as window:
        window.wait("the first grid", READY)
        window.key("s")
        window.wait("the edit", lambda s: READY(s) and s["undo_depth"] == "1")
        end = time.monotonic() + 30
        while not left(window):
            assert time.monotonic() < end, "there was no autosave that could stay"
            time.sleep(0.02)
        if idle:
            window.rest()  # the edit is saved: the window sleeps until something happens
        else:
            window.input.key("s", True)  # it is in the middle of its work
            window.input.key("s", False)
        window.program.send_signal(which)
        start = time.monotonic()
        status = window.program.wait(timeout=20)
        seconds = time.monotonic() - start
        assert status == 0, f"{which.name} ended the program with {status}"
        assert not left(window), left(window)
    with Window(PROGRAM, shots, keep_state=True) as again:
        again.wait("the first grid", lambda s: READY(s) and s["crashed"] == "-")
        again.program.send_signal(which)
        assert again.program.wait(timeout=20) == 0
        assert not left(again), left(again)
    return seconds


def main():
    seconds = [ends_by(which, os.path.join(SHOTS, f"{which.name}-{'idle' if idle else 'busy'}"), idle)
               for which in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP) for idle in (True, False)]
    print(f"{len(seconds)} windows ended by signals, the slowest in {max(seconds):.2f} s")


main()
