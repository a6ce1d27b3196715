"""Times the engine as WebAssembly under Node against the native program, by turns: wasm_bench.py CONVLENS CONVLENS_NODE.JS [ROUNDS].

Prints a table: the native program with all of its instruction sets, with SSE4 (128 bits, as in WebAssembly), and the ratio to each.
"""
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

ROWS = {
    "A: 64 kernels 11x11 stride 4, 3x224x224": ["--image", "pattern:noise:224x224", "--weights", "random:64x11", "--stride", "4",
                                                "--padding", "0"],
    "D: 7 kernels 5x5, 3x350x210": ["--image", "pattern:noise:210x350", "--weights", "random:7x5"],
    "F: 64 kernels 3x3, 3x1080x1920": ["--image", "pattern:noise:1920x1080", "--weights", "random:64x3"],
}
program, script = sys.argv[1:3]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
assets = Path(__file__).resolve().parents[2] / "assets"
environment = dict(os.environ, CONVLENS_ASSETS=str(assets))


def times(command, options):
    """Returns milliseconds of the layers and of the picture of the grid."""
    text = subprocess.run([*command, "bench", "--backend", "cpu", *options], env=environment, check=True, capture_output=True,
                          text=True).stdout
    numbers = re.search(r"^ +CPU .*? threads?((?: +[\d.]+)+) *$", text, re.MULTILINE)[1].split()
    return float(numbers[0]), float(numbers[-1])


print("| row | native ms | SSE4 ms | WebAssembly ms | of native | of SSE4 |\n|---|---|---|---|---|---|")
for name, options in ROWS.items():
    found = {"native": [], "sse4": [], "wasm": []}
    for _ in range(rounds):
        found["native"].append(times([program], options))
        found["sse4"].append(times([program], [*options, "--isa", "SSE4"]))
        found["wasm"].append(times(["node", script], options))
    for index, what in enumerate(["", "; the grid's picture"]):
        native, sse4, wasm = (statistics.median(t[index] for t in found[kind]) for kind in ("native", "sse4", "wasm"))
        print(f"| {name}{what} | {native:.3g} | {sse4:.3g} | {wasm:.3g} | {wasm / native:.2f} | {wasm / sse4:.2f} |", flush=True)
