"""Makes the files in tests/golden/profiles and profiles.npz: images with color profiles, and their colors in sRGB by the formulas.

    python3 tests/golden/make_profiles.py tests/golden

The colorants of Adobe RGB (1998) and sRGB are those of ICC profiles, relative to D50; the transfer function of sRGB is IEC 61966-2-1.
Needs Debian's python3-numpy, python3-pil, libheif-examples; tests need only the results."""
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

top = os.path.abspath(sys.argv[1])
folder = os.path.join(top, "profiles")
os.makedirs(folder, exist_ok=True)
out = lambda name: os.path.join(folder, name)
WHITE = (0.9642, 1.0, 0.8249)
ADOBE = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
SRGB = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
GAMMA, GRAY_GAMMA = 563 / 256, 461 / 256  # as u8Fixed8Number


def profile(kind, tags):
    """A version 2 display profile of ICC.1:2001."""
    body, table = b"", b""
    for name, data in tags:
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    size = 128 + 4 + len(table) + len(body)
    head = struct.pack(">I4sI4s4s4s12s4s4sI4sIQI", size, b"none", 0x02100000, b"mntr", kind, b"XYZ ", struct.pack(">6H", 2026, 1, 1, 0, 0, 0),
                       b"acsp", b"none", 0, b"none", 0, 0, 0)
    head += b"".join(struct.pack(">i", round(v * 65536)) for v in WHITE)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


xyz = lambda v: b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(x * 65536)) for x in v)
curve = lambda gamma: b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
text = lambda s: b"desc\0\0\0\0" + struct.pack(">I", len(s) + 1) + s + b"\0" + b"\0" * (4 + 4 + 2 + 1 + 67)
adobe = profile(b"RGB ", [(b"desc", text(b"Wide test")), (b"cprt", b"text\0\0\0\0none\0"), (b"wtpt", xyz(WHITE))] +
                [(n, xyz(ADOBE[:, i])) for i, n in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))] +
                [(n, curve(GAMMA)) for n in (b"rTRC", b"gTRC", b"bTRC")])
linear = profile(b"RGB ", [(b"desc", text(b"Linear sRGB")), (b"cprt", b"text\0\0\0\0none\0"), (b"wtpt", xyz(WHITE))] +
                 [(n, xyz(SRGB[:, i])) for i, n in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))] + [(n, curve(1.0)) for n in (b"rTRC", b"gTRC", b"bTRC")])
gray = profile(b"GRAY", [(b"desc", text(b"Gray test")), (b"cprt", b"text\0\0\0\0none\0"), (b"wtpt", xyz(WHITE)), (b"kTRC", curve(GRAY_GAMMA))])


def encode(linear):
    """The transfer function of sRGB."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def converted(values):
    """Of RGB, 0 to 1."""
    return encode((np.linalg.inv(SRGB) @ ADOBE @ (values.reshape(-1, 3) ** GAMMA).T).T.reshape(values.shape))


W, H = 24, 16
y, x = np.mgrid[0:H, 0:W]
rgb = np.stack([x * 255 // (W - 1), y * 255 // (H - 1), (x * 7 + y * 13) % 256], -1).astype(np.uint8)
smooth = np.stack([40 + x * 6, 60 + y * 8, 180 - x * 3], -1).astype(np.uint8)
expected = {}


def put(name, values):
    """Values in 0..1, (height, width, 3)."""
    expected[name] = np.ascontiguousarray(np.moveaxis(values, -1, 0).astype(np.float32))


for name, options in (("rgb.png", {}), ("rgb.tif", {}), ("rgb.webp", {"lossless": True})):
    Image.fromarray(rgb).save(out(name), icc_profile=adobe, **options)
    put(name, converted(rgb / 255))
Image.fromarray(rgb).save(out("linear.png"), icc_profile=linear)
put("linear.png", encode(rgb / 255))
Image.fromarray(smooth).save(out("smooth.jpg"), quality=95, subsampling=0, icc_profile=adobe)
put("smooth.jpg", converted(np.asarray(Image.open(out("smooth.jpg"))) / 255))
Image.fromarray(rgb[..., 0]).save(out("gray.png"), icc_profile=gray)
put("gray.png", np.repeat(encode((rgb[..., 0] / 255) ** GRAY_GAMMA)[..., None], 3, -1))
Image.fromarray(smooth).save(out("smooth.png"), icc_profile=adobe)
subprocess.run(["heif-enc", "-q", "95", out("smooth.png"), "-o", out("smooth.heic")], check=True, stdout=subprocess.DEVNULL)
put("smooth.png", converted(smooth / 255))
with tempfile.TemporaryDirectory() as scratch:
    decoded = os.path.join(scratch, "decoded.png")
    subprocess.run(["heif-convert", out("smooth.heic"), decoded], check=True, stdout=subprocess.DEVNULL)
    put("smooth.heic", converted(np.asarray(Image.open(decoded).convert("RGB")) / 255))
Image.fromarray(rgb).save(out("other.png"), icc_profile=gray)  # a gray profile does not describe colors
put("other.png", rgb / 255)
Image.fromarray(rgb).save(out("broken.png"), icc_profile=adobe[:200])
put("broken.png", rgb / 255)
np.savez(os.path.join(top, "profiles.npz"), **expected)
