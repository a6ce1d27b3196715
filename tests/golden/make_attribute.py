"""Makes attribute.npz and attribute.json: attribution maps, fooling and an effective receptive field by PyTorch in double precision, rank
correlations and Sobel's edges by SciPy. Needs python3-torch and python3-scipy; tests need only the results.

    python3 tests/golden/make_attribute.py tests/golden"""
import json
import os
import sys

import numpy as np
import scipy.ndimage
import scipy.stats
import torch
from torch.nn.functional import cross_entropy, interpolate

MEAN, STD = (torch.tensor(v).double().reshape(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
FEATURES = [("conv1", "Conv2d", {"in_channels": 3, "out_channels": 6, "kernel_size": [5, 5], "stride": [2, 2], "padding": [2, 2]}),
            ("relu1", "ReLU", {}),
            ("pool1", "MaxPool2d", {"kernel_size": [3, 3], "stride": [2, 2]}),
            ("conv2", "Conv2d", {"in_channels": 6, "out_channels": 8, "kernel_size": [3, 3], "padding": [1, 1]}),
            ("relu2", "ReLU", {}),
            ("conv3", "Conv2d", {"in_channels": 8, "out_channels": 5, "kernel_size": [3, 3], "padding": [1, 1]}),
            ("relu3", "ReLU", {})]
CLASSES = [("pool3", "AdaptiveAvgPool2d", {"output_size": [2, 2]}), ("flat", "Flatten", {}),
           ("fc", "Linear", {"in_features": 20, "out_features": 4}), ("softmax", "Softmax", {})]
# The explained channel, the layer of Grad-CAM as an index, and how many layers at the end are left out.
CASES = [("channel", FEATURES, 1, 4, 1), ("class", FEATURES + CLASSES, 1, 6, 1)]
STEPS, PATCH, STRIDE = 10, (7, 6), (5, 4)


class Guided(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(context, gradient):
        return gradient.clamp(min=0) * (context.saved_tensors[0] > 0)


class Deconvolution(Guided):
    @staticmethod
    def backward(context, gradient):
        return gradient.clamp(min=0)


def build(layers):
    made = [getattr(torch.nn, kind)(**{k: tuple(v) if isinstance(v, list) else v for k, v in params.items()}) if kind != "Softmax"
            else torch.nn.Softmax(dim=1) for _, kind, params in layers]
    return torch.nn.Sequential(*made).double()


def run(net, x, channel, relu=torch.relu, first=0):
    for layer in list(net)[first:]:
        x = relu(x) if isinstance(layer, torch.nn.ReLU) else layer(x)
    return x[:, channel].reshape(len(x), -1).mean(1)


def gradient(net, x, channel, relu=torch.relu):
    x = x.clone().requires_grad_()
    run(net, x, channel, relu).sum().backward()
    return x.grad


def occlusion(net, x, channel):
    h, w = x.shape[2:]
    starts = [sorted({*range(0, size - patch + 1, step), size - patch}) for size, patch, step in zip((h, w), PATCH, STRIDE)]
    total, count, drops = torch.zeros(h, w).double(), torch.zeros(h, w).double(), []
    with torch.no_grad():
        for y in starts[0]:
            for u in starts[1]:
                covered = x.clone()
                covered[:, :, y:y + PATCH[0], u:u + PATCH[1]] = x.mean((2, 3), keepdim=True)
                drops.append(run(net, x, channel)[0] - run(net, covered, channel)[0])
                total[y:y + PATCH[0], u:u + PATCH[1]] += drops[-1]
                count[y:y + PATCH[0], u:u + PATCH[1]] += 1
    return torch.where(count > 0, total / count.clamp(min=1), total), torch.stack(drops)


def maps(net, x, channel, cam):
    g = gradient(net, x, channel)
    black = (0 - MEAN) / STD
    points = torch.cat([black + (x - black) * (k + 0.5) / STEPS for k in range(STEPS)])
    yield "gradient", g.abs().amax(1)
    yield "gradient_input", (g * x).sum(1)
    yield "integrated_gradients", ((x - black) * gradient(net, points, channel).mean(0, keepdim=True)).sum(1)
    yield "guided_backprop", gradient(net, x, channel, Guided.apply).abs().amax(1)
    yield "deconvolution", gradient(net, x, channel, Deconvolution.apply).abs().amax(1)
    a = net[:cam + 1](x).detach().requires_grad_()
    run(net, a, channel, first=cam + 1).sum().backward()
    small = torch.relu((a.grad.mean((2, 3), keepdim=True) * a).sum(1, keepdim=True)).detach()
    yield "grad_cam", interpolate(small, x.shape[2:], mode="bilinear", align_corners=False)
    m, drops = occlusion(net, x, channel)
    yield "occlusion", m
    yield "drops", drops


def fool(net, x, epsilon, steps, wanted):
    size = epsilon / 255
    step = size if steps == 1 else 2.5 * size / steps
    original = net(x).argmax(1)
    adversary = x.clone()
    for _ in range(steps):
        adversary = adversary.detach().requires_grad_()
        loss = cross_entropy(net(adversary), original) if wanted is None else -cross_entropy(net(adversary), torch.tensor([wanted]))
        loss.backward()
        moved = adversary + adversary.grad.sign() * step / STD
        low, high = torch.maximum(-MEAN / STD, x - size / STD), torch.minimum((1 - MEAN) / STD, x + size / STD)
        adversary = torch.minimum(torch.maximum(moved, low), high)
    return adversary.detach(), net(adversary).softmax(1)[0].detach()


def effective_field(net, x, channel, size, first, jump):
    total = torch.zeros(size, size).double()
    h, w = net(x).shape[2:]
    inside = [[i for i in range(n) if first + i * jump >= 0 and first + i * jump + size <= m] for n, m in zip((h, w), x.shape[2:])]
    for y in inside[0]:
        for u in inside[1]:
            z = x.clone().requires_grad_()
            net(z)[0, channel, y, u].backward()
            top, left = first + y * jump, first + u * jump
            total += z.grad[0, :, top:top + size, left:left + size].abs().sum(0)
    return total / total.max(), len(inside[0]) * len(inside[1])


generator = torch.Generator().manual_seed(5)
net = build(FEATURES + CLASSES)
arrays, cases = {}, []
for (name, _, _), layer in zip(FEATURES + CLASSES, net):
    for key, value in layer.named_parameters():
        value.data = (torch.randn(value.shape, generator=generator) * (0.25 if key == "weight" else 0.1)).float().double()
        arrays[f"{name}.{key}"] = value.detach().numpy().astype(np.float32)
image = torch.nn.functional.avg_pool2d(torch.rand(1, 3, 32, 36, generator=generator), 3, 1)[:, :, :28, :33].double()
image = ((image - image.min()) / (image.max() - image.min())).float().double()
x = ((image - MEAN) / STD).float().double()
arrays["input"] = x.numpy()
for name, layers, channel, cam, left_out in CASES:
    for key, value in maps(net[:len(layers) - left_out], x, channel, cam):
        arrays[f"{name}/{key}"] = value.detach().numpy()
        assert key != "drops" or abs(arrays[f"{name}/grad_cam"]).max() > 0, name
    describe = {"name": name, "layers": [{"name": n, "type": kind, **params} for n, kind, params in layers]}
    cases.append({"name": name, "channel": channel, "cam_layer": cam, "steps": STEPS, "patch": PATCH, "stride": STRIDE, "network": describe})
for index, (epsilon, steps, wanted) in enumerate([(4, 1, None), (3, 5, None), (6, 4, 2)]):
    arrays[f"fool{index}/input"], arrays[f"fool{index}/after"] = (t.numpy() for t in fool(net[:10], x, epsilon, steps, wanted))
    cases.append({"name": f"fool{index}", "epsilon": epsilon, "steps": steps, "wanted": wanted})
arrays["field"], count = effective_field(net[:4], x, 3, 17, -6, 4)
cases.append({"name": "field", "positions": count})
gray = x.mean(1)[0].numpy()
arrays["sobel"] = np.hypot(scipy.ndimage.sobel(gray, 0, mode="nearest"), scipy.ndimage.sobel(gray, 1, mode="nearest"))
magnitudes = {k: np.abs(np.float32(arrays[f"channel/{k}"])).ravel() for k in ("gradient", "grad_cam", "occlusion")}
cases.append({"name": "ranks", **{k: scipy.stats.spearmanr(v, np.float32(arrays["sobel"]).ravel()).correlation for k, v in magnitudes.items()}})
np.savez_compressed(os.path.join(sys.argv[1], "attribute.npz"), **{k: np.asarray(v, np.float32) for k, v in arrays.items()})
with open(os.path.join(sys.argv[1], "attribute.json"), "w") as file:
    json.dump(cases, file, indent=0)
