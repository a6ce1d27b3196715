"""A program that a signal ends while it writes, or kill -9, leaves the old file or the new one, whole: pictures, arrays, sessions, bundles,
learned kernels, recordings. Of numbered pictures, those that are there are the first ones, and whole. CONVLENS_KILLS is the number of rounds of all commands."""
import glob
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
KILLS = int(os.environ.get("CONVLENS_KILLS", 50))
SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
DOCUMENTS = [["--weights", "random:7x5:1", "--cell", "300x200"], ["--weights", "edges", "--cell", "150x100"]]
FILES = ["grid.png", "y.npy", "s.json", "b.zip", "k.npz", "m.gif"]
FRAMES = 20


def words(document, pictures):
    """The commands of a round; `pictures` begins the names of its numbered pictures."""
    record = [PROGRAM, "record", *DOCUMENTS[document][:2], "--backend", "cpu", "--sweep", "gain=1:8", "--frames", str(FRAMES), "--size", "320x200", "--no-caption", "--out"]
    return [PROGRAM, "render", *DOCUMENTS[document], "--out", "grid.png", "--data", "y.npy"], [PROGRAM, "render", *DOCUMENTS[document], "--save-session", "s.json"], \
        [PROGRAM, "render", *DOCUMENTS[document], "--save-session", "b.zip"], \
        [PROGRAM, "train", "filter", "--image", "pattern:noise:24x24", "--kernel", "Sobel x", "--steps", "30", "--seed", str(document), "--threads", "1", "--out", "k.npz"], [*record, "m.gif"], [*record, pictures + "_%02d.png"]


def content(name):
    return open(name, "rb").read()


random.seed(1)
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    whole, seconds = {name: [] for name in FILES}, {}
    for document in (0, 1):
        for i, command in enumerate(words(document, f"whole{document}")):
            start = time.monotonic()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[i] = time.monotonic() - start
        for name in FILES:
            whole[name].append(content(name))
    assert all(a != b for a, b in whole.values()), "the two documents must differ"
    ended = programs = pictures = 0
    for i in range(KILLS):
        for j, command in enumerate(words(i % 2, f"round{i}")):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            time.sleep(random.uniform(0, seconds[j]))
            # A training that another signal stops writes what it has learned so far, a recording says that it was interrupted.
            which = signal.SIGKILL if command[1] in ("train", "record") else random.choice(SIGNALS)
            process.send_signal(which)
            status = process.wait()
            assert status in (0, -which), f"{which.name} ended the program with {status}"
            ended += status == 0
            programs += 1
        for name in FILES:
            assert content(name) in whole[name], f"{name} is neither the old nor the new one after kill {i}"
        there = sorted(glob.glob(f"round{i}_*.png"))
        assert there == [f"round{i}_{n:02}.png" for n in range(len(there))], f"pictures are missing between others after kill {i}: {there}"
        for n, name in enumerate(there):
            assert content(name) == content(f"whole{i % 2}_{n:02}.png"), f"{name} is not whole after kill {i}"
            os.remove(name)
        pictures += len(there)
    print(f"{programs} programs, {ended} of them were done before they were killed; every file is whole, also {pictures} numbered pictures")
