"""Makes branches.npz and branches.json: outputs and gradients of networks with branches by PyTorch in double precision. Needs python3-torch;
tests need only the results.

    python3 tests/golden/make_branches.py tests/golden"""
import json
import os
import sys

import numpy as np
import torch

from make_networks import Network, run


def residual(n):
    """A block of a ResNet with a stride, that of a SqueezeNet, a gate, and a linear layer."""
    n.conv("conv1", 3, 6, 3, padding=1, bias=True)
    begin = n.add("relu1", "ReLU")
    n.conv("conv2", 6, 8, 3, 2, 1)
    n.norm("bn2", 8)
    n.add("relu2", "ReLU")
    main = n.conv("conv3", 8, 8, 3, padding=1, bias=True)
    skip = n.conv("skip", 6, 8, 1, 2, reads=begin)
    n.add("add", "Add", [main, skip])
    wide = n.add("relu3", "ReLU")
    one = n.conv("one", 8, 4, 1, bias=True)
    n.conv("three", 8, 5, 3, padding=1, bias=True, reads=wide)
    three = n.add("relu4", "ReLU")
    pooled = n.max_pool("pool", 3, 1, 1, reads=wide)
    both = n.add("concat", "Concat", [one, three, pooled])
    n.add("mean", "AdaptiveAvgPool2d", output_size=1)
    n.conv("squeeze", 17, 17, 1, bias=True)
    n.add("sigmoid", "Sigmoid")
    n.add("gated", "Multiply", [n.last, both])
    n.add("flatten", "Flatten")
    n.linear("fc", 17 * 4 * 3, 5)


def unusual(n):
    """Values that are read twice by one layer and by many, the input among them, a layer in between, and a broadcast sum."""
    n.add("square", "Multiply", ["input", "input"])
    n.conv("conv", 3, 3, 1, bias=True, reads="input")
    n.add("three", "Add", ["conv", "square", "input"])
    n.add("drop", "Dropout", "three")
    n.add("relu", "ReLU")
    n.add("means", "AdaptiveAvgPool2d", "three", output_size=1)
    n.add("unused", "ReLU", "conv")
    n.add("shifted", "Add", ["relu", "means", "three"])
    n.add("cat", "Concat", ["shifted", "input", "shifted"])


generator = torch.Generator().manual_seed(12)
draw = lambda *shape: (torch.rand(shape, generator=generator) * 2 - 1).float().double()
arrays, cases = {}, []
for make, size in ((residual, (8, 6)), (unusual, (5, 4))):
    name, n = make.__name__, Network(make.__name__)
    make(n)
    parameters = {}
    for layer in n.layers:
        shapes = {}
        if layer["type"] == "Conv2d":
            shapes["weight"] = (layer["out_channels"], layer["in_channels"], layer["kernel_size"], layer["kernel_size"])
            if layer.get("bias", True):
                shapes["bias"] = shapes["weight"][:1]
        elif layer["type"] == "Linear":
            shapes = {"weight": (layer["out_features"], layer["in_features"]), "bias": (layer["out_features"],)}
        elif layer["type"] == "BatchNorm2d":
            shapes = {key: (layer["num_features"],) for key in ("weight", "bias", "running_mean", "running_var")}
        for key, shape in shapes.items():
            value = draw(*shape).abs() + 0.5 if key == "running_var" else draw(*shape) / 2
            parameters[f"{layer['name']}.{key}"] = value.requires_grad_(not key.startswith("running"))
    x = draw(3, 3, *size).requires_grad_()
    for _, y in run(n.layers, parameters, x):
        pass
    g = draw(*y.shape)
    y.backward(g)
    for key, value in {"input": x, "output": y, "output_gradient": g, "input_gradient": x.grad}.items():
        arrays[f"{name}/{key}"] = value.detach().numpy().astype(np.float32)
    for key, value in parameters.items():
        arrays[f"{name}/{key}"] = value.detach().numpy().astype(np.float32)
        if value.grad is not None:
            arrays[f"{name}/gradient/{key}"] = value.grad.numpy().astype(np.float32)
    cases.append({"name": name, "learned": [key for key, value in parameters.items() if value.grad is not None],
                  "network": json.loads(n.text())})
np.savez_compressed(os.path.join(sys.argv[1], "branches.npz"), **arrays)
with open(os.path.join(sys.argv[1], "branches.json"), "w") as file:
    json.dump(cases, file, indent=0)
