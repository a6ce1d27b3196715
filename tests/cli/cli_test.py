"""The command line: what bad input gets, and that good input gives the same pixels every time."""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM, DATA, BUILD = map(os.path.abspath, sys.argv[1:4])

# arguments of `render`, exit status, words of the sentence on stderr
REFUSED = [
    (["--image", "nope.png"], 1, "nope.png"),
    (["--image", "text.png"], 1, "not a picture"),
    (["--image", "a.gif"], 1, "GIF is not read"),
    (["--stride", "0"], 2, "'0'"),
    (["--dilation", "0"], 2, "'0'"),
    (["--scale", "foo"], 2, "'foo'"),
    (["--isa", "foo"], 2, "'foo'"),
    (["--groups", "2"], 1, "groups is 2"),
    (["--image", "pattern:step:5x5"], 1, "larger than the padded input 9x9"),
    (["--padding-mode", "reflect", "--padding", "400"], 1, "reflect padding 400x400"),
    (["--weights", "random:512x1", "--image", "pattern:noise:8000x8000"], 1, "131.1 GB"),
    (["--weights", os.path.join(DATA, "golden/checkpoints/hostile/nan_inf.npy")], 1, "NaN or infinite"),
    (["--weights", os.path.join(DATA, "golden/checkpoints/hostile/runs_a_command.pth")], 1, "posix.system"),
    (["--weights", os.path.join(DATA, "golden/checkpoints/hostile/legacy_truncated.pth")], 1, "ends within the storage"),
    (["--weights", os.path.join(DATA, "golden/checkpoints/largenet_zip.pth:conv3.weight")], 1, "conv3.weight"),
    (["--channels", "64"], 1, "channel 64 is not there"),
]


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)


def check_refusals():
    open("text.png", "w").write("this is no picture at all, only words\n")
    open("a.gif", "wb").write(b"GIF89a" + bytes(20))
    for arguments, status, words in REFUSED:
        done = run("render", *arguments, "--out", "out.png")
        assert done.returncode == status, (arguments, done.returncode, done.stderr)
        assert words in done.stderr, (arguments, done.stderr)
        assert not os.path.exists("out.png"), arguments
    assert run("render").returncode == 2
    assert run("render", "--out", "missing/out.png").returncode == 1


def check_results():
    for threads in ("1", "2", "3"):
        done = run("render", "--threads", threads, "--out", f"{threads}.png", "--data", f"{threads}.npy", "--stats")
        assert done.returncode == 0, done.stderr
        stats = json.loads(done.stdout)
        assert stats["shape"] == [1, 64, 74, 112] and len(stats["channels"]) == 64
    for kind in ("png", "npy"):
        first = open(f"1.{kind}", "rb").read()
        assert first and all(open(f"{t}.{kind}", "rb").read() == first for t in "23"), kind
    batch = run("render", "--image", "pattern:noise:128x128", "--batch", "32", "--weights", "random:7x5", "--stats")
    assert json.loads(batch.stdout)["shape"] == [32, 7, 128, 128], batch.stderr
    checkpoint = os.path.join(DATA, "golden/checkpoints/largenet_training_checkpoint.pth")
    listed = json.loads(run("info", "--json", checkpoint).stdout)["arrays"]
    assert listed[0] == {"key": "module.conv1.weight", "dtype": "float32", "shape": [5, 3, 5, 5]}, listed
    render = run("render", "--weights", checkpoint + ":conv1.weight", "--stats")
    assert json.loads(render.stdout)["shape"][1] == 5, render.stderr
    info = json.loads(run("info", "--json", "1.npy").stdout)
    assert info["arrays"][0]["shape"] == [1, 64, 74, 112]


def check_installed():
    """The installed program finds its assets from any folder, without the source tree's."""
    prefix = os.path.join(os.getcwd(), "prefix")
    subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True, capture_output=True)
    for file in ("share/applications/convlens.desktop", "share/icons/hicolor/scalable/apps/convlens.svg",
                 "share/convlens/assets/weights/alexnet_conv1.safetensors"):
        assert os.path.exists(os.path.join(prefix, file)), file
    out = os.path.join(os.getcwd(), "installed.png")
    done = subprocess.run([os.path.join(prefix, "bin/convlens"), "render", "--out", out], cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert open(out, "rb").read() == open("1.png", "rb").read()
    os.rename(os.path.join(prefix, "share/convlens/assets/images/cat.png"), os.path.join(prefix, "share/convlens/assets/images/pet.png"))
    done = subprocess.run([os.path.join(prefix, "bin/convlens"), "render", "--out", out], cwd="/", capture_output=True, text=True)
    assert done.returncode == 1 and "sample:cat: no such sample" in done.stderr, "it took the source tree's assets"


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    check_refusals()
    check_results()
    check_installed()
