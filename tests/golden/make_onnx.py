"""Makes onnx/*.onnx and onnx.npz: small networks in ONNX files, and what they compute in double precision. Needs python3-onnx, python3-torch;
tests need only the results.

    python3 tests/golden/make_onnx.py tests/golden"""
import io
import os
import sys

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

FOLDER = os.path.join(sys.argv[1], "onnx")
os.makedirs(FOLDER, exist_ok=True)
arrays = {}
random = np.random.default_rng(2026)
torch.manual_seed(2026)


def keep(name, model, x, y):
    """Writes the file NAME.onnx, its input and the output that is expected."""
    onnx.checker.check_model(model)
    open(os.path.join(FOLDER, name + ".onnx"), "wb").write(model.SerializeToString())
    arrays[name + "/input"], arrays[name + "/output"] = np.asarray(x, np.float32), np.asarray(y, np.float64)


class Viewed(nn.Module):
    """Flattens as many networks do: x.view(x.size(0), -1)."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
                                      nn.Conv2d(4, 6, 3, stride=2, groups=2, bias=False), nn.LeakyReLU(0.2), nn.AvgPool2d(2, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.25), nn.Linear(12, 7), nn.Sigmoid(), nn.Linear(7, 5), nn.Softmax(dim=1))

    def forward(self, x):
        x = self.features(x)
        return self.classifier(x.view(x.size(0), -1))


class Pooled(nn.Module):
    """Has a global mean before the classifier, and no fixed size."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1, dilation=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        return self.fc(torch.flatten(self.pool(torch.tanh(self.stem(x))), 1))


class Residual(nn.Module):
    """Branches after its first layers."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x):
        x = torch.relu(self.conv1(x))
        return torch.relu(x + self.conv2(x))


def shake(module):
    """Gives normalization layers statistics that are not 0 and 1."""
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.uniform_(-1, 1)
            layer.running_var.uniform_(0.5, 2)
            layer.weight.data.uniform_(0.5, 2)
            layer.bias.data.uniform_(-1, 1)
    return module.eval()


def export(name, module, size, opset, **options):
    shake(module)
    x = torch.from_numpy(random.standard_normal((2, 3, *size)).astype(np.float32))
    file = io.BytesIO()
    torch.onnx.export(module, x[:1], file, opset_version=opset, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False, **options)
    with torch.no_grad():
        y = module.double()(x.double())
        module.float()
    keep(name, onnx.load_from_string(file.getvalue()), x, y)


for opset in 7, 9, 13, 17:
    export(f"viewed_{opset}", Viewed(), (12, 15), opset)
export("viewed_any_batch", Viewed(), (12, 15), 11, input_names=["image"], dynamic_axes={"image": {0: "batch"}})
export("pooled_any_size", Pooled(), (9, 11), 13, input_names=["image"], dynamic_axes={"image": {0: "n", 2: "h", 3: "w"}})
export("residual", Residual(), (8, 8), 13)


def build(name, nodes, tensors, size, opset, function, dtypes=None, channels_last=False):
    """A file of the nodes (type, inputs, output, attributes) and tensors."""
    x = random.standard_normal((1, 3, *size)).astype(np.float32)
    stored = x.transpose(0, 2, 3, 1) if channels_last else x
    y = function(torch.from_numpy(x.astype(np.float64)), {key: torch.from_numpy(value.astype(np.float64)) for key, value in tensors.items()}).numpy()
    graph = helper.make_graph([helper.make_node(kind, inputs, [output], name=output + "_node", **attributes) for kind, inputs, output, attributes in nodes], name,
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, stored.shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, y.shape)],
                              [numpy_helper.from_array(value, key) for key, value in tensors.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    keep(name, model, x, y)
    return model


def normal(*shape, dtype=np.float32):
    return random.standard_normal(shape).astype(dtype)


F = nn.functional
build("gemm", [("Flatten", ["x"], "f", {}), ("Gemm", ["f", "w", "c"], "g", dict(alpha=0.5, beta=2.0)), ("MatMul", ["g", "v"], "m", {}),
               ("Add", ["b", "m"], "a", {}), ("Softmax", ["a"], "y", dict(axis=1))],
      dict(w=normal(60, 6), c=normal(1, 6), v=normal(6, 4), b=normal(4)), (4, 5), 11,
      lambda x, t: torch.softmax((x.flatten(1) @ t["w"] * 0.5 + 2 * t["c"]) @ t["v"] + t["b"], 1))
build("constants", [("Sub", ["x", "mean"], "a", {}), ("Div", ["a", "std"], "b", {}), ("Conv", ["b", "w"], "c", dict(auto_pad="SAME_UPPER", kernel_shape=[4, 3])),
                    ("Add", ["c", "bias"], "d", {}), ("Mul", ["d", "two"], "e", {}), ("Clip", ["e", "zero"], "f", {}),
                    ("MaxPool", ["f"], "g", dict(kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")),
                    ("InstanceNormalization", ["g", "scale", "shift"], "h", {}), ("ReduceMean", ["h"], "r", dict(axes=[2, 3], keepdims=0)), ("Tanh", ["r"], "y", {})],
      dict(mean=normal(1, 3, 1, 1), std=np.abs(normal(3, 1, 1)) + np.float32(0.5), w=normal(4, 3, 4, 3), bias=normal(4, 1, 1), two=np.array(2, np.float32),
           zero=np.array(0, np.float32), scale=normal(4), shift=normal(4)), (10, 12), 13,
      lambda x, t: torch.tanh(F.instance_norm(F.max_pool2d(F.relu(2 * (F.conv2d(F.pad((x - t["mean"]) / t["std"], (1, 1, 1, 2)), t["w"]) + t["bias"])), 3, 2,
                                                           ceil_mode=True), weight=t["scale"], bias=t["shift"]).mean((2, 3))))
build("half", [("Cast", ["x"], "h", dict(to=10)), ("Conv", ["h", "w", "b"], "c", {}), ("Cast", ["c"], "y", dict(to=1))],
      dict(w=normal(2, 3, 3, 3, dtype=np.float16), b=normal(2, dtype=np.float16)), (6, 7), 13, lambda x, t: F.conv2d(x, t["w"], t["b"]))
build("channels_last", [("Transpose", ["x"], "t", dict(perm=[0, 3, 1, 2])), ("Conv", ["t", "w"], "y", dict(strides=[2, 1], pads=[1, 0, 1, 0]))],
      dict(w=normal(2, 3, 3, 2)), (6, 7), 13, lambda x, t: F.conv2d(x, t["w"], stride=(2, 1), padding=(1, 0)), channels_last=True)
build("missing", [("Relu", ["x"], "a", {}), ("Conv", ["a", "w"], "c", {}), ("Sin", ["c"], "s", {}), ("Cos", ["s"], "d", {}), ("Sin", ["d"], "y", {})],
      dict(w=normal(2, 3, 1, 1)), (4, 4), 13, lambda x, t: F.conv2d(F.relu(x), t["w"]))
model = build("external", [("Conv", ["x", "w", "b"], "y", {})], dict(w=normal(4, 3, 3, 3), b=normal(4)), (6, 7), 13, lambda x, t: F.conv2d(x, t["w"], t["b"]))
onnx.save_model(model, os.path.join(FOLDER, "external.onnx"), save_as_external_data=True, location="external.bin", size_threshold=64)
np.savez(os.path.join(sys.argv[1], "onnx.npz"), **arrays)
