"""convlens train: lessons, log, weights, refusals, Ctrl+C. Usage: train_test.py CONVLENS"""
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time

convlens = sys.argv[1]


def run(*arguments, status=0):
    done = subprocess.run([convlens, "train", *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stderr if status else done.stdout


with tempfile.TemporaryDirectory() as folder:
    log, out = os.path.join(folder, "log.json"), os.path.join(folder, "w.safetensors")

    text = run("filter", "--steps", "2000")
    worst = float(text.split("largest difference from 'Sobel x':")[1])
    assert worst < 0.05, text

    run("largenet", "--epochs", "1", "--json-log", log, "--out", out)
    lines = [json.loads(line) for line in open(log)]
    assert sum("loss" in line for line in lines) == 63 and lines[-1]["epoch"] == 1, lines[-1]
    assert 0 <= lines[-1]["validation_accuracy"] <= 1
    info = json.loads(subprocess.check_output([convlens, "info", "--json", out], text=True))
    assert {a["key"] for a in info["arrays"]} == {f"{l}.{p}" for l in ("conv1", "conv2", "fc1", "fc2") for p in ("weight", "bias")}
    subprocess.run([convlens, "network", "--network", "largenet", "--weights", out], check=True, capture_output=True)

    first = open(out, "rb").read()
    run("--epochs", "1", "--threads", "1", "--out", out)
    assert open(out, "rb").read() == first, "one thread gave other weights"
    run("--epochs", "1", "--weights", out, "--out", out)
    assert open(out, "rb").read() != first

    # the user's own kernel as the hidden one; filters from several pictures
    bank = os.path.join(folder, "bank.npz")
    run("filters", "--image", "sample:coffee", "--image", "sample:brick", "--kernel-size", "5", "--out", bank)
    text = run("filter", "--kernel", bank, "--kernel-index", "3")
    assert float(text.split("largest difference from")[1].split(":")[-1]) < 0.05, text
    assert "64" in run("filter", "--kernel", bank, "--kernel-index", "64", status=1)
    run("filters", "--image", "sample:coffee", "--kernel-size", "5", "--out", bank)
    assert "64x3x5x5" in subprocess.check_output([convlens, "info", bank], text=True)

    # recordings: the grid of each lesson, from its first weights to the last ones
    for lesson in (["filter", "--steps", "40"], ["largenet", "--steps", "30"], ["filters", "--kernel-size", "5"]):
        frames = os.path.join(folder, lesson[0] + "_%02d.png")
        assert "5 frames written" in run(*lesson, "--record", frames, "--record-frames", "5"), lesson
        pictures = [open(frames % i, "rb").read() for i in range(5)]
        assert not os.path.exists(frames % 5)
        assert {struct.unpack(">II", p[16:24]) for p in pictures} == {(1280, 720)}, lesson
        assert len(set(pictures)) > 3, f"the grid of {lesson} did not change"
    movie = os.path.join(folder, "one.gif")
    assert "1 frames" not in run("filter", "--steps", "3", "--record", movie) and open(movie, "rb").read(6) == b"GIF89a"
    assert "--record is for the other lessons" in run("features", "--record", movie, status=1)
    run("filter", "--record", os.path.join(folder, "film.txt"), status=2)

    # two classes of stripes, one file that is no picture
    for name in ("flat", "upright"):
        os.makedirs(os.path.join(folder, "pictures", name))
        for i in range(10):
            pixels = bytes(128 + 100 * (((x if name == "upright" else y) + i) % 8 < 4) - 50 for y in range(40) for x in range(40) for _ in range(3))
            open(os.path.join(folder, "pictures", name, f"{i}.ppm"), "wb").write(b"P6 40 40 255\n" + pixels)
    open(os.path.join(folder, "pictures", "flat", "broken.png"), "wb").write(b"no picture")
    text = run("features", "--data", "folder:" + os.path.join(folder, "pictures"), "--layer", "features.2", "--epochs", "4", "--json-log", log)
    assert "AlexNet, features.2" in text and "model on features.2: 4 epochs" in text and "model on pixels" in text, text
    assert [json.loads(line)["model"] for line in open(log)] == ["features.2"] * 4 + ["pixels"] * 4

    kept = os.path.join(folder, "diverged.npz")
    assert "learning rate" in run("--lr", "1e30", "--epochs", "1", "--out", kept, status=1)
    assert os.path.exists(kept), "the last finite weights were not saved"
    assert "cow" in run("--data", "cifar10:" + folder, "--classes", "cat,cow", status=1)
    assert "data_batch_1.bin" in run("--data", "cifar10:" + folder, "--classes", "cat,dog", status=1)
    assert "at least two sub-folders" in run("--data", "folder:" + folder, status=1)
    assert "train-images-idx3-ubyte" in run("--data", "fashion-mnist:" + folder, status=1)
    assert "'Sobel z'" in run("filter", "--kernel", "Sobel z", status=1)
    for wrong in (["--data", "mnist"], ["--optimizer", "lbfgs"], ["--out", "w.txt"], ["--lr", "-1"], ["lesson9"]):
        run(*wrong, status=2)
    assert "/nowhere" in run("--steps", "1", "--out", "/nowhere/w.npz", status=1)

    if "check_interrupts" not in os.environ.get("CONVLENS_SKIP", "").split():  # signals of POSIX
        os.remove(log)
        process = subprocess.Popen([convlens, "train", "--epochs", "100000", "--out", out, "--json-log", log], stdout=subprocess.PIPE, text=True)
        while not (os.path.exists(log) and os.path.getsize(log) > 0):
            time.sleep(0.05)
        before = os.stat(out).st_mtime_ns
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=60)
        assert process.returncode == 0 and "ended by Ctrl+C" in text, text
        assert os.stat(out).st_mtime_ns != before, "Ctrl+C saved nothing"

        # The second Ctrl+C ends at once, with the signal's status, and saves nothing. A stopped process gets both before its next step.
        os.remove(log)
        process = subprocess.Popen([convlens, "train", "--epochs", "100000", "--out", out, "--json-log", log], stdout=subprocess.PIPE, text=True)
        while not (os.path.exists(log) and os.path.getsize(log) > 0):
            time.sleep(0.05)
        before = os.stat(out).st_mtime_ns
        for which in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            process.send_signal(which)
        process.communicate(timeout=60)
        assert process.returncode == 130, process.returncode
        assert os.stat(out).st_mtime_ns == before, "the second Ctrl+C did not end it at once"
print("ok")
