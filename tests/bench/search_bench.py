"""Sets optimal inputs and attribution beside PyTorch (Debian's python3-torch): search_bench.py CONVLENS [ROUNDS]

PyTorch runs the scripts that `--code` writes. Both take turns; the smallest time of each counts. A search is timed without its start: the
time with all steps minus that with none. Nothing passes or fails here: docs/PERFORMANCE.md has what was measured.
"""
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time

import torch

SEARCHES = [("features.0", 64, 128), ("features.3", 64, 128), ("features.6", 64, 32), ("features.10", 64, 32)]
METHODS = ("gradient", "integrated_gradients", "guided_backprop", "grad_cam", "occlusion")
ALEXNET = ["--network", "alexnet", "--image", "sample:cat", "--resize", "224x224"]


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def execute(path, out):
    """Runs a script as `python3 path out` does, without the start of Python. Returns its names."""
    names = {"__name__": "__main__"}
    sys.argv = [path, out]
    with contextlib.suppress(SystemExit), open(path) as file:
        exec(compile(file.read(), path, "exec"), names)
    return names


def convlens(program, *arguments):
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout


def search(program, layer, channels, steps, rounds):
    command = lambda n: ["maximize", *ALEXNET, "--layer", layer, "--channels", f"0-{channels - 1}", "--steps", str(n)]
    for n in (0, steps):
        convlens(program, *command(n), "--code", f"search{n}.py", "--data", "pictures.npy")
    ours, theirs = ([], []), ([], [])
    for _ in range(rounds):
        for which, n in enumerate((0, steps)):
            ours[which].append(seconds(lambda: convlens(program, *command(n))))
            theirs[which].append(seconds(lambda: execute(f"search{n}.py", "torch.npy")))
    a, b = (min(times[1]) - min(times[0]) for times in (ours, theirs))
    print(f"{layer:12} {channels} channels, {steps} steps: {a:7.2f} s, PyTorch {b:7.2f} s, {b / a:.1f} times", flush=True)


def maps(program, layer, rounds):
    command = ["attribute", *ALEXNET, "--layer", layer, "--json"]
    convlens(program, *command, "--code", "maps.py")
    names = execute("maps.py", "maps.npy")
    ours, theirs = {m: [] for m in METHODS}, {m: [] for m in METHODS}
    for _ in range(rounds):
        for row in json.loads(convlens(program, *command))["methods"]:
            if row["method"] in METHODS:
                ours[row["method"]].append(row["milliseconds"])
        for method in METHODS:
            theirs[method].append(1000 * seconds(lambda: names[method](names["net"], names["x"])))
    for method in METHODS:
        a, b = min(ours[method]), min(theirs[method])
        print(f"{layer:12} {method:22} {a:8.1f} ms, PyTorch {b:8.1f} ms, {b / a:.1f} times", flush=True)


def main():
    program, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        os.chdir(folder)
        for layer in ("features.10", "features.12"):
            maps(program, layer, rounds)
        for layer, channels, steps in SEARCHES:
            search(program, layer, channels, steps, rounds)


main()
