"""Large inputs in the window: large.py PROGRAM FOLDER [CASE ...]. Prints for each how long it took and the longest time that the main
loop worked on a frame, without drawing it. Needs 3 GB in FOLDER and some 8 GB of memory."""
import json
import os
import random
import struct
import sys
import time
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ui"))
from driver import Window  # noqa: E402
from driver.drop import drop  # noqa: E402

PROGRAM, FOLDER = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
READY = lambda s: s.get("busy") == "0" and "output" in s


def png(width, height, row):
    """Returns a PNG of 8-bit RGB, whose row y is row(y)."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(b"\0" + row(y)) for y in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def safetensors(path, arrays):
    """Writes zeros, but for the first bytes of each array: [(name, shape)]."""
    header, at = {}, 0
    for name, shape in arrays:
        size = 4
        for n in shape:
            size *= n
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + struct.pack("<f", 0.5) * 1000)
        file.truncate(8 + len(text) + at)


def photo():
    """A photo of 60 megapixels."""
    path = os.path.join(FOLDER, "photo.png")
    dice = random.Random(1)
    noise = dice.randbytes(9488 * 3)
    with open(path, "wb") as file:
        file.write(png(9488, 6324, lambda y: bytes(noise[y % 997:]) + bytes([y % 256]) * (y % 997)))
    return lambda window: (drop_on_grid(window, path), window.wait("the photo", lambda s: READY(s) and s["input"] == "1x3x6324x9488", 300))


def folder():
    """A folder with 10,000 images."""
    images = os.path.join(FOLDER, "images")
    os.makedirs(images, exist_ok=True)
    image = png(64, 48, lambda y: bytes(range(64)) * 3)
    for i in range(10000):
        with open(os.path.join(images, f"image-{i:05}.png"), "wb") as file:
            file.write(image)

    def act(window):
        window.key("ctrl+o")
        window.click("browser.path")
        window.key("ctrl+a")
        window.type(images)
        window.key("Return")
        window.wait("thumbnails", lambda s: int(s.get("thumbnails", 0)) > 10)
        window.point("file.image-00000.png")
        for _ in range(60):
            window.input.button(5, True)
            window.input.button(5, False)
            window.frames(1)
        window.click("browser.filter")
        window.type("99")
        window.frames(20)
        window.key("Escape")
        window.key("Escape")
    return act


def checkpoint():
    """A checkpoint of 1 GB: a network of two large Linear layers and its weights."""
    network, weights = (os.path.join(FOLDER, "large." + end) for end in ("json", "safetensors"))
    with open(network, "w") as file:
        json.dump({"name": "large", "input_size": [32, 32], "layers": [
            {"name": "conv1", "type": "Conv2d", "in_channels": 3, "out_channels": 16, "kernel_size": 3, "stride": 1, "padding": 1},
            {"name": "flatten", "type": "Flatten"},
            {"name": "fc1", "type": "Linear", "in_features": 16384, "out_features": 15000}]}, file)
    safetensors(weights, [("conv1.weight", [16, 3, 3, 3]), ("conv1.bias", [16]), ("fc1.weight", [15000, 16384]), ("fc1.bias", [15000])])

    def act(window):
        drop_on_grid(window, network, weights)
        window.wait("the weights", lambda s: READY(s) and "4 of 4 arrays loaded" in s.get("report", ""), 300)
    return act


def deep():
    """A network of 200 layers."""
    network = os.path.join(FOLDER, "deep.json")
    layers, channels = [], 3
    for i in range(100):
        layers += [{"name": f"conv{i}", "type": "Conv2d", "in_channels": channels, "out_channels": 16, "kernel_size": 3, "padding": 1}, {"name": f"relu{i}", "type": "ReLU"}]
        channels = 16
    with open(network, "w") as file:
        json.dump({"name": "deep", "input_size": [128, 128], "layers": layers}, file)

    def act(window):
        drop_on_grid(window, network)
        window.wait("the network", lambda s: READY(s) and s["layers"] == "200", 120)
        for _ in range(30):
            window.key("Down")
        window.key("ctrl+6")
    return act


def drop_on_grid(window, *paths):
    x0, y0, x1, y1 = window.read()[0]["grid"]
    drop(window, paths, (x0 + x1) // 2, (y0 + y1) // 2)


CASES = {"photo": photo, "folder": folder, "checkpoint": checkpoint, "deep": deep}


def main():
    os.makedirs(FOLDER, exist_ok=True)
    for name in sys.argv[3:] or CASES:
        act = CASES[name]()
        with Window(PROGRAM, os.path.join(FOLDER, "window"), arguments=["--backend", "cpu"]) as window:
            window.wait("the first grid", READY)
            window.frames(10)
            before = float(window.read()[1]["slowest"])
            start = time.monotonic()
            act(window)
            seconds = time.monotonic() - start
            # Typical work on it: other kernels, undo, another tool, the mouse over the grid.
            for key in ("ctrl+2", "ctrl+z", "m", "Escape", "s", "ctrl+z"):
                window.key(key)
                window.frames(5)
            x0, y0, x1, y1 = window.read()[0].get("grid", (300, 300, 900, 600))
            for i in range(20):
                window.input.move(x0 + (x1 - x0) * i // 20, y0 + (y1 - y0) * i // 20)
                window.frames(1)
            states = window.wait("rest", READY, 300)
            window.shot(name)
            with open(f"/proc/{window.program.pid}/status") as status:
                peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) // 1024
            print(f"{name}: {CASES[name].__doc__[:-1]}: opened in {seconds:.1f} s, longest frame {states['slowest']} ms ({before} before), peak memory {peak} MB, "
                  f"message: {states['error']}", flush=True)
            window.quit()


main()
