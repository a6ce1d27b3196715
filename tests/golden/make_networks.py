"""Writes the architectures of torchvision's classifiers as network files, and golden values of their layers by PyTorch.

    python3 tests/golden/make_networks.py assets/networks           writes the network files; needs nothing
    python3 tests/golden/make_networks.py --check                   compares them with torchvision (python3-torchvision)
    python3 tests/golden/make_networks.py --golden tests/golden     makes networks.npz (python3-torch)

The definitions follow the papers; names of layers are those of torchvision's state dicts, so that its weights fit. Layers without weights,
which are functions there, have names of their own."""
import json
import os
import sys

IMAGENET_CLASSES = 1000


class Network:
    """Layers one after the other. Functions return the name of the layer that they add, to read it again."""

    def __init__(self, name, normalize="imagenet", size=None):
        self.name, self.normalize, self.size, self.layers, self.last = name, normalize, size, [], "input"

    def add(self, name, kind, reads=None, **members):
        layer = {"name": name, "type": kind}
        if reads is not None and (isinstance(reads, list) or reads != self.last):
            layer["inputs"] = reads if isinstance(reads, list) else [reads]
        layer.update((key, value) for key, value in members.items() if value is not None)
        self.layers.append(layer)
        self.last = name
        return name

    def conv(self, name, inputs, outputs, kernel, stride=1, padding=0, groups=1, bias=False, reads=None):
        return self.add(name, "Conv2d", reads, in_channels=inputs, out_channels=outputs, kernel_size=kernel, stride=None if stride == 1 else stride,
                        padding=padding or None, groups=None if groups == 1 else groups, bias=None if bias else False)

    def norm(self, name, channels, eps=None, reads=None):
        return self.add(name, "BatchNorm2d", reads, num_features=channels, eps=eps)

    def max_pool(self, name, kernel, stride, padding=0, ceil=False, reads=None):
        return self.add(name, "MaxPool2d", reads, kernel_size=kernel, stride=None if stride == kernel else stride, padding=padding or None,
                        ceil_mode=True if ceil else None)

    def linear(self, name, inputs, outputs):
        return self.add(name, "Linear", in_features=inputs, out_features=outputs)

    def head(self, features, dropout=None, dropout_name="dropout", linear_name="fc"):
        """The mean of each channel, then a linear layer."""
        self.add("avgpool", "AdaptiveAvgPool2d", output_size=1)
        self.add("flatten", "Flatten")
        if dropout is not None:
            self.add(dropout_name, "Dropout", p=None if dropout == 0.5 else dropout)
        self.linear(linear_name, features, IMAGENET_CLASSES)

    def text(self):
        lines = ",\n".join("    " + json.dumps(layer) for layer in self.layers)
        size = f'  "input_size": [{self.size}, {self.size}],\n' if self.size else ""
        return f'{{\n  "name": {json.dumps(self.name)},\n{size}  "normalize": "{self.normalize}",\n  "layers": [\n{lines}\n  ]\n}}\n'


def vgg(name, stages, norm):
    """K. Simonyan, A. Zisserman, 2014, https://arxiv.org/abs/1409.1556: `stages` has the convolutions between two poolings."""
    n, index, channels = Network(name), 0, 3
    for count, width in zip(stages, (64, 128, 256, 512, 512)):
        for _ in range(count):
            n.conv(f"features.{index}", channels, width, 3, padding=1, bias=True)
            channels = width
            if norm:
                index += 1
                n.norm(f"features.{index}", width)
            n.add(f"features.{index + 1}", "ReLU")
            index += 2
        n.max_pool(f"features.{index}", 2, 2)
        index += 1
    n.add("avgpool", "AdaptiveAvgPool2d", output_size=7)
    n.add("flatten", "Flatten")
    n.linear("classifier.0", 512 * 7 * 7, 4096)
    n.add("classifier.1", "ReLU")
    n.add("classifier.2", "Dropout")
    n.linear("classifier.3", 4096, 4096)
    n.add("classifier.4", "ReLU")
    n.add("classifier.5", "Dropout")
    n.linear("classifier.6", 4096, IMAGENET_CLASSES)
    return n


def resnet(name, blocks, bottleneck):
    """K. He and others, 2015, https://arxiv.org/abs/1512.03385; in bottlenecks, the 3x3 convolution has the stride (version 1.5)."""
    n, expansion = Network(name), 4 if bottleneck else 1
    n.conv("conv1", 3, 64, 7, 2, 3)
    n.norm("bn1", 64)
    n.add("relu", "ReLU")
    n.max_pool("maxpool", 3, 2, 1)
    channels = 64
    for stage, count in enumerate(blocks):
        width = 64 << stage
        for block in range(count):
            at, stride, begin = f"layer{stage + 1}.{block}", 2 if stage > 0 and block == 0 else 1, n.last
            parts = [(width, 1, 1), (width, 3, stride), (4 * width, 1, 1)] if bottleneck else [(width, 3, stride), (width, 3, 1)]
            inside = channels
            for i, (out, kernel, step) in enumerate(parts, 1):
                n.conv(f"{at}.conv{i}", inside, out, kernel, step, kernel // 2)
                n.norm(f"{at}.bn{i}", out)
                if i < len(parts):
                    n.add(f"{at}.relu{i}", "ReLU")
                inside = out
            main, skip = n.last, begin
            if channels != inside or stride != 1:
                n.conv(f"{at}.downsample.0", channels, inside, 1, stride, reads=begin)
                skip = n.norm(f"{at}.downsample.1", inside)
            n.add(f"{at}.add", "Add", [main, skip])
            n.add(f"{at}.relu{len(parts)}", "ReLU")
            channels = inside
    n.head(512 * expansion)
    return n


def squeezenet(name, version):
    """F. Iandola and others, 2016, https://arxiv.org/abs/1602.07360; version 1.1 of https://github.com/forresti/SqueezeNet."""
    n = Network(name)
    first = (96, 7) if version == "1_0" else (64, 3)
    n.conv("features.0", 3, *first, 2, bias=True)
    n.add("features.1", "ReLU")
    n.max_pool("features.2", 3, 2, ceil=True)
    pools = (6, 11) if version == "1_0" else (5, 8)
    fires = [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)]
    channels, index = first[0], 3
    for squeeze, expand in fires:
        if index in pools:
            n.max_pool(f"features.{index}", 3, 2, ceil=True)
            index += 1
        at = f"features.{index}"
        n.conv(f"{at}.squeeze", channels, squeeze, 1, bias=True)
        small = n.add(f"{at}.squeeze_activation", "ReLU")
        n.conv(f"{at}.expand1x1", squeeze, expand, 1, bias=True)
        one = n.add(f"{at}.expand1x1_activation", "ReLU")
        n.conv(f"{at}.expand3x3", squeeze, expand, 3, padding=1, bias=True, reads=small)
        three = n.add(f"{at}.expand3x3_activation", "ReLU")
        n.add(f"{at}.concat", "Concat", [one, three])
        channels, index = 2 * expand, index + 1
    n.add("classifier.0", "Dropout")
    n.conv("classifier.1", 512, IMAGENET_CLASSES, 1, bias=True)
    n.add("classifier.2", "ReLU")
    n.add("classifier.3", "AdaptiveAvgPool2d", output_size=1)
    n.add("flatten", "Flatten")
    return n


def mobilenet_v2(name):
    """M. Sandler and others, 2018, https://arxiv.org/abs/1801.04381, table 2: expansion, channels, repetitions, stride."""
    n = Network(name)

    def unit(at, inputs, outputs, kernel, stride=1, groups=1):
        n.conv(f"{at}.0", inputs, outputs, kernel, stride, kernel // 2, groups)
        n.norm(f"{at}.1", outputs)
        n.add(f"{at}.2", "ReLU6")

    unit("features.0", 3, 32, 3, 2)
    channels, index = 32, 1
    for expansion, width, count, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(count):
            at, begin, wide, step, part = f"features.{index}.conv", n.last, channels * expansion, stride if i == 0 else 1, 0
            if expansion != 1:
                unit(f"{at}.0", channels, wide, 1)
                part = 1
            unit(f"{at}.{part}", wide, wide, 3, step, wide)
            n.conv(f"{at}.{part + 1}", wide, width, 1)
            n.norm(f"{at}.{part + 2}", width)
            if step == 1 and channels == width:
                n.add(f"features.{index}.add", "Add", [begin, n.last])
            channels, index = width, index + 1
    unit(f"features.{index}", channels, 1280, 1)
    n.head(1280, 0.2, "classifier.0", "classifier.1")
    return n


def gate(n, at, channels, squeezed, inner, outer):
    """Squeeze and excitation (J. Hu and others, 2017, https://arxiv.org/abs/1709.01507): a factor for each channel."""
    begin = n.last
    n.add(f"{at}.avgpool", "AdaptiveAvgPool2d", output_size=1)
    n.conv(f"{at}.fc1", channels, squeezed, 1, bias=True)
    n.add(f"{at}.activation", inner)
    n.conv(f"{at}.fc2", squeezed, channels, 1, bias=True)
    n.add(f"{at}.scale_activation", outer)
    n.add(f"{at}.multiply", "Multiply", [n.last, begin])


def mobilenet_v3(name, rows, last_channels):
    """A. Howard and others, 2019, https://arxiv.org/abs/1905.02244, tables 1 and 2: kernel, expanded, channels, gate, activation, stride."""
    n, eps = Network(name), 0.001

    def unit(at, inputs, outputs, kernel, stride, groups, activation):
        n.conv(f"{at}.0", inputs, outputs, kernel, stride, kernel // 2, groups)
        n.norm(f"{at}.1", outputs, eps)
        if activation:
            n.add(f"{at}.2", activation)

    unit("features.0", 3, 16, 3, 2, 1, "Hardswish")
    channels = 16
    for index, (kernel, wide, width, gated, hard, stride) in enumerate(rows, 1):
        at, begin, part, activation = f"features.{index}.block", n.last, 0, "Hardswish" if hard else "ReLU"
        if wide != channels:
            unit(f"{at}.0", channels, wide, 1, 1, 1, activation)
            part = 1
        unit(f"{at}.{part}", wide, wide, kernel, stride, wide, activation)
        part += 1
        if gated:
            eighth = max(8, int(wide / 4 + 4) // 8 * 8)
            gate(n, f"{at}.{part}", wide, eighth + 8 if eighth < 0.9 * wide / 4 else eighth, "ReLU", "Hardsigmoid")
            part += 1
        unit(f"{at}.{part}", wide, width, 1, 1, 1, None)
        if stride == 1 and channels == width:
            n.add(f"features.{index}.add", "Add", [begin, n.last])
        channels = width
    unit(f"features.{len(rows) + 1}", channels, 6 * channels, 1, 1, 1, "Hardswish")
    n.add("avgpool", "AdaptiveAvgPool2d", output_size=1)
    n.add("flatten", "Flatten")
    n.linear("classifier.0", 6 * channels, last_channels)
    n.add("classifier.1", "Hardswish")
    n.add("classifier.2", "Dropout", p=0.2)
    n.linear("classifier.3", last_channels, IMAGENET_CLASSES)
    return n


V3_SMALL = [(3, 16, 16, 1, 0, 2), (3, 72, 24, 0, 0, 2), (3, 88, 24, 0, 0, 1), (5, 96, 40, 1, 1, 2), (5, 240, 40, 1, 1, 1), (5, 240, 40, 1, 1, 1),
            (5, 120, 48, 1, 1, 1), (5, 144, 48, 1, 1, 1), (5, 288, 96, 1, 1, 2), (5, 576, 96, 1, 1, 1), (5, 576, 96, 1, 1, 1)]
V3_LARGE = [(3, 16, 16, 0, 0, 1), (3, 64, 24, 0, 0, 2), (3, 72, 24, 0, 0, 1), (5, 72, 40, 1, 0, 2), (5, 120, 40, 1, 0, 1), (5, 120, 40, 1, 0, 1),
            (3, 240, 80, 0, 1, 2), (3, 200, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1), (3, 480, 112, 1, 1, 1), (3, 672, 112, 1, 1, 1),
            (5, 672, 160, 1, 1, 2), (5, 960, 160, 1, 1, 1), (5, 960, 160, 1, 1, 1)]


def googlenet(name):
    """C. Szegedy and others, 2014, https://arxiv.org/abs/1409.4842, table 1, with batch normalization and without the auxiliary classifiers.
    torchvision's weights expect pixels in [-1, 1], and 3x3 kernels where the paper has 5x5."""
    n = Network(name, "half")

    def unit(at, inputs, outputs, kernel, stride=1, padding=0, reads=None):
        n.conv(f"{at}.conv", inputs, outputs, kernel, stride, padding, reads=reads)
        n.norm(f"{at}.bn", outputs, 0.001)
        return n.add(f"{at}.relu", "ReLU")

    unit("conv1", 3, 64, 7, 2, 3)
    n.max_pool("maxpool1", 3, 2, ceil=True)
    unit("conv2", 64, 64, 1)
    unit("conv3", 64, 192, 3, padding=1)
    n.max_pool("maxpool2", 3, 2, ceil=True)
    channels = 192
    rows = {"3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64),
            "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64), "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128),
            "5b": (384, 192, 384, 48, 128, 128)}
    for row, (one, three_in, three, five_in, five, pooled) in rows.items():
        at, begin = f"inception{row}", n.last
        first = unit(f"{at}.branch1", channels, one, 1)
        unit(f"{at}.branch2.0", channels, three_in, 1, reads=begin)
        second = unit(f"{at}.branch2.1", three_in, three, 3, padding=1)
        unit(f"{at}.branch3.0", channels, five_in, 1, reads=begin)
        third = unit(f"{at}.branch3.1", five_in, five, 3, padding=1)
        n.max_pool(f"{at}.branch4.0", 3, 1, 1, ceil=True, reads=begin)
        fourth = unit(f"{at}.branch4.1", channels, pooled, 1)
        n.add(f"{at}.concat", "Concat", [first, second, third, fourth])
        channels = one + three + five + pooled
        if row in ("3b", "4e"):
            n.max_pool(f"maxpool{3 if row == '3b' else 4}", 3 if row == "3b" else 2, 2, ceil=True)
    n.head(1024, 0.2)
    return n


def densenet(name, blocks, growth=32, first=64):
    """G. Huang and others, 2016, https://arxiv.org/abs/1608.06993."""
    n = Network(name)
    n.conv("features.conv0", 3, first, 7, 2, 3)
    n.norm("features.norm0", first)
    n.add("features.relu0", "ReLU")
    n.max_pool("features.pool0", 3, 2, 1)
    channels = first
    for stage, count in enumerate(blocks, 1):
        for layer in range(1, count + 1):
            at, begin = f"features.denseblock{stage}.denselayer{layer}", n.last
            n.norm(f"{at}.norm1", channels)
            n.add(f"{at}.relu1", "ReLU")
            n.conv(f"{at}.conv1", channels, 4 * growth, 1)
            n.norm(f"{at}.norm2", 4 * growth)
            n.add(f"{at}.relu2", "ReLU")
            new = n.conv(f"{at}.conv2", 4 * growth, growth, 3, padding=1)
            n.add(f"{at}.concat", "Concat", [begin, new])
            channels += growth
        if stage < len(blocks):
            at = f"features.transition{stage}"
            n.norm(f"{at}.norm", channels)
            n.add(f"{at}.relu", "ReLU")
            n.conv(f"{at}.conv", channels, channels // 2, 1)
            n.add(f"{at}.pool", "AvgPool2d", kernel_size=2)
            channels //= 2
    n.norm("features.norm5", channels)
    n.add("relu", "ReLU")
    n.head(channels, linear_name="classifier")
    return n


def efficientnet_b0(name):
    """M. Tan, Q. Le, 2019, https://arxiv.org/abs/1905.11946, table 1: expansion, kernel, stride, channels, repetitions."""
    n = Network(name)

    def unit(at, inputs, outputs, kernel, stride=1, groups=1, activation=True):
        n.conv(f"{at}.0", inputs, outputs, kernel, stride, kernel // 2, groups)
        n.norm(f"{at}.1", outputs)
        if activation:
            n.add(f"{at}.2", "SiLU")

    unit("features.0", 3, 32, 3, 2)
    channels = 32
    rows = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)]
    for stage, (expansion, kernel, stride, width, count) in enumerate(rows, 1):
        for block in range(count):
            at, begin, wide, step, part = f"features.{stage}.{block}.block", n.last, channels * expansion, stride if block == 0 else 1, 0
            if expansion != 1:
                unit(f"{at}.0", channels, wide, 1)
                part = 1
            unit(f"{at}.{part}", wide, wide, kernel, step, wide)
            gate(n, f"{at}.{part + 1}", wide, max(1, channels // 4), "SiLU", "Sigmoid")
            unit(f"{at}.{part + 2}", wide, width, 1, activation=False)
            if step == 1 and channels == width:
                n.add(f"features.{stage}.{block}.add", "Add", [begin, n.last])
            channels = width
    unit("features.8", channels, 1280, 1)
    n.head(1280, 0.2, "classifier.0", "classifier.1")
    return n


def inception_v3(name):
    """C. Szegedy and others, 2015, https://arxiv.org/abs/1512.00567, for images of 299x299, without the auxiliary classifier. torchvision's
    weights expect pixels in [-1, 1] (transform_input). Rows: names of the units, outputs, kernel, stride, padding."""
    n = Network(name, "half", 299)

    def unit(at, inputs, outputs, kernel, stride=1, padding=0, reads=None):
        n.conv(f"{at}.conv", inputs, outputs, kernel, stride, padding, reads=reads)
        n.norm(f"{at}.bn", outputs, 0.001)
        return n.add(f"{at}.relu", "ReLU")

    def block(at, channels, branches, pool=None):
        """Each branch is a list of units, of which the last may be a list of two that both read the one before."""
        begin, ends, width = n.last, [], 0
        for branch in branches:
            inside, last = channels, begin
            for part, *arguments in branch[:-1] if isinstance(branch[-1], list) else branch:
                last, inside = unit(f"{at}.{part}", inside, *arguments, reads=last), arguments[0]
            if isinstance(branch[-1], list):
                ends += [unit(f"{at}.{part}", inside, *arguments, reads=last) for part, *arguments in branch[-1]]
                width += sum(part[1] for part in branch[-1])
            else:
                ends.append(last)
                width += inside
        if pool:
            n.add(f"{at}.pool", "AvgPool2d", begin, kernel_size=3, stride=1, padding=1)
            ends.append(unit(f"{at}.branch_pool", channels, pool, 1))
            width += pool
        else:
            ends.append(n.max_pool(f"{at}.pool", 3, 2, reads=begin))
            width += channels
        n.add(f"{at}.concat", "Concat", ends)
        return width

    unit("Conv2d_1a_3x3", 3, 32, 3, 2)
    unit("Conv2d_2a_3x3", 32, 32, 3)
    unit("Conv2d_2b_3x3", 32, 64, 3, 1, 1)
    n.max_pool("maxpool1", 3, 2)
    unit("Conv2d_3b_1x1", 64, 80, 1)
    unit("Conv2d_4a_3x3", 80, 192, 3)
    n.max_pool("maxpool2", 3, 2)
    channels = 192
    for row, pool in (("5b", 32), ("5c", 64), ("5d", 64)):
        channels = block(f"Mixed_{row}", channels, [
            [("branch1x1", 64, 1)], [("branch5x5_1", 48, 1), ("branch5x5_2", 64, 5, 1, 2)],
            [("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3, 1, 1), ("branch3x3dbl_3", 96, 3, 1, 1)]], pool)
    channels = block("Mixed_6a", channels, [
        [("branch3x3", 384, 3, 2)], [("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3, 1, 1), ("branch3x3dbl_3", 96, 3, 2)]])
    wide, high = ([1, 7], 1, [0, 3]), ([7, 1], 1, [3, 0])
    for row, c in (("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)):
        channels = block(f"Mixed_{row}", channels, [
            [("branch1x1", 192, 1)], [("branch7x7_1", c, 1), ("branch7x7_2", c, *wide), ("branch7x7_3", 192, *high)],
            [("branch7x7dbl_1", c, 1), ("branch7x7dbl_2", c, *high), ("branch7x7dbl_3", c, *wide), ("branch7x7dbl_4", c, *high),
             ("branch7x7dbl_5", 192, *wide)]], 192)
    channels = block("Mixed_7a", channels, [
        [("branch3x3_1", 192, 1), ("branch3x3_2", 320, 3, 2)],
        [("branch7x7x3_1", 192, 1), ("branch7x7x3_2", 192, *wide), ("branch7x7x3_3", 192, *high), ("branch7x7x3_4", 192, 3, 2)]])
    wide, high = ([1, 3], 1, [0, 1]), ([3, 1], 1, [1, 0])
    for row in ("7b", "7c"):
        channels = block(f"Mixed_{row}", channels, [
            [("branch1x1", 320, 1)], [("branch3x3_1", 384, 1), [("branch3x3_2a", 384, *wide), ("branch3x3_2b", 384, *high)]],
            [("branch3x3dbl_1", 448, 1), ("branch3x3dbl_2", 384, 3, 1, 1),
             [("branch3x3dbl_3a", 384, *wide), ("branch3x3dbl_3b", 384, *high)]]], 192)
    n.head(channels, 0.5)
    return n


def convnext(name, blocks, widths):
    """Z. Liu and others, 2022, https://arxiv.org/abs/2201.03545. The linear layers of a position are 1x1 convolutions, and so are the
    factors of layer_scale, with one group per channel."""
    n = Network(name)

    def norm(at, channels):
        n.add(at, "LayerNorm2d", num_channels=channels)

    n.conv("features.0.0", 3, widths[0], 4, 4, bias=True)
    norm("features.0.1", widths[0])
    for stage, (count, width) in enumerate(zip(blocks, widths)):
        if stage > 0:
            norm(f"features.{2 * stage}.0", widths[stage - 1])
            n.conv(f"features.{2 * stage}.1", widths[stage - 1], width, 2, 2, bias=True)
        for block in range(count):
            at, begin = f"features.{2 * stage + 1}.{block}", n.last
            n.conv(f"{at}.block.0", width, width, 7, padding=3, groups=width, bias=True)
            norm(f"{at}.block.2", width)
            n.conv(f"{at}.block.3", width, 4 * width, 1, bias=True)
            n.add(f"{at}.block.4", "GELU")
            n.conv(f"{at}.block.5", 4 * width, width, 1, bias=True)
            n.conv(f"{at}.layer_scale", width, width, 1, groups=width)  # a factor for each channel
            n.add(f"{at}.add", "Add", [n.last, begin])
    n.add("avgpool", "AdaptiveAvgPool2d", output_size=1)
    norm("classifier.0", widths[-1])
    n.add("classifier.1", "Flatten")
    n.linear("classifier.2", widths[-1], IMAGENET_CLASSES)
    return n


VGG = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
NETWORKS = {f"vgg{depth}{'_bn' if norm else ''}": vgg(f"VGG-{depth}{' with batch normalization' if norm else ''}", stages, norm)
            for depth, stages in VGG.items() for norm in (False, True)}
NETWORKS.update({
    "resnet18": resnet("ResNet-18", (2, 2, 2, 2), False), "resnet34": resnet("ResNet-34", (3, 4, 6, 3), False),
    "resnet50": resnet("ResNet-50", (3, 4, 6, 3), True), "resnet101": resnet("ResNet-101", (3, 4, 23, 3), True),
    "squeezenet1_0": squeezenet("SqueezeNet 1.0", "1_0"), "squeezenet1_1": squeezenet("SqueezeNet 1.1", "1_1"),
    "mobilenet_v2": mobilenet_v2("MobileNetV2"), "mobilenet_v3_small": mobilenet_v3("MobileNetV3 small", V3_SMALL, 1024),
    "mobilenet_v3_large": mobilenet_v3("MobileNetV3 large", V3_LARGE, 1280), "googlenet": googlenet("GoogLeNet"),
    "densenet121": densenet("DenseNet-121", (6, 12, 24, 16)), "efficientnet_b0": efficientnet_b0("EfficientNet-B0"),
    "inception_v3": inception_v3("Inception v3"), "convnext_tiny": convnext("ConvNeXt tiny", (3, 3, 9, 3), (96, 192, 384, 768))})

# Arguments of torchvision's functions for networks without their auxiliary classifiers.
WITHOUT_AUXILIARY = {name: {"aux_logits": False, "init_weights": False} for name in ("googlenet", "inception_v3")}


def run(layers, arrays, x):
    """Runs the layers of a network file in PyTorch. Yields the name and the output of each."""
    import torch
    from torch.nn import functional as F
    outputs, last = {"input": x}, "input"
    for layer in layers:
        name, kind = layer["name"], layer["type"]
        read = [outputs[i] for i in layer.get("inputs", [last])]
        array = lambda key: arrays.get(f"{name}.{key}")  # noqa: B023, E731
        y = read[0]
        if kind == "Conv2d":
            weight = arrays.get(name) if name.endswith(".layer_scale") else array("weight")
            weight = weight.reshape(*weight.shape, *[1] * (4 - weight.ndim))  # of a linear layer, or one factor per channel
            y = F.conv2d(y, weight, array("bias"), layer.get("stride", 1), layer.get("padding", 0), 1, layer.get("groups", 1))
        elif kind == "BatchNorm2d":
            y = F.batch_norm(y, array("running_mean"), array("running_var"), array("weight"), array("bias"), eps=layer.get("eps", 1e-5))
        elif kind == "Linear":
            y = F.linear(y, array("weight"), array("bias"))
        elif kind == "MaxPool2d":
            y = F.max_pool2d(y, layer["kernel_size"], layer.get("stride"), layer.get("padding", 0), 1, layer.get("ceil_mode", False))
        elif kind == "AvgPool2d":
            y = F.avg_pool2d(y, layer["kernel_size"], layer.get("stride"), layer.get("padding", 0))
        elif kind == "LayerNorm2d":
            y = F.layer_norm(y.permute(0, 2, 3, 1), y.shape[1:2], array("weight"), array("bias"), 1e-6).permute(0, 3, 1, 2)
        elif kind == "AdaptiveAvgPool2d":
            y = F.adaptive_avg_pool2d(y, layer["output_size"])
        elif kind == "Add":
            y = sum(read[1:], read[0])
        elif kind == "Multiply":
            y = read[0] * read[1]
        elif kind == "Concat":
            y = torch.cat(read, 1)
        else:
            y = {"ReLU": F.relu, "ReLU6": F.relu6, "SiLU": F.silu, "GELU": F.gelu, "Hardswish": F.hardswish, "Hardsigmoid": F.hardsigmoid, "Sigmoid": torch.sigmoid,
                 "Flatten": lambda v: v.flatten(1), "Dropout": lambda v: v}[kind](y)
        outputs[name], last = y, name
        yield name, y


def check():
    """Compares arrays and results with torchvision's networks with random weights."""
    import torch
    import torchvision
    torch.manual_seed(1)
    for name, network in NETWORKS.items():
        model = getattr(torchvision.models, name)(weights=None, **WITHOUT_AUXILIARY.get(name, {})).eval()
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1), module.running_var.uniform_(0.5, 1.5), module.weight.data.uniform_(0.5, 1.5)
            if hasattr(module, "layer_scale"):
                module.layer_scale.data.uniform_(0.5, 1.5)
        arrays = {key: value for key, value in model.state_dict().items() if not key.endswith("num_batches_tracked")}
        read = set()

        class Used(dict):
            def get(self, key, default=None):
                read.add(key)
                return super().get(key, default)

        x = torch.randn(2, 3, 96, 96 if name == "inception_v3" else 80)
        with torch.no_grad():
            expected = model(x)
            for _, last in run(network.layers, Used(arrays), x):
                pass
        error = ((last - expected).abs().max() / expected.abs().max()).item()
        left = sorted(set(arrays) - read)
        print(f"{name}: {len(network.layers)} layers, {len(arrays)} arrays, relative difference {error:.1e}", *left[:3])
        assert error < 1e-5 and not left, name


def hashed(text, count):
    """Numbers from 0 to 1 that depend on nothing but the text: an FNV-1a hash, mixed with the index."""
    import numpy as np
    h = 2166136261
    for byte in text.encode():
        h = (h ^ byte) * 16777619 % 2**32
    x = (np.arange(count, dtype=np.uint64) * 2654435761 + h) % 2**32
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ (x >> shift)) * factor % 2**32
    return (x ^ (x >> 16)).astype(np.float64) / 2**32


def values(key, shape):
    """The values of an array, as networks_golden_test.cpp makes them."""
    import numpy as np
    u, part = hashed(key, int(np.prod(shape))), key.rsplit(".", 1)[1]
    if part == "weight":
        u = 0.75 + 0.5 * u if len(shape) == 1 else (2 * u - 1) * np.sqrt(4.0 / np.prod(shape[1:]))
    else:
        u = 0.5 + u if part == "running_var" else (2 * u - 1) * 0.1
    return u.astype(np.float32).reshape(shape)


# One of each family, which has all its kinds of blocks.
GOLDEN = ("convnext_tiny", "densenet121", "efficientnet_b0", "googlenet", "inception_v3", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "resnet18", "resnet50",
          "squeezenet1_0", "squeezenet1_1", "vgg11_bn")


def golden(folder):
    """Writes eight values and the largest magnitude of each layer's output, for an image of 64x64 (Inception: 96x96); of VGG, of the
    layers before the classifier."""
    import numpy as np
    import torch
    import torchvision
    results = {}
    for name in GOLDEN:
        network, side = NETWORKS[name], 96 if name == "inception_v3" else 64
        model = getattr(torchvision.models, name)(weights=None, **WITHOUT_AUXILIARY.get(name, {}))
        layers = network.layers[:next((i for i, l in enumerate(network.layers) if l["name"] == "avgpool"))] if name.startswith("vgg") else network.layers
        names = {layer["name"] for layer in layers}
        arrays = {key: torch.from_numpy(values(key, tuple(value.shape))).double() for key, value in model.state_dict().items()
                  if key.rsplit(".", 1)[0] in names and not key.endswith("num_batches_tracked")}
        arrays.update((name, torch.from_numpy(values(f"{name}.weight", (layer["out_channels"], 1, 1, 1))).double())
                      for name, layer in ((layer["name"], layer) for layer in layers) if name.endswith(".layer_scale"))
        x = torch.from_numpy(2 * hashed("input", 3 * side * side) - 1).float().double().reshape(1, 3, side, side)
        rows = []
        with torch.no_grad():
            for _, y in run(layers, arrays, x):
                y = y.flatten()
                rows.append([*(y[(i * 2654435761 + 12345) % 2**32 % len(y)].item() for i in range(8)), y.abs().max().item()])
        results[name] = np.array(rows)
        print(name, len(rows), *(f"{row[8]:.3g}" for row in rows[::max(1, len(rows) // 8)]))
    np.savez_compressed(os.path.join(folder, "networks.npz"), **results)


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        check()
    elif sys.argv[1] == "--golden":
        golden(sys.argv[2])
    else:
        for name, network in NETWORKS.items():
            with open(os.path.join(sys.argv[1], name + ".json"), "w") as file:
                file.write(network.text())
