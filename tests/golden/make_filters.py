"""Makes filters.npz and filters.json: frequency responses, singular values and Gabor fits by NumPy and SciPy.

    python3 tests/golden/make_filters.py tests/golden

Needs python3-scipy; tests need only the results."""
import json
import os
import sys

import numpy as np
from scipy.optimize import least_squares

SIZE = 64
random = np.random.default_rng(1)


def gabor(p, h, w):
    """amplitude, wavelength, orientation, phase (radians), sigma_u, sigma_v, center_y, center_x"""
    y, x = np.mgrid[:h, :w].astype(float)
    u = (x - p[7]) * np.cos(p[2]) - (y - p[6]) * np.sin(p[2])
    v = (x - p[7]) * np.sin(p[2]) + (y - p[6]) * np.cos(p[2])
    return p[0] * np.exp(-u**2 / (2 * p[4]**2) - v**2 / (2 * p[5]**2)) * np.cos(2 * np.pi * u / p[1] + p[3])


def response(kernel, size):
    """As engine/filter/response.h says: conj of fft2 of the kernel with its middle at (0, 0)."""
    h, w = kernel.shape
    padded = np.zeros((size * (h // size + 1), size * (w // size + 1)))
    padded[:h, :w] = kernel
    padded = np.roll(padded, (-((h - 1) // 2), -((w - 1) // 2)), (0, 1))
    padded = padded.reshape(padded.shape[0] // size, size, -1, size).sum((0, 2))  # kernels larger than the samples
    return np.conj(np.fft.fft2(padded))


def peak_of(kernel, size=2048):
    """The peak of |H| on a fine grid: gain, frequency, orientation."""
    m = np.abs(response(kernel, size))
    y, x = np.unravel_index(np.argmax(m), m.shape)
    fy, fx = np.fft.fftfreq(size)[[y, x]]
    return float(m[y, x]), float(np.hypot(fy, fx)), float(np.degrees(np.arctan2(-fy, fx)) % 180)


def fitted(kernel, truth):
    """The residual of SciPy's fit, begun at the truth."""
    h, w = kernel.shape
    found = least_squares(lambda p: (gabor(p, h, w) - kernel).ravel(), truth, method="lm", xtol=1e-12, ftol=1e-12)
    return float(np.sqrt((found.fun**2).sum() / (kernel**2).sum())), found.x


def main():
    arrays, cases = {}, {"responses": [], "svd": [], "gabor": []}
    gauss = np.exp(-np.arange(-4, 5)**2 / 4.5)
    kernels = {
        "sobel": np.outer([1, 2, 1], [-1, 0, 1]), "laplace": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
        "box": np.ones((5, 5)) / 25, "gauss": np.outer(gauss, gauss) / gauss.sum()**2, "even": random.normal(size=(4, 6)),
        "odd": random.normal(size=(7, 3)), "one": np.array([[2.0]]), "large": random.normal(size=(70, 9)),
        "gabor": gabor((1, 4, 0.6, 0.4, 2.2, 3, 5.2, 4.9), 11, 11),
    }
    for name, kernel in kernels.items():
        kernel = kernel.astype(np.float32)
        h = response(kernel, SIZE)[:, :SIZE // 2 + 1]
        arrays[f"{name}/kernel"] = kernel
        arrays[f"{name}/re"], arrays[f"{name}/im"] = h.real.astype(np.float32), h.imag.astype(np.float32)
        gain, frequency, orientation = peak_of(kernel)
        cases["responses"].append({"name": name, "size": SIZE, "gain": gain, "frequency": frequency, "orientation": orientation,
                                   "dc": float(abs(kernel.sum()))})
        u, s, v = np.linalg.svd(kernel.astype(float))
        ranks = [int(r) for r in sorted({1, 2, min(kernel.shape)}) if r <= min(kernel.shape)]
        for r in ranks:
            arrays[f"{name}/rank{r}"] = (u[:, :r] * s[:r] @ v[:r]).astype(np.float32)
        cases["svd"].append({"name": name, "values": s.tolist(), "ranks": ranks})
    bank = random.normal(size=(3, 5, 6)).astype(np.float32)
    arrays["joint/kernel"] = bank
    cases["joint"] = np.linalg.svd(bank.reshape(15, 6).astype(float))[1].tolist()
    cases["per_channel"] = np.sqrt((np.linalg.svd(bank.astype(float))[1]**2).sum(0)).tolist()
    truths = [(1, 4, 0.6, 0.4, 2.2, 3, 5.2, 4.9), (0.3, 6, 2.2, -1.2, 2, 2.5, 5, 5), (2, 3, 0, 1.6, 1.8, 1.5, 4.5, 5.5),
              (1, 8, 1.3, 0, 3, 2, 5, 5), (1, 2.6, 2.9, 3, 2.5, 2.5, 5.5, 5), (1, 10, 0.9, 1.5, 2.5, 4, 5, 5)]
    for i, truth in enumerate(truths):
        for noise in (0, 0.2):
            name = f"gabor{i}noise{noise}"
            clean = gabor(truth, 11, 11)
            kernel = (clean + noise * clean.std() * random.normal(size=clean.shape)).astype(np.float32)
            residual, found = fitted(kernel.astype(float), truth)
            arrays[f"{name}/kernel"] = kernel
            cases["gabor"].append({"name": name, "noise": noise, "residual": residual, "wavelength": float(abs(found[1])),
                                   "orientation": float(np.degrees(found[2]) % 180), "sigma_u": float(abs(found[4])),
                                   "sigma_v": float(abs(found[5]))})
    np.savez_compressed(os.path.join(sys.argv[1], "filters.npz"), **arrays)
    with open(os.path.join(sys.argv[1], "filters.json"), "w") as file:
        json.dump(cases, file, indent=1)
        file.write("\n")


main()
