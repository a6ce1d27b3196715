"""Makes layers.json and layers.npz: layers of torch.nn by PyTorch in double precision. Needs python3-torch; tests need only the results.

    python3 tests/golden/make_layers.py tests/golden"""
import json
import os
import sys

import numpy as np
import torch
from torch import nn

random = np.random.default_rng(2026)


class LayerNorm2d(nn.LayerNorm):
    """As in torchvision's models/convnext.py."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


# type and members as in a network file, PyTorch's layer, shape of the input
CASES = [
    (dict(type="ReLU6"), nn.ReLU6(), (2, 3, 5, 4)), (dict(type="Hardtanh", min_val=-0.5, max_val=2.0), nn.Hardtanh(-0.5, 2.0), (1, 2, 5, 6)),
    (dict(type="Hardtanh"), nn.Hardtanh(), (1, 2, 5, 6)), (dict(type="SiLU"), nn.SiLU(), (2, 3, 5, 4)), (dict(type="GELU"), nn.GELU(), (2, 3, 5, 4)),
    (dict(type="Hardswish"), nn.Hardswish(), (2, 3, 5, 4)), (dict(type="Hardsigmoid"), nn.Hardsigmoid(), (2, 3, 5, 4)),
    (dict(type="ELU"), nn.ELU(), (2, 3, 5, 4)), (dict(type="ELU", alpha=0.25), nn.ELU(0.25), (1, 2, 5, 6)),
    (dict(type="PReLU"), nn.PReLU(), (1, 4, 3, 3)), (dict(type="PReLU", num_parameters=5), nn.PReLU(5), (2, 5, 3, 4)),
    (dict(type="ZeroPad2d", left=1, right=2, top=0, bottom=3), nn.ZeroPad2d((1, 2, 0, 3)), (2, 3, 4, 5)),
    (dict(type="ReflectionPad2d", left=3, right=1, top=2, bottom=0), nn.ReflectionPad2d((3, 1, 2, 0)), (2, 2, 4, 5)),
    (dict(type="ReplicationPad2d", left=0, right=7, top=6, bottom=1), nn.ReplicationPad2d((0, 7, 6, 1)), (2, 2, 4, 5)),
    (dict(type="Upsample", scale_factor=3), nn.Upsample(scale_factor=3), (2, 3, 4, 5)),
    (dict(type="Upsample", scale_factor=[2, 1]), nn.Upsample(scale_factor=(2, 1)), (1, 3, 4, 5)),
    (dict(type="Upsample", scale_factor=2, mode="bilinear"), nn.Upsample(scale_factor=2, mode="bilinear"), (2, 3, 4, 5)),
    (dict(type="Upsample", scale_factor=[3, 4], mode="bilinear", align_corners=True), nn.Upsample(scale_factor=(3, 4), mode="bilinear", align_corners=True), (1, 2, 4, 1)),
    (dict(type="Upsample", scale_factor=[3, 4], mode="bilinear"), nn.Upsample(scale_factor=(3, 4), mode="bilinear"), (1, 2, 3, 6)),
    (dict(type="PixelShuffle", upscale_factor=3), nn.PixelShuffle(3), (2, 18, 3, 4)),
    (dict(type="LocalResponseNorm", size=5), nn.LocalResponseNorm(5), (2, 9, 3, 4)),
    (dict(type="LocalResponseNorm", size=3, alpha=2.0, beta=0.5, k=1.5), nn.LocalResponseNorm(3, 2.0, 0.5, 1.5), (1, 6, 3, 4)),
    (dict(type="LocalResponseNorm", size=4, alpha=3.0), nn.LocalResponseNorm(4, 3.0), (1, 6, 3, 4)),
    (dict(type="AdaptiveMaxPool2d", output_size=[3, 2]), nn.AdaptiveMaxPool2d((3, 2)), (2, 3, 7, 9)), (dict(type="AdaptiveMaxPool2d", output_size=5), nn.AdaptiveMaxPool2d(5), (1, 2, 3, 4)),
    (dict(type="LayerNorm2d", num_channels=6), LayerNorm2d(6, eps=1e-6), (2, 6, 3, 4)), (dict(type="LayerNorm2d", num_channels=4, eps=0.5, affine=False), LayerNorm2d(4, 0.5, False), (1, 4, 3, 4)),
    (dict(type="AvgPool2d", kernel_size=3, stride=2, padding=1, count_include_pad=False), nn.AvgPool2d(3, 2, 1, count_include_pad=False), (1, 2, 7, 6)),
    (dict(type="AvgPool2d", kernel_size=3, stride=2, padding=1, ceil_mode=True), nn.AvgPool2d(3, 2, 1, ceil_mode=True), (1, 2, 6, 8)),
    (dict(type="ConvTranspose2d", in_channels=3, out_channels=4, kernel_size=2, stride=2), nn.ConvTranspose2d(3, 4, 2, 2), (2, 3, 4, 5)),
    (dict(type="ConvTranspose2d", in_channels=4, out_channels=6, kernel_size=[3, 4], stride=[2, 3], padding=1, output_padding=[1, 2], groups=2, bias=False),
     nn.ConvTranspose2d(4, 6, (3, 4), (2, 3), 1, (1, 2), 2, False), (2, 4, 4, 3)),
    (dict(type="ConvTranspose2d", in_channels=2, out_channels=3, kernel_size=3, stride=1, padding=2, dilation=[2, 1]),
     nn.ConvTranspose2d(2, 3, 3, 1, 2, dilation=(2, 1)), (1, 2, 6, 7)),
]

arrays, cases = {}, []
for index, (spec, layer, shape) in enumerate(CASES):
    name = f"{index:03}"
    x = (3 * random.standard_normal(shape)).astype(np.float32)
    for key, parameter in layer.named_parameters():
        values = random.standard_normal(tuple(parameter.shape)).astype(np.float32)
        parameter.data = torch.from_numpy(values)
        arrays[f"{name}/{key}"] = values
    with torch.no_grad():
        arrays[f"{name}/output"] = layer.double()(torch.from_numpy(x).double()).numpy()
    arrays[f"{name}/input"] = x
    cases.append({"name": name, "layer": spec})
np.savez_compressed(os.path.join(sys.argv[1], "layers.npz"), **arrays)
json.dump(cases, open(os.path.join(sys.argv[1], "layers.json"), "w"), indent=0)
