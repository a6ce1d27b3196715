"""Kill -9 while the window writes its autosave, CONVLENS_KILLS (50) times: the file is the old one or the new one, whole, and is offered
again."""
import glob
import json
import os
import random
import shutil
import signal
import sys
import threading
import time
import zipfile

from driver import Window

PROGRAM, SHOTS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
KILLS, AT_ONCE = int(os.environ.get("CONVLENS_KILLS", 50)), 10
SESSION = os.path.join(SHOTS, "large.json")


def write_session():
    """A session whose kernels have no file: its autosave is a bundle of some megabytes, so that kills hit it."""
    random.seed(2)
    weight = [[[[round(random.uniform(-1, 1), 6) for _ in range(11)] for _ in range(11)] for _ in range(3)] for _ in range(160)]
    document = {"input": {"pattern": "noise", "size": [16, 16]}, "kernels": {"bank": "values", "title": "mine", "weight": weight}}
    with open(SESSION, "w") as file:
        json.dump({"convlens": "session", "version": 1, "document": document}, file)


def autosaves(state):
    return [f for f in os.listdir(state) if f.startswith("autosave-") and f.endswith(".zip")] if os.path.isdir(state) else []


def wait_for(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.0005)


def stride_of(text):
    return json.loads(text)["document"].get("conv", {}).get("stride", 1)


class Kill(threading.Thread):
    """One window: its first autosave, an edit, and a kill about the time of the second."""

    def __init__(self, number):
        super().__init__()
        self.number, self.error, self.found, self.halfway = number, None, None, False

    def run(self):
        try:
            self.one()
        except BaseException as error:  # for the main thread
            self.error = error

    def one(self):
        shots = os.path.join(SHOTS, f"window-{self.number}")
        shutil.rmtree(shots, ignore_errors=True)
        window = Window(PROGRAM, shots, size=(320, 240), arguments=["--threads", "1", SESSION])
        try:
            state = os.path.join(window.environment["XDG_STATE_HOME"], "convlens")
            wait_for("the first autosave", lambda: autosaves(state))
            (first,) = autosaves(state)
            path = os.path.join(state, first)
            number, known = os.stat(path).st_ino, set(os.listdir(state))
            window.input.key("s", True)
            window.input.key("s", False)
            # Every second one is killed as soon as there is a file that is being written, the others a moment later or before.
            dice = random.Random(self.number)
            if self.number % 2:
                wait_for("the second autosave", lambda: set(os.listdir(state)) - known or os.stat(path).st_ino != number)
                time.sleep(dice.uniform(0, 0.004))
            else:
                time.sleep(dice.uniform(1.5, 2.5))
            window.program.send_signal(signal.SIGKILL)
            window.program.wait()
            with zipfile.ZipFile(path) as bundle:
                assert bundle.testzip() is None
                self.found = bundle.read("session.json").decode()
            self.halfway = any(not f.endswith(".zip") for f in os.listdir(state))
        finally:
            window.kill()


def offered_again(shots):
    with Window(PROGRAM, shots, size=(1280, 720), keep_state=True) as again:
        again.wait("the offer", lambda s: s.get("busy") == "0" and "output" in s and s["crashed"] == "offered")
        again.click("crashed.open")
        again.wait("the session", lambda s: s["crashed"] == "-" and s["kernels"] == "mine" and s["busy"] == "0" and s["output"].startswith("1x160x"))
        assert again.close() == 0
        state = os.path.join(again.environment["XDG_STATE_HOME"], "convlens")
        left = glob.glob(os.path.join(state, "autosave-*")) + glob.glob(os.path.join(state, ".convlens-*"))
        assert not left, left


def main():
    shutil.rmtree(SHOTS, ignore_errors=True)
    os.makedirs(SHOTS)
    write_session()
    kills = []
    for first in range(0, KILLS, AT_ONCE):
        batch = [Kill(i) for i in range(first, min(first + AT_ONCE, KILLS))]
        for kill in batch:
            kill.start()
        for kill in batch:
            kill.join()
            if kill.error:
                raise kill.error
        kills += batch
    whole = {}
    for kill in kills:
        stride = stride_of(kill.found)  # half a file is no JSON
        assert stride in (1, 2), stride
        assert whole.setdefault(stride, kill.found) == kill.found, f"after kill {kill.number} the file is neither the old nor the new one"
    old, new = (sum(stride_of(k.found) == stride for k in kills) for stride in (1, 2))
    halfway = sum(k.halfway for k in kills)
    assert old > 0 and halfway > 0, (old, new, halfway)
    halfway_one = next(k for k in kills if k.halfway)
    offered_again(os.path.join(SHOTS, f"window-{halfway_one.number}"))
    print(f"{len(kills)} windows killed: {old} left the old file, {new} the new one; {halfway} were in the middle of writing")


main()
