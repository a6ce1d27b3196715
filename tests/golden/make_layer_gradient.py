"""Makes layer_gradient.npz and layer_gradient.json: gradients of single layers in inference mode by PyTorch. Needs python3-torch; tests
need only the results.

    python3 tests/golden/make_layer_gradient.py tests/golden

A case has the JSON of a network file (docs/NETWORK_FORMAT.md), whose names are those of torch.nn."""
import json
import os
import sys

import numpy as np
import torch


class LayerNorm2d(torch.nn.Module):
    def __init__(self, num_channels, eps=1e-6, affine=True):
        super().__init__()
        self.eps = eps
        self.weight, self.bias = (torch.nn.Parameter(torch.empty(num_channels)) if affine else None for _ in range(2))

    def forward(self, x):
        return torch.nn.functional.layer_norm(x.permute(0, 2, 3, 1), x.shape[1:2], self.weight, self.bias, self.eps).permute(0, 3, 1, 2)


class LocallyConnected2d(torch.nn.Module):
    def __init__(self, in_channels, out_channels, output_size, kernel_size, stride=(1, 1), bias=True):
        super().__init__()
        self.kernel_size, self.stride, self.output_size = kernel_size, stride, output_size
        self.weight = torch.nn.Parameter(torch.empty(out_channels, in_channels, *output_size, *kernel_size))
        self.bias = torch.nn.Parameter(torch.empty(out_channels, *output_size)) if bias else None

    def forward(self, x):
        patches = torch.nn.functional.unfold(x, self.kernel_size, stride=self.stride)
        patches = patches.reshape(len(x), x.shape[1], *self.kernel_size, *self.output_size)
        y = torch.einsum("ncijyx,ocyxij->noyx", patches, self.weight)
        return y if self.bias is None else y + self.bias


CASES = [
    ("Conv2d", {"in_channels": 2, "out_channels": 3, "kernel_size": [3, 2], "stride": [2, 1], "padding": [1, 1]}, [2, 2, 7, 6]),
    ("Linear", {"in_features": 24, "out_features": 5}, [3, 2, 3, 4]),
    ("LocallyConnected2d", {"in_channels": 2, "out_channels": 3, "output_size": [3, 4], "kernel_size": [3, 2], "stride": [2, 1]}, [2, 2, 7, 5]),
    ("LocallyConnected2d", {"in_channels": 1, "out_channels": 2, "output_size": [2, 2], "kernel_size": [2, 2], "bias": False}, [1, 1, 3, 3]),
    ("ReLU", {}, [2, 3, 4, 5]),
    ("LeakyReLU", {"negative_slope": 0.1}, [2, 3, 4, 5]),
    ("Sigmoid", {}, [2, 3, 4, 5]),
    ("Tanh", {}, [2, 3, 4, 5]),
    ("MaxPool2d", {"kernel_size": [3, 2], "stride": [2, 1], "padding": [1, 1], "ceil_mode": True}, [2, 3, 8, 7]),
    ("MaxPool2d", {"kernel_size": [2, 2], "stride": [2, 1], "dilation": [2, 1]}, [1, 2, 9, 6]),
    ("AvgPool2d", {"kernel_size": [3, 3], "stride": [2, 2], "padding": [1, 1], "ceil_mode": True}, [2, 3, 8, 9]),
    ("AvgPool2d", {"kernel_size": [3, 2], "stride": [2, 2], "padding": [1, 1], "count_include_pad": False}, [2, 3, 8, 9]),
    ("AvgPool2d", {"kernel_size": [2, 2], "stride": [1, 2], "divisor_override": 3}, [1, 2, 5, 6]),
    ("AdaptiveAvgPool2d", {"output_size": [3, 4]}, [2, 3, 8, 10]),
    ("AdaptiveAvgPool2d", {"output_size": [5, 6]}, [1, 2, 3, 4]),
    ("BatchNorm2d", {"num_features": 3, "eps": 0.001}, [2, 3, 4, 5]),
    ("BatchNorm2d", {"num_features": 2, "affine": False}, [1, 2, 4, 5]),
    ("GroupNorm", {"num_groups": 2, "num_channels": 4}, [2, 4, 3, 5]),
    ("GroupNorm", {"num_groups": 1, "num_channels": 3, "affine": False, "eps": 0.1}, [2, 3, 3, 5]),
    ("Flatten", {}, [2, 3, 2, 4]),
    ("Dropout", {}, [2, 3, 2, 4]),
    ("Softmax", {}, [2, 6, 3, 2]),
    ("ReLU6", {}, [2, 3, 4, 5]),
    ("Hardtanh", {"min_val": -0.5, "max_val": 0.75}, [2, 3, 4, 5]),
    ("ELU", {"alpha": 0.5}, [2, 3, 4, 5]),
    ("SiLU", {}, [2, 3, 4, 5]),
    ("GELU", {}, [2, 3, 4, 5]),
    ("Hardswish", {}, [2, 3, 4, 5]),
    ("Hardsigmoid", {}, [2, 3, 4, 5]),
    ("PReLU", {}, [2, 3, 4, 5]),
    ("PReLU", {"num_parameters": 3}, [2, 3, 4, 5]),
    ("ConvTranspose2d", {"in_channels": 4, "out_channels": 6, "kernel_size": [3, 2], "stride": [2, 3], "padding": [1, 0], "output_padding": [1, 2], "groups": 2, "dilation": [2, 1]}, [2, 4, 4, 3]),
    ("ConvTranspose2d", {"in_channels": 2, "out_channels": 3, "kernel_size": [2, 2], "bias": False}, [1, 2, 3, 5]),
    ("AdaptiveMaxPool2d", {"output_size": [3, 4]}, [2, 3, 8, 10]),
    ("LayerNorm2d", {"num_channels": 4, "eps": 0.001}, [2, 4, 3, 5]),
    ("LayerNorm2d", {"num_channels": 3, "affine": False}, [1, 3, 4, 4]),
    ("LocalResponseNorm", {"size": 4, "alpha": 0.5, "beta": 0.6, "k": 2}, [2, 6, 3, 4]),
    ("ZeroPad2d", {"left": 1, "right": 2, "top": 0, "bottom": 3}, [2, 3, 4, 5]),
    ("ReflectionPad2d", {"left": 3, "right": 2, "top": 1, "bottom": 3}, [2, 3, 4, 5]),
    ("ReplicationPad2d", {"left": 1, "right": 2, "top": 3, "bottom": 0}, [2, 3, 4, 5]),
    ("Upsample", {"scale_factor": [2, 3]}, [2, 3, 4, 5]),
    ("Upsample", {"scale_factor": [2, 3], "mode": "bilinear"}, [2, 3, 4, 5]),
    ("Upsample", {"scale_factor": [3, 2], "mode": "bilinear", "align_corners": True}, [1, 2, 4, 5]),
    ("PixelShuffle", {"upscale_factor": 2}, [2, 8, 3, 5]),
]
generator = torch.Generator().manual_seed(11)
draw = lambda shape: (torch.rand(shape, generator=generator) * 2 - 1).float().double()
arrays, cases = {}, []
for index, (kind, params, shape) in enumerate(CASES):
    name = f"{index:03}"
    make = {"LocallyConnected2d": LocallyConnected2d, "LayerNorm2d": LayerNorm2d, "Softmax": lambda: torch.nn.Softmax(dim=1)}.get(kind) or getattr(torch.nn, kind)
    if "Pad2d" in kind:
        layer = make([params[side] for side in ("left", "right", "top", "bottom")])
    else:
        layer = make(**{k: tuple(v) if isinstance(v, list) else v for k, v in params.items()}).double().eval()
    for key, value in layer.state_dict().items():
        if key == "num_batches_tracked":
            continue
        value.copy_(draw(value.shape).abs() + 0.5 if key == "running_var" else draw(value.shape))
        arrays[f"{name}/x.{key}"] = value.numpy().astype(np.float32)
    x = (draw(shape) * 2).requires_grad_()
    y = layer(x.flatten(1) if kind == "Linear" else x)
    g = draw(y.shape)
    y.backward(g)
    for key, value in {"input": x, "output": y, "output_gradient": g, "input_gradient": x.grad}.items():
        arrays[f"{name}/{key}"] = value.detach().numpy().astype(np.float32)
    for key, parameter in layer.named_parameters():
        arrays[f"{name}/gradient.{key}"] = parameter.grad.numpy().astype(np.float32)
    cases.append({"name": name, "input": shape, "learned": [k for k, _ in layer.named_parameters()],
                  "network": {"name": kind, "layers": [{"name": "x", "type": kind, **params}]}})
np.savez_compressed(os.path.join(sys.argv[1], "layer_gradient.npz"), **arrays)
with open(os.path.join(sys.argv[1], "layer_gradient.json"), "w") as file:
    json.dump(cases, file, indent=0)
