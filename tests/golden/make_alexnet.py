"""Makes alexnet.json: some values of each of AlexNet's layers, by PyTorch in double precision. Needs python3-torch; tests need only the result.

    python3 tests/golden/make_alexnet.py > tests/golden/alexnet.json

Weights, biases and the input are too many to be kept; numbers(count, seed, scale) makes them here and in the test."""
import json
import math

import numpy as np
import torch
from torch import nn


def numbers(count, seed, scale):
    """float32 numbers in -scale .. scale: the upper 24 bits of a hash of the index (Knuth's multiplicative hashing, twice)."""
    i = np.arange(count, dtype=np.uint64) + np.uint64(seed * 1000003 % 2**32)
    i = (i * np.uint64(2654435761)) % np.uint64(2**32)
    i = ((i ^ (i >> np.uint64(15))) * np.uint64(2246822519)) % np.uint64(2**32)
    unit = (i >> np.uint64(8)).astype(np.float64) / 2**23 - 1  # exact in float32
    return (unit.astype(np.float32) * np.float32(scale)).astype(np.float32)


class AlexNet(nn.Module):
    """torchvision's layout and names."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(64, 192, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, 1, 1), nn.ReLU(), nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU(), nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(3, 2))
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000))


net = AlexNet().eval()
state = net.state_dict()
for seed, name in enumerate(sorted(state), start=1):
    shape = state[name].shape
    fan_in = math.prod(state[name.rsplit(".", 1)[0] + ".weight"].shape[1:])
    values = numbers(math.prod(shape), seed, 1 / 32 if name.endswith("bias") else np.float32(math.sqrt(6 / fan_in)))
    state[name] = torch.from_numpy(values.reshape(tuple(shape)))
net.load_state_dict(state)
net = net.double()
x = torch.from_numpy(numbers(3 * 224 * 224, 0, 2).reshape(1, 3, 224, 224)).double()

layers = []
with torch.no_grad():
    for prefix, module in [(f"features.{i}", m) for i, m in enumerate(net.features)] + [("avgpool", net.avgpool), ("classifier", net.classifier)]:
        steps = [(prefix, module)] if prefix != "classifier" else [(f"classifier.{i}", m) for i, m in enumerate(net.classifier)]
        for name, step in steps:
            if name == "classifier.0":
                x = torch.flatten(x, 1)
            x = step(x)
            flat = x.flatten()
            at = [int(k * 2654435761 % flat.numel()) for k in range(24)]
            layers.append({"name": name, "count": flat.numel(), "largest": float(flat.abs().max()), "sum": float(flat.sum()), "sum_abs": float(flat.abs().sum()),
                           "at": at, "values": [float(flat[k]) for k in at]})
print(json.dumps({"torch": torch.__version__, "layers": layers}, indent=1))
