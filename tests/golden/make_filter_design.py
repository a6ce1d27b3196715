"""Makes filter_design.npz and filter_design.json by NumPy and SciPy: kernels for bands of frequencies by least squares, spectra before and
after a kernel, two kernels in a row, and ridge regression over painted pixels.

    python3 tests/golden/make_filter_design.py tests/golden

Needs python3-scipy; tests need only the results."""
import json
import os
import sys

import numpy as np
from scipy.signal import convolve2d, correlate2d, freqz

random = np.random.default_rng(3)
SAMPLES = 128


def band(lowest, highest, orientation, spread):
    """1 for the frequencies that should pass, in the order of fftshift."""
    f = np.arange(-SAMPLES // 2, SAMPLES // 2) / SAMPLES
    fy, fx = np.meshgrid(f, f, indexing="ij")
    r = np.hypot(fy, fx)
    wanted = (r >= lowest - 1e-9) & (r <= highest + 1e-9)
    if spread < 180:
        away = (np.degrees(np.arctan2(-fy, fx)) - orientation + 90) % 180 - 90
        wanted &= (np.abs(away) <= spread / 2 + 1e-9) | (r == 0)
    return fy, fx, wanted.astype(float)


def design(lowest, highest, orientation, spread, side, outside):
    """The real kernel of least squares, by NumPy's lstsq over all frequencies, real and imaginary parts."""
    fy, fx, wanted = band(lowest, highest, orientation, spread)
    at = np.arange(side) - side // 2
    waves = np.exp(2j * np.pi * (fy[..., None, None] * at[:, None] + fx[..., None, None] * at)).reshape(-1, side * side)
    weight = np.sqrt(np.where(wanted.ravel() > 0, 1, outside))
    rows = np.concatenate([(waves * weight[:, None]).real, (waves * weight[:, None]).imag])
    target = np.concatenate([weight * wanted.ravel(), 0 * weight])
    kernel, _, rank, _ = np.linalg.lstsq(rows, target, rcond=None)
    assert rank == side * side
    error = np.linalg.norm(rows @ kernel - target) / np.linalg.norm(target)
    h = (waves @ kernel).real
    return kernel.reshape(side, side), float(error), float(h[wanted.ravel() > 0].mean()), float(np.abs(h[wanted.ravel() == 0]).max())


def designs(arrays, cases):
    cases["bands"] = []
    for i, (lowest, highest, orientation, spread, side, outside) in enumerate(
            ((0, 0.1, 0, 180, 7, 1), (0.1, 0.25, 0, 180, 11, 1), (0.1, 0.3, 35, 40, 9, 1), (0.15, 0.35, 90, 30, 7, 4), (0.3, 0.71, 0, 180, 5, 0.25),
             (0, 0.5, 135, 60, 9, 2))):
        kernel, error, passed, leaked = design(lowest, highest, orientation, spread, side, outside)
        arrays[f"band{i}"] = kernel.astype(np.float32)
        cases["bands"].append({"lowest": lowest, "highest": highest, "orientation": orientation, "spread": spread, "side": side, "outside": outside,
                               "error": error, "passed": passed, "leaked": leaked})


def spectra(arrays, cases):
    cases["spectra"] = []
    for i, (c, h, w, kh, kw) in enumerate(((1, 40, 46, 3, 3), (3, 70, 50, 5, 6), (1, 270, 290, 9, 4))):
        x = (np.cumsum(random.integers(-1, 2, size=(c, h, w)), axis=2) / 4 + 3).astype(np.float32)
        k = random.normal(size=(c, kh, kw)).astype(np.float32)
        arrays[f"spectra{i}/input"], arrays[f"spectra{i}/kernel"] = x, k
        n = min(h - kh + 1, w - kw + 1, 256) // 2 * 2
        top, left = (h - n - kh + 1) // 2, (w - n - kw + 1) // 2
        part = x[:, top:top + n + kh - 1, left:left + n + kw - 1].astype(float)
        part = part - part.mean((1, 2), keepdims=True)
        y = sum(convolve2d(p, q[::-1, ::-1].astype(float), "valid") for p, q in zip(part, k))
        assert np.allclose(y, sum(correlate2d(p, q.astype(float), "valid") for p, q in zip(part, k)))
        window = np.outer(np.hanning(n + 1)[:n], np.hanning(n + 1)[:n])
        transform = lambda plane: np.fft.rfft2(plane * window) / window.sum()
        before = [transform(p[(kh - 1) // 2:][:n, (kw - 1) // 2:][:, :n]) for p in part]
        response = [np.conj(np.fft.rfft2(np.roll(np.pad(q.astype(float), ((0, n - kh), (0, n - kw))), (-((kh - 1) // 2), -((kw - 1) // 2)), (0, 1)))) for q in k]
        # Along fy = 0, the response is that of the sums of the columns, as SciPy's freqz computes it (for a convolution).
        _, along = freqz(k[0].sum(0), worN=2 * np.pi * np.arange(n // 2 + 1) / n)
        assert np.allclose(np.abs(along), np.abs(response[0][0]))
        product, output = sum(a * b for a, b in zip(before, response)), transform(y)
        # The first rows will do.
        for name, plane in ("before", np.sqrt(sum(np.abs(b)**2 for b in before))), ("product", np.abs(product)), ("output", np.abs(output)), ("after", y):
            arrays[f"spectra{i}/{name}"] = plane[:8].astype(np.float32)
        cases["spectra"].append({"side": n, "difference": float(np.linalg.norm(output - product) / np.linalg.norm(output))})


def algebra(arrays, cases):
    """Two kernels in a row are their full convolution: SciPy's convolve2d."""
    cases["algebra"] = []
    for i, (c0, c1, c2, k1, k2) in enumerate(((1, 1, 1, 3, 3), (3, 2, 2, 5, 3), (2, 4, 1, 2, 7))):
        a, b = (random.normal(size=(c1, c0, k1, k1)).astype(np.float32), random.normal(size=(c2, c1, k2, k2)).astype(np.float32))
        made = np.array([[sum(convolve2d(b[o, m].astype(float), a[m, c].astype(float)) for m in range(c1)) for c in range(c0)] for o in range(c2)])
        arrays.update({f"algebra{i}/first": a, f"algebra{i}/second": b, f"algebra{i}/composed": made.astype(np.float32)})
        cases["algebra"].append({"size": k1 + k2 - 1})


def paint(arrays, cases):
    """Weighted ridge regression with a free bias, solved by NumPy."""
    cases["paint"] = []
    for i, (c, side, regularization) in enumerate(((1, 3, 1e-4), (3, 5, 0.01), (2, 3, 1))):
        x = random.normal(size=(c, 24, 30)).astype(np.float32)
        marks = random.choice([0, 1, 2], size=(24, 30), p=[0.6, 0.3, 0.1])  # none, no, yes
        padded = np.pad(x.astype(float), ((0, 0), (side // 2,) * 2, (side // 2,) * 2))
        patches = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2)).transpose(1, 2, 0, 3, 4)[marks > 0].reshape(-1, c * side * side)
        y = np.where(marks[marks > 0] == 2, 1.0, -1.0)
        w = np.where(y > 0, 0.5 / (y > 0).sum(), 0.5 / (y < 0).sum())
        centered = patches - w @ patches
        a = centered.T @ (w[:, None] * centered)
        kernel = np.linalg.solve(a + regularization * np.trace(a) / len(a) * np.eye(len(a)), centered.T @ (w * y))
        bias = -kernel @ (w @ patches)
        answers = patches @ kernel + bias
        arrays.update({f"paint{i}/input": x, f"paint{i}/marks": marks.astype(np.float32), f"paint{i}/kernel": kernel.reshape(c, side, side).astype(np.float32)})
        cases["paint"].append({"side": side, "regularization": regularization, "bias": float(bias), "error": float(np.sqrt(((answers - y)**2).mean())),
                               "right": float((answers * y > 0).mean())})


def main():
    arrays, cases = {}, {}
    for part in designs, spectra, algebra, paint:
        part(arrays, cases)
    np.savez_compressed(os.path.join(sys.argv[1], "filter_design.npz"), **arrays)
    with open(os.path.join(sys.argv[1], "filter_design.json"), "w") as file:
        json.dump(cases, file, indent=1)
        file.write("\n")


main()
