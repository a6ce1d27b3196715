"""Makes the files in tests/golden/pictures and pictures.npz: what other programs read in them.

    python3 tests/golden/make_pictures.py tests/golden

Needs Debian's imagemagick, python3-pil, webp, libheif-examples, libjxl-tools, libtiff-tools, ffmpeg, openexr; tests need only the results."""
import os
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image, ImageOps

W, H = 24, 16
y, x = np.mgrid[0:H, 0:W]
rgb = np.stack([x * 255 // (W - 1), y * 255 // (H - 1), (x * 7 + y * 13) % 256], -1).astype(np.uint8)
rgb[4:12, 8:16] = [200, 30, 40]  # an edge
alpha = ((x + y) * 255 // (W + H - 2)).astype(np.uint8)
rgba = np.dstack([rgb, alpha])
wide = rgb.astype(np.uint16) * 256 + (np.arange(H * W * 3).reshape(H, W, 3) % 251).astype(np.uint16)

top = os.path.abspath(sys.argv[1])
folder = os.path.join(top, "pictures")
os.makedirs(folder, exist_ok=True)
for old in os.listdir(folder):
    os.remove(os.path.join(folder, old))
out = lambda name: os.path.join(folder, name)
run = lambda *command: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
expected = {}


def put(name, values):
    """Values in 0..1, (height, width, 3 or 4)."""
    expected[name] = np.ascontiguousarray(np.moveaxis(values, -1, 0).astype(np.float32))


def by_pillow(name):
    with Image.open(out(name)) as image:
        image = ImageOps.exif_transpose(image)
        alpha_too = "A" in image.mode or "transparency" in image.info
        put(name, np.asarray(image.convert("RGBA" if alpha_too else "RGB")) / 255)


def by_imagemagick(name, channels=3, size=(W, H)):
    kind = "rgba" if channels == 4 else "rgb"
    done = subprocess.run(["convert", out(name) + "[0]", "-auto-orient", "-depth", "16", "-endian", "LSB", kind + ":-"],
                          check=True, stdout=subprocess.PIPE)
    put(name, np.frombuffer(done.stdout, "<u2").reshape(size[1], size[0], channels) / 65535)


def through_png(name, program, channels=3):
    png = os.path.join(scratch, "decoded.png")
    run(program, out(name), png)
    done = subprocess.run(["convert", png, "-depth", "16", "-endian", "LSB", "rgba:-" if channels == 4 else "rgb:-"],
                          check=True, stdout=subprocess.PIPE)
    values = np.frombuffer(done.stdout, "<u2").reshape(-1, channels) / 65535
    put(name, values.reshape((W, H, channels) if "turned" in name else (H, W, channels)))


with tempfile.TemporaryDirectory() as scratch:
    rgb_png, rgba_png, wide_png, turned = (os.path.join(scratch, n) for n in ("rgb.png", "rgba.png", "wide.png", "turned.jpg"))
    Image.fromarray(rgb).save(rgb_png)
    Image.fromarray(rgba).save(rgba_png)
    subprocess.run(["convert", "-size", f"{W}x{H}", "-depth", "16", "-endian", "LSB", "rgb:-", "PNG48:" + wide_png],
                   input=wide.astype("<u2").tobytes(), check=True)
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(rgb).save(turned, quality=95, exif=exif)

    # GIF: colors of a table, so Pillow's values are exact.
    flat = Image.fromarray(rgb).quantize(64)
    flat.save(out("plain.gif"))
    run("convert", out("plain.gif"), "-interlace", "GIF", out("interlaced.gif"))
    flat.save(out("transparent.gif"), transparency=flat.getpixel((0, 0)))
    frames = [Image.fromarray(np.roll(rgb, 5 * i, 1)).quantize(32) for i in range(3)]
    frames[0].save(out("moving.gif"), save_all=True, append_images=frames[1:], duration=40, loop=0)
    for name in ("plain.gif", "interlaced.gif", "transparent.gif", "moving.gif"):
        by_pillow(name)

    run("cwebp", "-lossless", "-exact", rgb_png, "-o", out("lossless.webp"))
    run("cwebp", "-lossless", "-exact", rgba_png, "-o", out("alpha.webp"))
    run("cwebp", "-q", "80", rgb_png, "-o", out("lossy.webp"))
    run("img2webp", "-lossless", rgb_png, rgba_png, "-o", out("moving.webp"))
    Image.fromarray(rgb).save(out("turned.webp"), lossless=True, exif=exif)
    for name in ("lossless.webp", "alpha.webp", "lossy.webp", "moving.webp", "turned.webp"):
        by_pillow(name)

    Image.fromarray(rgb).save(out("plain.tif"))
    Image.fromarray(rgb).save(out("lzw.tif"), compression="tiff_lzw")
    Image.fromarray(rgb).save(out("jpeg.tif"), compression="jpeg", quality=95)
    Image.fromarray(rgba).save(out("alpha.tif"), compression="tiff_adobe_deflate")
    Image.fromarray(rgb).save(out("turned.tif"), tiffinfo={274: 6})
    flat.save(out("palette.tif"))
    Image.fromarray(rgb).convert("1").save(out("bilevel.tif"), compression="group4")
    Image.fromarray(rgb).convert("CMYK").save(out("cmyk.tif"))
    run("convert", wide_png, "-compress", "zip", out("wide.tif"))
    run("tiffcp", "-t", "-w", "16", "-l", "16", out("wide.tif"), out("tiles.tif"))
    run("tiffcp", "-p", "separate", out("plain.tif"), out("planes.tif"))
    run("convert", wide_png, "-colorspace", "Gray", "-depth", "16", out("gray.tif"))
    floats = (rgb[..., 0].astype(np.float32) / 255 * 2 - 0.5)  # beyond 0 and 1
    Image.fromarray(floats).save(out("float.tif"))
    for name in ("plain.tif", "lzw.tif", "jpeg.tif", "palette.tif", "bilevel.tif", "cmyk.tif", "alpha.tif", "planes.tif"):
        by_pillow(name)
    for name in ("wide.tif", "tiles.tif", "gray.tif"):
        by_imagemagick(name)
    put("turned.tif", np.rot90(rgb, -1) / 255)  # row 0 is the right side
    put("float.tif", np.repeat(floats[..., None], 3, -1))

    for kind, option in (("heic", ()), ("avif", ("-A",))):
        run("heif-enc", *option, "-q", "90", rgb_png, "-o", out("plain." + kind))
        run("heif-enc", *option, "-q", "90", rgba_png, "-o", out("alpha." + kind))
        if kind == "heic":
            run("heif-enc", "-q", "90", "-b", "10", wide_png, "-o", out("wide.heic"))
        else:  # heif-enc of libheif 1.15 aborts
            run("ffmpeg", "-i", wide_png, "-c:v", "libaom-av1", "-still-picture", "1", "-pix_fmt", "yuv444p10le",
                "-crf", "10", out("wide.avif"))
        by_imagemagick("plain." + kind)
        through_png("alpha." + kind, "heif-convert", 4)  # ImageMagick 6 drops the opacity
    through_png("wide.heic", "heif-convert")
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", out("wide.avif"), "-pix_fmt", "rgb48le", "-f", "rawvideo", "-"],
                         check=True, stdout=subprocess.PIPE).stdout
    put("wide.avif", np.frombuffer(raw, "<u2").reshape(H, W, 3) / 65535)

    run("cjxl", rgb_png, out("plain.jxl"), "-d", "0")
    run("cjxl", rgba_png, out("alpha.jxl"), "-d", "0")
    run("cjxl", wide_png, out("wide.jxl"), "-d", "0")
    run("cjxl", rgb_png, out("lossy.jxl"), "-d", "1")
    run("cjxl", turned, out("turned.jxl"), "-d", "1", "-j", "0")
    for name in ("plain.jxl", "wide.jxl", "lossy.jxl", "turned.jxl"):
        through_png(name, "djxl")
    through_png("alpha.jxl", "djxl", 4)

    # OpenEXR: ffmpeg writes the planes G, B, R, A as they are; colors are stored multiplied by the opacity.
    def exr(name, planes, *options):
        pixels = "gbrapf32le" if len(planes) == 4 else "gbrpf32le"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", pixels, "-s", f"{W}x{H}", "-i", "-", "-c:v", "exr",
                        *options, out(name)], input=np.stack(planes).astype("<f4").tobytes(), check=True)

    bright = rgb.astype(np.float32) / 255 * 3 - 0.5  # beyond 0 and 1
    red, green, blue = (bright[..., c] for c in range(3))
    opacity = np.maximum(alpha, 1).astype(np.float32) / 255
    exr("plain.exr", (green, blue, red), "-compression", "none", "-format", "float")
    exr("zip.exr", (green, blue, red), "-compression", "zip16", "-format", "float")
    exr("rle.exr", (green, blue, red), "-compression", "rle", "-format", "half")
    exr("alpha.exr", (green * opacity, blue * opacity, red * opacity, opacity), "-compression", "zip1", "-format", "float")
    run("exrmaketiled", "-t", "8", "8", "-z", "piz", out("plain.exr"), out("tiles.exr"))
    for name in ("plain.exr", "zip.exr", "tiles.exr"):
        put(name, bright)
    put("rle.exr", bright.astype(np.float16).astype(np.float32))
    put("alpha.exr", np.dstack([bright, opacity]))

np.savez_compressed(os.path.join(top, "pictures.npz"), **expected)
for name in sorted(os.listdir(folder)):
    print(name, os.path.getsize(out(name)), expected[name].shape)
print("sum", sum(os.path.getsize(out(n)) for n in os.listdir(folder)), os.path.getsize(os.path.join(top, "pictures.npz")))
