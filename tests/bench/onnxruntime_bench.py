"""Sets Convlens beside ONNX Runtime on the CPU: onnxruntime_bench.py CONVLENS [ROUNDS]

Needs node and its package onnxruntime-node (npm install --ignore-scripts onnxruntime-node) in the folder that NODE_PATH names. Both run the
same ONNX file, which Convlens writes with random weights, on two threads and take turns; medians count. The time of the processor, summed over
threads, does not depend much on what else runs; ONNX Runtime's threads do not spin here while they wait, which would count. Nothing passes
or fails here: docs/PERFORMANCE.md has what was measured.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 7
NETWORKS = ("resnet18", "mobilenet_v2", "vgg11", "resnet50")
RUN = """
const ort = require('onnxruntime-node');
(async () => {
  const start = performance.now();
  const session = await ort.InferenceSession.create(process.argv[1], {logSeverityLevel: 3, intraOpNumThreads: 2,
    extra: {session: {intra_op: {allow_spinning: '0'}}}});
  const opened = performance.now() - start, input = new ort.Tensor('float32', new Float32Array(3 * 224 * 224).fill(0.5), [1, 3, 224, 224]);
  const times = [], processor = [];
  for (let i = 0; i < 12; ++i) {
    const begin = performance.now(), used = process.cpuUsage();
    await session.run({input});
    times.push(performance.now() - begin);
    const now = process.cpuUsage(used);
    processor.push((now.user + now.system) / 1000);
  }
  console.log(JSON.stringify({opened, times: times.slice(2), processor: processor.slice(2)}));
})().catch(error => { console.error(String(error)); process.exit(1); });
"""


def output(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, (words[:3], done.stderr[-500:])
    return done.stdout


def convlens(path):
    """Returns the milliseconds of a forward pass, those of the processor, and those of all layers one by one with the statistics of
    their maps."""
    text = output(PROGRAM, "bench", "pattern:noise:224x224", "--network", path, "--backend", "cpu", "--threads", "2")
    forward = [line for line in text.splitlines() if line.strip().startswith("CPU")]
    layers = json.loads(output(PROGRAM, "network", "pattern:noise:224x224", "--network", path, "--json", "--measure", "--backend", "cpu", "--threads", "2"))
    return float(forward[0].split()[-3]), float(forward[0].split()[-4]), sum(layer["milliseconds"] for layer in layers["layers"])


def opened(path):
    """Returns the milliseconds of a command that opens the file with all its weights, and runs nothing."""
    start = time.perf_counter()
    output(PROGRAM, "network", "pattern:noise:224x224", "--network", path, "--csv")
    return 1000 * (time.perf_counter() - start)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            path = os.path.join(folder, name + ".onnx")
            output(PROGRAM, "network", "pattern:noise:224x224", "--network", name, "--weights", "random:1", "--save-onnx", path)
            rounds = []
            for _ in range(ROUNDS):
                forward, processor, layers = convlens(path)
                run = json.loads(output("node", "-e", RUN, path))
                rounds.append((forward, processor, layers, statistics.median(run["times"]), statistics.median(run["processor"]), opened(path), run["opened"]))
            a, p, b, c, q, ours, theirs = (statistics.median(column) for column in zip(*rounds))
            print(f"{name}: forward {a:.1f} ms, layer by layer with statistics {b:.1f} ms, ONNX Runtime {c:.1f} ms: {a / c:.2f} and {b / c:.2f} times; "
                  f"of the processor {p:.1f} and {q:.1f} ms: {p / q:.2f} times; "
                  f"{os.path.getsize(path) / 1e6:.0f} MB opened in {ours:.0f} ms, by ONNX Runtime in {theirs:.0f} ms", flush=True)


main()
