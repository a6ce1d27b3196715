"""Makes maximize.npz and maximize.json: activation maximization by PyTorch. Needs python3-torch; tests need only the results.

    python3 tests/golden/make_maximize.py tests/golden

The search is written as in Lucid (fft_image, to_valid_rgb), with torch.fft and torch.optim.Adam in double precision."""
import copy
import json
import os
import sys

import numpy as np
import torch

MEAN, STD = (torch.tensor(v).double().reshape(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
COLORS = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]]).double() / 0.462


class MersenneTwister:
    """std::mt19937, seeded by one number or, as by std::seed_seq, by several."""

    def __init__(self, *seeds):
        if len(seeds) == 1:
            self.state = [seeds[0]]
            for i in range(1, 624):
                self.state.append((1812433253 * (self.state[-1] ^ self.state[-1] >> 30) + i) & 0xFFFFFFFF)
        else:
            self.state = self.seed_seq(list(seeds), 624)
            if self.state[0] >> 31 == 0 and not any(self.state[1:]):
                self.state[0] = 1 << 31
        self.at = 624

    @staticmethod
    def seed_seq(v, n):
        """The C++ standard's std::seed_seq::generate()."""
        b, s, t = [0x8B8B8B8B] * n, len(v), 11
        p = (n - t) // 2
        q = p + t
        mix = lambda x: x ^ x >> 27
        for k in range(max(s + 1, n)):
            r1 = 1664525 * mix(b[k % n] ^ b[(k + p) % n] ^ b[(k - 1) % n]) & 0xFFFFFFFF
            r2 = (r1 + (s if k == 0 else k % n + v[k - 1] if k <= s else k % n)) & 0xFFFFFFFF
            b[(k + p) % n] = (b[(k + p) % n] + r1) & 0xFFFFFFFF
            b[(k + q) % n] = (b[(k + q) % n] + r2) & 0xFFFFFFFF
            b[k % n] = r2
        for k in range(max(s + 1, n), max(s + 1, n) + n):
            r3 = 1566083941 * mix((b[k % n] + b[(k + p) % n] + b[(k - 1) % n]) & 0xFFFFFFFF) & 0xFFFFFFFF
            r4 = (r3 - k % n) & 0xFFFFFFFF
            b[(k + p) % n] ^= r3
            b[(k + q) % n] ^= r4
            b[k % n] = r4
        return b

    def __call__(self):
        if self.at == 624:
            for i in range(624):
                y = self.state[i] & 0x80000000 | self.state[(i + 1) % 624] & 0x7FFFFFFF
                self.state[i] = self.state[(i + 397) % 624] ^ y >> 1 ^ (0x9908B0DF if y & 1 else 0)
            self.at = 0
        y = self.state[self.at]
        self.at += 1
        y ^= y >> 11
        y ^= y << 7 & 0x9D2C5680
        y ^= y << 15 & 0xEFC60000
        return y ^ y >> 18


def first(seed, channel, count):
    random = MersenneTwister(seed, channel)
    return [0.01 * (sum(random() >> 8 for _ in range(12)) / 2**24 - 6) for _ in range(count)]


def search(net, case):
    h, w = case["size"]
    planes = 3
    u, v = torch.fft.fftfreq(h).double()[:, None], torch.fft.rfftfreq(w).double()[None, :]
    f = torch.sqrt(u**2 + v**2)
    scale = np.sqrt(h * w) / torch.clamp(f, min=1 / max(h, w))
    if case["low_pass"]:
        scale = scale * torch.exp(-((f / case["low_pass"]) ** 4))
    count = 2 * h * (w // 2 + 1) if case["spectrum"] else h * w
    z = torch.tensor([first(case["seed"], c, planes * count) for c in case["channels"]], dtype=torch.float64, requires_grad=True)

    def colors():
        if case["spectrum"]:
            pairs = z.reshape(len(z), planes, h, w // 2 + 1, 2)
            t = torch.fft.irfft2(torch.view_as_complex(pairs) * scale, s=(h, w)) / 4
        else:
            t = z.reshape(len(z), planes, h, w)
        if case["correlated_colors"]:
            t = torch.einsum("ij,njyx->niyx", COLORS, t)
        return torch.sigmoid(t)

    inner = copy.deepcopy(net)
    if case["unit"]:  # far from the borders there is no padding
        inner[0].padding = (0, 0)

    def moved(pictures, shift, factor=1, degrees=0):
        """Shifted; then enlarged and turned clockwise around the middle, by PyTorch's grid_sample on a picture that continues around its edges."""
        pictures = torch.roll(pictures, shift, (2, 3))
        if factor == 1 and degrees == 0:
            return pictures
        pad, seen = 12, case["seen"] if case["unit"] else [h, w]
        pictures = torch.nn.functional.pad(pictures, (pad,) * 4, mode="circular")
        y, x = torch.meshgrid(*(torch.arange(n).double() - (n - 1) / 2 for n in seen), indexing="ij")
        angle = np.radians(degrees)
        y, x = (np.cos(angle) * y - np.sin(angle) * x) / factor, (np.sin(angle) * y + np.cos(angle) * x) / factor
        place = lambda v, n, size: (v + (n - 1) / 2 + pad) / (size + 2 * pad - 1) * 2 - 1
        grid = torch.stack([place(x, seen[1], w), place(y, seen[0], h)], -1)
        return torch.nn.functional.grid_sample(pictures, grid.expand(len(pictures), -1, -1, -1), align_corners=True)

    def values(*motion):
        out = inner((moved(colors(), *motion) - MEAN) / STD)
        own = torch.stack([out[n, c] for n, c in enumerate(case["channels"])])
        return own[:, case["unit"][0], case["unit"][1]] if case["unit"] else own.mean((1, 2))

    optimizer = torch.optim.Adam([z], case["learning_rate"], weight_decay=case["weight_decay"])
    random, j = MersenneTwister(case["seed"]), case["jitter"]
    for _ in range(case["steps"]):
        shift = [random() % (j + 1) - j // 2 for _ in range(2)] if j else [0, 0]
        between = lambda most: most * (2 * random() / 2**32 - 1) if most else 0
        factor = 1 + between(case["scale"])
        degrees = between(case["rotation"])
        optimizer.zero_grad()
        (-values(shift, factor, degrees)).sum().backward()
        optimizer.step()
    with torch.no_grad():
        return colors().numpy(), values([0, 0]).numpy()


generator = torch.Generator().manual_seed(7)
net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 5, 2, 1), torch.nn.ReLU(), torch.nn.MaxPool2d(3, 2), torch.nn.Conv2d(8, 6, 3)).double()
for parameter in net.parameters():
    parameter.data = (torch.randn(parameter.shape, generator=generator) * 0.2).float().double()
arrays = {name: value.numpy().astype(np.float32) for name, value in net.state_dict().items()}
DEFAULT = {"channels": [0, 3], "size": [24, 32], "unit": None, "steps": 8, "learning_rate": 0.1, "spectrum": True, "low_pass": 0.25,
           "correlated_colors": True, "jitter": 0, "weight_decay": 0, "seed": 1, "scale": 0, "rotation": 0}
CASES = [{}, {"jitter": 4, "seed": 2}, {"spectrum": False}, {"correlated_colors": False, "low_pass": 0}, {"weight_decay": 0.01, "channels": [5]},
         # A unit sees 17x17 pixels of planes of 18x18, whose transforms are fast.
         {"size": [18, 18], "unit": [0, 0], "seed": 3},
         {"jitter": 4, "scale": 0.1, "rotation": 15, "seed": 4}, {"rotation": 10, "spectrum": False}, {"scale": 0.2, "correlated_colors": False},
         {"size": [18, 18], "unit": [0, 0], "seen": [17, 17], "scale": 0.05, "rotation": 5, "seed": 5}]
cases = []
for index, changes in enumerate(CASES):
    case = {**DEFAULT, **changes, "name": f"{index:03}"}
    arrays[case["name"] + "/pictures"], arrays[case["name"] + "/values"] = search(net, case)
    cases.append(case)
np.savez(os.path.join(sys.argv[1], "maximize.npz"), **arrays)
json.dump(cases, open(os.path.join(sys.argv[1], "maximize.json"), "w"), indent=0)
