"""A program that a signal ends while it writes, or kill -9, leaves the old file or the new one, whole: pictures, arrays, sessions, bundles,
learned kernels. CONVLENS_KILLS is the number of rounds of all commands."""
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
FILES = ["grid.png", "y.npy", "s.json", "b.zip", "k.npz"]


def words(document):
    return [PROGRAM, "render", *DOCUMENTS[document], "--out", "grid.png", "--data", "y.npy"], [PROGRAM, "render", *DOCUMENTS[document], "--save-session", "s.json"], \
        [PROGRAM, "render", *DOCUMENTS[document], "--save-session", "b.zip"], \
        [PROGRAM, "train", "filter", "--image", "pattern:noise:24x24", "--kernel", "Sobel x", "--steps", "30", "--seed", str(document), "--threads", "1", "--out", "k.npz"]


def content(name):
    return open(name, "rb").read()


random.seed(1)
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    whole, seconds = {name: [] for name in FILES}, {}
    for document in (0, 1):
        for i, command in enumerate(words(document)):
            start = time.monotonic()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[i] = time.monotonic() - start
        for name in FILES:
            whole[name].append(content(name))
    assert all(a != b for a, b in whole.values()), "the two documents must differ"
    ended = 0
    for i in range(KILLS):
        for j, command in enumerate(words(i % 2)):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            time.sleep(random.uniform(0, seconds[j]))
            # A training that another signal stops writes what it has learned so far.
            which = signal.SIGKILL if command[1] == "train" else random.choice(SIGNALS)
            process.send_signal(which)
            status = process.wait()
            assert status in (0, -which), f"{which.name} ended the program with {status}"
            ended += status == 0
        for name in FILES:
            assert content(name) in whole[name], f"{name} is neither the old nor the new one after kill {i}"
    print(f"{4 * KILLS} programs, {ended} of them were done before they were killed; every file is whole")
