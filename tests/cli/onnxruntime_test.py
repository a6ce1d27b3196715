"""Networks that Convlens writes as ONNX give the same results in ONNX Runtime. Skipped where node or its package onnxruntime-node is
missing: npm install --ignore-scripts onnxruntime-node in the folder that NODE_PATH or CONVLENS_ONNXRUNTIME names."""
import array
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv[1])
RUN = """
const ort = require('onnxruntime-node'), fs = require('fs');
(async () => {
  for (const name of process.argv.slice(1)) {
    const bytes = fs.readFileSync(name + '.in'), shape = JSON.parse(fs.readFileSync(name + '.shape'));
    const session = await ort.InferenceSession.create(name + '.onnx', {logSeverityLevel: 3});
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const output = (await session.run({input: new ort.Tensor('float32', values, shape)}))[session.outputNames[0]];
    fs.writeFileSync(name + '.out', Buffer.from(output.data.buffer, output.data.byteOffset, output.data.byteLength));
  }
})().catch(error => { console.error(String(error)); process.exit(1); });
"""

CONV = dict(type="Conv2d", in_channels=3, out_channels=8, kernel_size=3, padding=1)
NETWORKS = {
    "classifier": [CONV, dict(type="BatchNorm2d", num_features=8), dict(type="ReLU6"), dict(type="MaxPool2d", kernel_size=3, stride=2, padding=1),
                   dict(type="Conv2d", in_channels=8, out_channels=8, kernel_size=[3, 2], groups=4, dilation=2), dict(type="Hardswish"),
                   dict(type="AdaptiveAvgPool2d", output_size=[3, 2]), dict(type="Dropout"), dict(type="Linear", in_features=48, out_features=7), dict(type="Softmax")],
    "padding": [dict(CONV, padding_mode="reflect"), dict(type="ZeroPad2d", left=1, bottom=2), dict(type="ReflectionPad2d", top=2), dict(type="ReplicationPad2d", right=3),
                dict(type="Conv2d", in_channels=8, out_channels=4, kernel_size=4, padding="same", flip=True)],
    "activations": [dict(type="SiLU"), dict(type="PReLU"), dict(CONV), dict(type="PReLU", num_parameters=8), dict(type="ELU", alpha=0.5), dict(type="Hardtanh"),
                    dict(type="Hardsigmoid"), dict(type="GELU"), dict(type="LeakyReLU"), dict(type="Sigmoid"), dict(type="Tanh")],
    "larger": [dict(type="Conv2d", in_channels=3, out_channels=12, kernel_size=1), dict(type="PixelShuffle", upscale_factor=2), dict(type="Upsample", scale_factor=2),
               dict(type="Upsample", scale_factor=[2, 3], mode="bilinear"), dict(type="Upsample", scale_factor=2, mode="bilinear", align_corners=True),
               dict(type="ConvTranspose2d", in_channels=3, out_channels=4, kernel_size=3, stride=2, padding=1, output_padding=1)],
    "norms": [CONV, dict(type="LocalResponseNorm", size=5, alpha=0.5), dict(type="GroupNorm", num_groups=2, num_channels=8), dict(type="LayerNorm2d", num_channels=8),
              dict(type="GroupNorm", num_groups=8, num_channels=8), dict(type="AdaptiveMaxPool2d", output_size=1)],
    "pools": [dict(type="AvgPool2d", kernel_size=3, stride=2, padding=1, ceil_mode=True), dict(type="AvgPool2d", kernel_size=2, stride=1, padding=1, count_include_pad=False),
              dict(type="MaxPool2d", kernel_size=3, stride=2, ceil_mode=True), dict(type="AvgPool2d", kernel_size=2, stride=1, divisor_override=3), dict(type="Flatten")],
}


def npy(path, shape, values):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + values.tobytes())


def read_npy(path):
    data = open(path, "rb").read()
    return array.array("f", data[10 + struct.unpack_from("<H", data, 8)[0]:])


def main():
    places = [p for p in (os.environ.get("CONVLENS_ONNXRUNTIME"), os.environ.get("NODE_PATH")) if p]
    environment = {**os.environ, "NODE_PATH": os.pathsep.join(places + [os.path.join(p, "node_modules") for p in places])}
    if not shutil.which("node") or subprocess.run(["node", "-e", "require('onnxruntime-node')"], env=environment, capture_output=True).returncode != 0:
        print("skipped: node's onnxruntime-node is not installed")
        sys.exit(77)
    source = random.Random(5)
    shape = [2, 3, 14, 17]
    values = array.array("f", (source.gauss(0, 1) for _ in range(2 * 3 * 14 * 17)))
    for name, layers in NETWORKS.items():
        with open(name + ".json", "w") as file:
            json.dump({"name": name, "layers": layers}, file)
        npy(name + ".npy", shape, values)
        open(name + ".in", "wb").write(values.tobytes())
        json.dump(shape, open(name + ".shape", "w"))
        document = ["--network", name + ".json", "--weights", "random:3", "--tensor", name + ".npy"]
        for command in (["network", *document, "--save-onnx", name + ".onnx"], ["render", *document, "--data", name + "-expected.npy"]):
            done = subprocess.run([PROGRAM, *command], capture_output=True, text=True)
            assert done.returncode == 0, (command, done.stderr)
    done = subprocess.run(["node", "-e", RUN, *NETWORKS], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in NETWORKS:
        expected, got = read_npy(name + "-expected.npy"), array.array("f", open(name + ".out", "rb").read())
        assert len(expected) == len(got), (name, len(expected), len(got))
        error = max(abs(a - b) for a, b in zip(expected, got)) / max(abs(a) for a in expected)
        print(f"{name}: {len(got)} values, relative error {error:.1e}")
        assert error < 1e-5, name


with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    main()
