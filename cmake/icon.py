"""Draws an SVG that consists of rectangles as a Windows icon: icon.py FILE.svg FILE.ico."""
import math
import struct
import sys
import xml.etree.ElementTree as ElementTree
import zlib

SIZES = [16, 20, 24, 32, 40, 48, 64, 96, 128, 256]
SUBROWS = 8


def rectangles(node, fill=None):
    """Yields x, y, width, height, corner radius and color; an outline is yielded as its four sides."""
    fill = node.get("fill", fill)
    if node.tag.endswith("rect"):
        x, y, w, h, r, line = (float(node.get(key, 0)) for key in ("x", "y", "width", "height", "rx", "stroke-width"))
        if fill != "none":
            yield x, y, w, h, r, fill
        for side in [(x, y, w, 0), (x, y + h, w, 0), (x, y, 0, h), (x + w, y, 0, h)] if node.get("stroke") else []:
            yield side[0] - line / 2, side[1] - line / 2, side[2] + line, side[3] + line, 0, node.get("stroke")
    for child in node:
        yield from rectangles(child, fill)


def coverage_of_row(row, x, y, w, h, r, size):
    """How much of each pixel of a row the rectangle covers, 0 to 1."""
    covered = [0.0] * size
    for i in range(SUBROWS):
        at = row + (i + 0.5) / SUBROWS
        if not y <= at < y + h:
            continue
        beyond = max(y + r - at, at - (y + h - r), 0)
        inset = r - math.sqrt(max(r * r - beyond * beyond, 0)) if beyond else 0
        left, right = x + inset, x + w - inset
        for column in range(max(0, int(left)), min(size, math.ceil(right))):
            covered[column] += max(0, min(right, column + 1) - max(left, column)) / SUBROWS
    return covered


def picture(shapes, side, size):
    scale = size / side
    pixels = [[0.0, 0.0, 0.0, 0.0] for _ in range(size * size)]  # premultiplied
    for x, y, w, h, r, color in shapes:
        x, y, w, h, r = (value * scale for value in (x, y, w, h, r))
        rgb = [int(color[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        for row in range(max(0, int(y)), min(size, math.ceil(y + h))):
            for column, part in enumerate(coverage_of_row(row, x, y, w, h, r, size)):
                if part:
                    pixel = pixels[row * size + column]
                    for i, value in enumerate([*rgb, 1.0]):
                        pixel[i] = value * part + pixel[i] * (1 - part)
    return [[round(255 * min(1, value / p[3] if i < 3 and p[3] else p[3])) for i, value in enumerate(p)] for p in pixels]


def png(pixels, size):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes(v for p in pixels[y * size:(y + 1) * size] for v in p) for y in range(size))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def bitmap(pixels, size):
    rows = b"".join(bytes([p[2], p[1], p[0], p[3]]) for y in reversed(range(size)) for p in pixels[y * size:(y + 1) * size])
    mask = bytes((size + 31) // 32 * 4 * size)
    return struct.pack("<IiiHHIIiiII", 40, size, size * 2, 1, 32, 0, len(rows) + len(mask), 0, 0, 0, 0) + rows + mask


source, target = sys.argv[1:3]
root = ElementTree.parse(source).getroot()
side, shapes = float(root.get("width")), list(rectangles(root))
images = []
for size in SIZES:
    pixels = picture(shapes, side, size)
    images.append(png(pixels, size) if size >= 128 else bitmap(pixels, size))  # small ones as every program reads them
head, offset = struct.pack("<HHH", 0, 1, len(SIZES)), 6 + 16 * len(SIZES)
for size, image in zip(SIZES, images):
    head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(image), offset)
    offset += len(image)
with open(target, "wb") as file:
    file.write(head + b"".join(images))
