"""Makes filter_labs.npz and filter_labs.json by NumPy: a small network under shifts of its input, with other strides, pooling, borders and
numbers of fewer bits; and maps reduced in several ways.

    python3 tests/golden/make_filter_labs.py tests/golden

Needs python3-numpy; tests need only the results."""
import json
import os
import sys

import numpy as np

random = np.random.default_rng(7)
PADDING = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def windows(x, k, stride, dilation=1):
    span = dilation * (k - 1) + 1
    view = np.lib.stride_tricks.sliding_window_view(x, (span, span), axis=(-2, -1))
    return view[..., ::stride, ::stride, ::dilation, ::dilation]


def conv(x, w, stride=1, padding=0, mode="zeros", dilation=1):
    """x (C, H, W), w (O, C, K, K): correlation, as torch.nn.functional.conv2d."""
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)), PADDING[mode])
    return np.einsum("chwij,ocij->ohw", windows(x, w.shape[-1], stride, dilation), w)


def pool(x, k, stride, reduce, dilation=1):
    return reduce(windows(x, k, stride, dilation), axis=(-2, -1))


def blur(x, taps, stride):
    """BlurPool (Zhang 2019)."""
    a = {3: [1, 2, 1], 5: [1, 4, 6, 4, 1], 7: [1, 6, 15, 20, 15, 6, 1]}[taps]
    a = np.outer(a, a) / np.sum(a)**2
    x = np.pad(x, ((0, 0), (taps // 2, taps // 2), (taps // 2, taps // 2)), "reflect")
    return np.einsum("chwij,ij->chw", windows(x, taps, stride), a)


def shift(x, pixels, axis):
    """Moves to the right or down in a circle; as scipy.ndimage.fourier_shift, but real at the Nyquist frequency."""
    n = x.shape[axis]
    f = np.fft.fftfreq(n)
    factor = np.exp(-2j * np.pi * f * pixels)
    if n % 2 == 0:
        factor[n // 2] = np.cos(np.pi * pixels)
    factor = factor.reshape([-1 if i == axis % x.ndim else 1 for i in range(x.ndim)])
    return np.fft.ifft(np.fft.fft(x, axis=axis) * factor, axis=axis).real


def moved(x, by):
    """Moves maps to the right by a fraction of values, with Lanczos' kernel and repeated borders."""
    out = np.zeros_like(x)
    for p in range(x.shape[-1]):
        if abs(by - round(by)) < 1e-9:
            out[..., p] = x[..., int(np.clip(p - round(by), 0, x.shape[-1] - 1))]
            continue
        i = np.floor(p - by) + np.arange(-2, 4)
        w = np.sinc(p - by - i) * np.sinc((p - by - i) / 3)
        out[..., p] = (x[..., np.clip(i, 0, x.shape[-1] - 1).astype(int)] * w).sum(-1) / w.sum()
    return out


def network(x, w1, w2, strides, pools, taps):
    """conv1 5x5 stride 2 padding 2, relu, maximum of 3x3 stride 2, conv2 3x3 padding 1: the maps, and jump, first column and width of
    their receptive fields."""
    relu = lambda v: np.maximum(v, 0)
    maps, d = [("input", x, 1, 0, 1)], 1
    s = 2 if strides == "unchanged" else 1
    a = conv(x, w1, s, 2)
    maps.append(("conv1", a, s, -2, 5))
    a = relu(a)
    maps.append(("relu1", a, s, -2, 5))
    jump, left, size = s, -2, 5
    if strides == "blurred":
        a, left, size, jump = blur(a, taps, 2), left - taps // 2, size + taps - 1, 2
        maps.append(("relu1.blur", a, jump, left, size))
    d = 2 if strides == "one" else 1
    ps = 1 if strides == "one" or pools == "blurred" else 2
    a, size = pool(a, 3, ps, np.mean if pools == "mean" else np.max, d), size + 2 * d * jump
    jump *= ps
    maps.append(("pool1", a, jump, left, size))
    if pools == "blurred" and strides != "one":
        a, left, size, jump = blur(a, taps, 2), left - taps // 2 * jump, size + (taps - 1) * jump, jump * 2
        maps.append(("pool1.blur", a, jump, left, size))
    d = 4 if strides == "one" else 1
    a = conv(a, w2, 1, d, dilation=d)
    maps.append(("conv2", a, jump, left - d * jump, size + 2 * d * jump))
    return maps


def cosine(a, b):
    n = np.sqrt((a**2).sum() * (b**2).sum())
    return float((a * b).sum() / n) if n > 0 else None


def curves(x, w1, w2, strides, pools, taps, inside, shifts):
    before = network(x, w1, w2, strides, pools, taps)
    rows = {name: {"consistency": [], "invariance": [], "jump": jump} for name, _, jump, _, _ in before}
    height, width = x.shape[1:]
    for d in shifts:
        for (name, a, jump, left, size), (_, b, *_) in zip(before, network(shift(x, d, -1), w1, w2, strides, pools, taps)):
            p, q = np.arange(a.shape[-1]), np.arange(a.shape[-2])
            x_ok = (left + p * jump >= d) & (left + p * jump + size <= width) if inside else p * jump >= d
            y_ok = (left + q * jump >= 0) & (left + q * jump + size <= height) if inside else q >= 0
            keep = np.ix_(range(a.shape[0]), np.flatnonzero(y_ok), np.flatnonzero(x_ok))
            rows[name]["consistency"].append(cosine(moved(a, d / jump)[keep], b[keep]))
            rows[name]["invariance"].append(cosine(a, b))
    return rows


def shifts(arrays, cases):
    x = np.cumsum(random.normal(size=(2, 33, 40)), axis=-1).astype(np.float32)
    w1 = (random.normal(size=(4, 2, 5, 5)) / 5).astype(np.float32)
    w2 = (random.normal(size=(3, 4, 3, 3)) / 6).astype(np.float32)
    arrays.update({"shift/input": x, "shift/conv1": w1, "shift/conv2": w2})
    cases["moved"] = []
    for pixels, vertical in ((0.5, False), (1.3, False), (2, False), (0.25, True), (-3.7, True)):
        arrays[f"moved{len(cases['moved'])}"] = shift(x.astype(float), pixels, -2 if vertical else -1).astype(np.float32)
        cases["moved"].append({"pixels": pixels, "vertical": vertical})
    steps = [i / 2 for i in range(13)]
    cases["shifts"] = []
    for strides, pools, taps, inside in (("unchanged", "unchanged", 3, True), ("unchanged", "unchanged", 3, False), ("blurred", "blurred", 3, True),
                                         ("blurred", "blurred", 5, False), ("unchanged", "mean", 3, False), ("one", "mean", 3, False),
                                         ("one", "max", 7, True)):
        rows = curves(x.astype(float), w1.astype(float), w2.astype(float), strides, pools, taps, inside, steps)
        cases["shifts"].append({"strides": strides, "pools": pools, "taps": taps, "inside": inside, "layers": rows})


def reduced(x, how, s, taps):
    """x (H, W), periodic."""
    a = np.array([1.0])
    for _ in range(taps - 1):
        a = np.convolve(a, [0.5, 0.5])
    around = lambda reduce: reduce([np.roll(x, (-i, -j), (0, 1)) for i in range(s) for j in range(s)], axis=0)
    if how in ("max pooling", "MaxBlurPool"):
        x = around(np.max)
    if how == "mean pooling":
        x = around(np.mean)
    if how in ("BlurPool", "MaxBlurPool"):
        for axis in 0, 1:
            x = sum(v * np.roll(x, taps // 2 - i, axis) for i, v in enumerate(a))
    return x[::s, ::s]


def ideal(x, how, s):
    spectrum, middle = np.fft.fft2(x), -(s - 1) / 2 if how in ("max pooling", "mean pooling", "MaxBlurPool") else 0
    for axis in 0, 1:
        f = np.abs(np.fft.fftfreq(x.shape[axis])) * 2 * s
        keep = np.where(np.isclose(f, 1), 0.5, f < 1)
        spectrum = spectrum * keep.reshape((-1, 1) if axis == 0 else (1, -1))
    return shift(shift(np.fft.ifft2(spectrum).real, middle, 1), middle, 0)[::s, ::s]


def aliasing(arrays, cases):
    y, x = np.mgrid[:48, :72] - 23.3
    image = (np.cos(np.pi * (x * x + y * y) / 60) + 0.2 * random.normal(size=x.shape)).astype(np.float32)
    arrays["aliasing/input"] = image
    image = image.astype(float)
    cases["aliasing"] = []
    for s, taps in (2, 3), (3, 5), (4, 7):
        rows = {}
        for how in "stride", "max pooling", "mean pooling", "BlurPool", "MaxBlurPool":
            small, best = reduced(image, how, s, taps), ideal(image, how, s)
            center = lambda v: v - v.mean()
            rows[how] = {"error": float(np.sqrt((center(small - best)**2).sum() / (center(best)**2).sum())),
                         "consistency": [cosine(center(shift(small, d / s, 1)), center(reduced(shift(image, d, 1), how, s, taps)))
                                         for d in np.arange(4 * s + 1) / 2]}
            arrays[f"aliasing/{s}/{how}"] = small.astype(np.float32)
        cases["aliasing"].append({"stride": s, "taps": taps, "methods": rows})


def borders(arrays, cases):
    """conv1 and conv2 of the shifts with other borders."""
    x, w1, w2 = (arrays[f"shift/{name}"].astype(float) for name in ("input", "conv1", "conv2"))
    outputs = {mode: [] for mode in PADDING}
    for mode, maps in outputs.items():
        maps.append(conv(x, w1, 2, 2, mode))
        maps.append(np.maximum(maps[-1], 0))
        maps.append(pool(maps[-1], 3, 2, np.max))
        maps.append(conv(maps[-1], w2, 1, 1, mode))
    cases["borders"] = []
    for i, zeros in enumerate(outputs["zeros"]):
        row = {"changed": [], "difference": []}
        for mode in PADDING:
            d = outputs[mode][i] - zeros
            row["changed"].append(float((np.abs(d) > 0.01 * zeros.std()).mean()))
            row["difference"].append(float(np.sqrt((d**2).sum() / ((zeros - zeros.mean())**2).sum())))
        cases["borders"].append(row)


def bfloat16(x):
    bits = x.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


def int8(x, axes=None):
    scale = np.float32(np.abs(x).max(axis=axes, keepdims=axes is not None) / np.float32(127))
    return (np.round(x / scale) * scale).astype(np.float32)


def precision(arrays, cases):
    x, w1, w2 = (arrays[f"shift/{name}"] for name in ("input", "conv1", "conv2"))
    values = np.concatenate([random.normal(size=400) * 10.0**random.integers(-9, 6, 400), [0, 65504, 65519, 65520, -7e4, 1.00390625, 1.01171875]])
    values = values.astype(np.float32)
    weights = np.stack([values[:200], 3 * values[200:400]])
    half = lambda v: v.astype(np.float16).astype(np.float32)
    formats = {"bfloat16": (bfloat16, bfloat16), "float16": (half, half), "int8 per tensor": (int8, int8),
               "int8 per channel": (lambda w: int8(w, tuple(range(1, w.ndim))), int8)}
    arrays.update({"values": values, "weights": weights, "values/bfloat16": bfloat16(values), "values/float16": half(values),
                   "weights/int8 per tensor": int8(weights), "weights/int8 per channel": int8(weights, (1,))})

    def run(of_weights, of_activations):
        a = [conv(of_activations(x), of_weights(w1), 2, 2)]
        a.append(of_activations(np.maximum(a[-1], 0).astype(np.float32)))
        a.append(of_activations(pool(a[-1], 3, 2, np.max)))
        a.append(of_activations(conv(a[-1], of_weights(w2), 1, 1).astype(np.float32)))
        return a

    same = lambda v: v
    exact = run(same, same)
    db = lambda y, q: float(10 * np.log10((y.astype(float)**2).sum() / ((q.astype(float) - y)**2).sum()))
    cases["precision"] = {name: {"snr": [db(y, q) for y, q in zip(exact, run(*f))], "weights": [db(y, q) for y, q in zip(exact, run(f[0], same))]}
                          for name, f in formats.items()}


def main():
    arrays, cases = {}, {}
    shifts(arrays, cases)
    aliasing(arrays, cases)
    borders(arrays, cases)
    with np.errstate(over="ignore"):
        precision(arrays, cases)
    np.savez_compressed(os.path.join(sys.argv[1], "filter_labs.npz"), **arrays)
    with open(os.path.join(sys.argv[1], "filter_labs.json"), "w") as file:
        json.dump(cases, file)
        file.write("\n")


main()
