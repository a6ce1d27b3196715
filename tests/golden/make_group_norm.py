"""Makes group_norm.json and group_norm.npz: nn.GroupNorm by PyTorch in double precision. Needs python3-torch; tests need only the results.

    python3 tests/golden/make_group_norm.py tests/golden"""
import json
import os
import sys

import numpy as np
import torch

CASES = [  # batch, channels, height, width, groups, eps, affine, what the input is moved by
    (1, 6, 5, 7, 3, 1e-5, True, 0), (2, 8, 9, 4, 2, 1e-5, True, 0), (3, 4, 6, 6, 1, 1e-5, True, 0), (2, 5, 8, 3, 5, 1e-5, True, 0),
    (1, 12, 1, 1, 4, 1e-5, True, 0), (2, 9, 1, 17, 3, 1e-3, True, 0), (1, 6, 11, 13, 2, 1e-5, False, 0), (2, 4, 3, 3, 2, 0.5, False, 0),
    (1, 8, 16, 16, 4, 1e-5, True, 100), (1, 2, 10, 10, 1, 1e-5, True, -30)]

arrays, cases = {}, []
random = np.random.default_rng(2027)
for index, (n, c, h, w, groups, eps, affine, move) in enumerate(CASES):
    name = f"{index:03}"
    x = (random.standard_normal((n, c, h, w)) * random.uniform(0.5, 3, (1, c, 1, 1)) + move).astype(np.float32)
    layer = torch.nn.GroupNorm(groups, c, eps=eps, affine=affine).double()
    arrays[f"{name}/input"] = x
    if affine:
        for key in ("weight", "bias"):
            values = random.standard_normal(c).astype(np.float32)
            getattr(layer, key).data = torch.from_numpy(values).double()
            arrays[f"{name}/{key}"] = values
    with torch.no_grad():
        arrays[f"{name}/output"] = layer(torch.from_numpy(x).double()).numpy()
    cases.append({"name": name, "num_groups": groups, "num_channels": c, "eps": eps, "affine": affine})
np.savez(os.path.join(sys.argv[1], "group_norm.npz"), **arrays)
json.dump(cases, open(os.path.join(sys.argv[1], "group_norm.json"), "w"), indent=0)
