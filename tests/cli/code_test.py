"""The scripts of `convlens code` compute what `convlens render --data` writes. Without torch PyTorch's are counted as skipped."""
import os
import subprocess
import sys
import tempfile

PROGRAM, DATA, BUILD = map(os.path.abspath, sys.argv[1:4])
ASSETS = os.path.join(os.path.dirname(DATA), "assets")
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable  # where Debian's packages are
CHECKPOINTS = os.path.join(DATA, "golden/checkpoints")

DOCUMENTS = [
    [],
    ["--weights", "edges", "--scale", "symmetric", "--channels", "0,5,7"],
    ["--weights", "edges:sum", "--gray"],
    ["--weights", "random:7x5", "--padding", "2"],
    ["--weights", "random:8x3x5:3", "--stride", "2x3", "--dilation", "2x1", "--padding", "1x2"],
    ["--weights", "random:6x3", "--groups", "3", "--padding-mode", "reflect", "--padding", "4"],
    ["--weights", "random:6x4", "--padding", "same", "--padding-mode", "circular"],
    ["--weights", "random:6x3", "--padding", "3", "--padding-mode", "replicate", "--flip"],
    ["--weights", "random:5x3", "--bias", "none", "--relu", "--max-pool", "3x2"],
    ["--image", "pattern:noise:40x30", "--batch", "3", "--weights", "random:4x3"],
    ["--image", "pattern:zone:33x21", "--weights", "edges"],
    ["--image", "sample:brick", "--resize", "100x77", "--weights", "edges"],
    ["--image", "sample:cat", "--resize", "600x500", "--normalize", "half", "--weights", "random:7x5"],
    ["--image", "sample:cat", "--crop", "200x150+30+40", "--shift", "7,-5", "--weights", "alexnet"],
    ["--image", "sample:cat", "--gray", "--normalize", "imagenet", "--weights", "random:7x5"],
    ["--image", "sample:cat", "--gray", "--weights", "alexnet"],
    ["--network", "largenet", "--weights", "random:4", "--gray"],
    ["--image", "sample:cat", "--gray", "--weights", "random:6x3", "--groups", "3"],
    ["--image", "alpha.png", "--background", "3080ff", "--weights", "random:7x5"],
    ["--network", "largenet", "--weights", "random:4"],
    ["--network", "largenet", "--weights", os.path.join(CHECKPOINTS, "largenet.safetensors"), "--layer", "relu3"],
    ["--network", "alexnet", "--weights", "convlens", "--layer", "features.6"],
    ["--network", "all.json", "--weights", "random:2"],
    ["--network", "local.json", "--weights", "random:2", "--image", "sample:cat"],
    ["--network", "groups.json", "--weights", "random:2"], ["--network", "more.json", "--weights", "random:2"],
    ["--network", os.path.join(DATA, "golden/onnx/residual.onnx"), "--image", "sample:cat"],
    ["--network", "resnet18", "--weights", "random:2", "--image", "sample:cat", "--resize", "64x64", "--layer", "layer2.1.add"],
    ["--network", "mobilenet_v3_small", "--weights", "random:2", "--image", "sample:cat", "--resize", "64x64", "--layer", "features.4.block.2.multiply"],
    ["--network", "densenet121", "--weights", "random:2", "--image", "sample:cat", "--resize", "64x64", "--layer", "features.denseblock1.denselayer2.concat"],
]

ALL = """{"name": "All", "input_size": [40, 40], "layers": [
 {"name": "conv", "type": "Conv2d", "in_channels": 3, "out_channels": 8, "kernel_size": 3, "padding": 1, "bias": false},
 {"name": "bn", "type": "BatchNorm2d", "num_features": 8},
 {"name": "leaky", "type": "LeakyReLU", "negative_slope": 0.2},
 {"name": "pool", "type": "MaxPool2d", "kernel_size": 3, "stride": 2, "padding": 1},
 {"name": "tanh", "type": "Tanh"}, {"name": "mean", "type": "AvgPool2d", "kernel_size": 2},
 {"name": "adaptive", "type": "AdaptiveAvgPool2d", "output_size": [3, 4]}, {"name": "drop", "type": "Dropout"},
 {"name": "flat", "type": "Flatten"}, {"name": "fc", "type": "Linear", "in_features": 96, "out_features": 10},
 {"name": "sigmoid", "type": "Sigmoid"}, {"name": "fc2", "type": "Linear", "in_features": 10, "out_features": 4, "bias": false},
 {"name": "softmax", "type": "Softmax"}]}"""
LOCAL = """{"name": "Local", "input_size": [20, 24], "layers": [
 {"name": "local", "type": "LocallyConnected2d", "in_channels": 3, "out_channels": 4, "output_size": [8, 10], "kernel_size": [5, 6], "stride": 2}]}"""
MORE = """{"name": "More", "input_size": [18, 15], "layers": [
 {"name": "conv", "type": "Conv2d", "in_channels": 3, "out_channels": 12, "kernel_size": 3}, {"name": "gelu", "type": "GELU"},
 {"name": "ln", "type": "LayerNorm2d", "num_channels": 12}, {"name": "silu", "type": "SiLU"}, {"name": "lrn", "type": "LocalResponseNorm", "size": 4, "alpha": 0.5},
 {"name": "zero", "type": "ZeroPad2d", "left": 1, "bottom": 2}, {"name": "elu", "type": "ELU", "alpha": 0.5}, {"name": "reflect", "type": "ReflectionPad2d", "top": 2},
 {"name": "prelu", "type": "PReLU", "num_parameters": 12}, {"name": "copy", "type": "ReplicationPad2d", "right": 3}, {"name": "tanh", "type": "Hardtanh", "max_val": 0.75},
 {"name": "shuffle", "type": "PixelShuffle", "upscale_factor": 2}, {"name": "swish", "type": "Hardswish"}, {"name": "up", "type": "Upsample", "scale_factor": [2, 1]},
 {"name": "up2", "type": "Upsample", "scale_factor": 2, "mode": "bilinear"}, {"name": "up3", "type": "Upsample", "scale_factor": [1, 2], "mode": "bilinear", "align_corners": true},
 {"name": "convt", "type": "ConvTranspose2d", "in_channels": 3, "out_channels": 4, "kernel_size": [3, 2], "stride": 2, "padding": 1}, {"name": "relu6", "type": "ReLU6"},
 {"name": "max", "type": "AdaptiveMaxPool2d", "output_size": [5, 7]}, {"name": "gate", "type": "Hardsigmoid"}]}"""
GROUPS = """{"name": "Groups", "input_size": [30, 20], "layers": [
 {"name": "conv", "type": "Conv2d", "in_channels": 3, "out_channels": 8, "kernel_size": 3},
 {"name": "gn1", "type": "GroupNorm", "num_groups": 2, "num_channels": 8}, {"name": "relu", "type": "ReLU"},
 {"name": "gn2", "type": "GroupNorm", "num_groups": 4, "num_channels": 8, "eps": 0.001, "affine": false}]}"""

COMPARE = """
import sys, numpy as np
a, b = np.load(sys.argv[1]), np.load(sys.argv[2])
assert a.shape == b.shape, (a.shape, b.shape)
print(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30))
"""


def has(*modules):
    return subprocess.run([PYTHON, "-c", "import " + ", ".join(modules)], capture_output=True).returncode == 0


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr[-2000:])
    return done.stdout


def check(arguments, dialect):
    run(PROGRAM, "render", "--data", "expected.npy", *arguments)
    for name in ("script.py", "y.npy"):
        if os.path.exists(name):
            os.remove(name)
    run(PROGRAM, "code", "--out", "script.py", *dialect, *arguments)
    run(PYTHON, "script.py", "y.npy")
    error = float(run(PYTHON, "-c", COMPARE, "y.npy", "expected.npy"))
    assert error < 1e-5, (arguments, dialect, error)
    return error


# What `maximize --code` and `attribute --code` compute, against --data of the same commands.
SEARCHES = [
    ["maximize", "--weights", "alexnet", "--channels", "0,7,63", "--steps", "8"],
    ["maximize", "--weights", "random:4x5", "--padding", "2", "--relu", "--steps", "5", "--pixels", "--total-variation", "0.01", "--plain-colors"],
    ["maximize", "--network", "alexnet", "--layer", "features.4", "--channels", "1,2", "--steps", "4", "--seed", "3"],
    ["maximize", "--weights", "edges:sum", "--channels", "0,3", "--objective", "channel", "--picture-size", "40x30", "--steps", "6", "--from-image"],
    ["maximize", "--weights", "alexnet", "--channels", "0,7", "--objective", "channel", "--picture-size", "40x30", "--steps", "6", "--random-scale", "0.1",
     "--random-rotation", "20"],
    ["maximize", "--network", "alexnet", "--layer", "features.4", "--channels", "1,2", "--steps", "4", "--random-rotation", "180"],
]
MAPS = [
    ["attribute", "--network", "alexnet", "--layer", "features.9", "--channel", "3", "--image", "sample:cat", "--resize", "96x96"],
    ["attribute", "--network", "largenet", "--weights", "random:4", "--channel", "0", "--patch", "7x5", "--patch-stride", "6x9"],
]


def check_tool(arguments, tolerance):
    """The maps come with their twins, whose random weights are PyTorch's own in the script."""
    run(PROGRAM, *arguments, "--data", "expected.npy", "--code", "script.py")
    run(PYTHON, "script.py", "y.npy")
    run(PYTHON, "-c", "import numpy as np; a = np.load('expected.npy'); np.save('expected.npy', a[0] if len(a) == 2 and a.ndim == 4 and a.shape[1] == 7 else a)")
    error = float(run(PYTHON, "-c", COMPARE, "y.npy", "expected.npy"))
    assert error < tolerance, (arguments, error)
    return error


def main():
    if not has("numpy", "PIL"):
        print("skipped: no script was run, python3-numpy or python3-pil is missing")
        return
    dialects = [["--numpy"]] + ([[]] if has("torch") else [])
    skipped = 0 if has("torch") else len(DOCUMENTS)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        open("all.json", "w").write(ALL)
        open("local.json", "w").write(LOCAL)
        open("groups.json", "w").write(GROUPS)
        open("more.json", "w").write(MORE)
        run(PYTHON, "-c", "from PIL import Image; import numpy as np; Image.fromarray(np.random.default_rng(1).integers(0, 256, (20, 30, 4), dtype=np.uint8), 'RGBA').save('alpha.png')")
        worst = max((check(arguments, dialect), dialect, arguments) for arguments in DOCUMENTS for dialect in dialects)
        if has("torch"):
            print(f"searches: {max(check_tool(a, 1e-4) for a in SEARCHES):.1e}, maps: {max(check_tool(a, 1e-3) for a in MAPS):.1e}")
        else:
            skipped += len(SEARCHES) + len(MAPS)
        done = subprocess.run([PROGRAM, "code", "--out", "script.txt"], capture_output=True, text=True)
        assert done.returncode == 2 and "'script.txt'" in done.stderr
        # Without --out the script goes to standard output, its arrays to a file that does not exist yet.
        open("convlens-weights.npz", "w").write("mine")
        script = run(PROGRAM, "code", "--numpy", *DOCUMENTS[3])
        assert open("convlens-weights.npz").read() == "mine" and os.path.exists("convlens-weights-2.npz"), os.listdir(".")
        open("printed.py", "w").write(script)
        run(PYTHON, "printed.py", "printed.npy")
        run(PROGRAM, "render", "--data", "expected.npy", *DOCUMENTS[3])
        assert float(run(PYTHON, "-c", COMPARE, "printed.npy", "expected.npy")) < 1e-5
        if has("matplotlib"):
            environment = dict(os.environ, MPLBACKEND="Agg")
            if has("torch"):
                subprocess.run([PYTHON, "script.py"], env=environment, check=True)  # of the last MAPS, with the twins
            for arguments in (DOCUMENTS[0], DOCUMENTS[1]):
                run(PROGRAM, "code", "--out", "script.py", *arguments)
                if has("torch"):
                    subprocess.run([PYTHON, "script.py"], env=environment, check=True)
    print(f"{len(DOCUMENTS)} documents, {len(dialects)} dialects, worst error {worst[0]:.1e} of the largest value; {skipped} PyTorch scripts skipped")


main()
