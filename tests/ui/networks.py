"""Networks by keyboard: AlexNet layer by layer, LargeNet edited until it does not fit, a checkpoint and its match table."""
import json
import os
import struct
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s

# AlexNet's layers from the last to the first on the sample of 300 x 451 pixels.
ALEXNET = [("classifier.6", "1x1000x1x1"), ("classifier.5", "1x4096x1x1"), ("classifier.4", "1x4096x1x1"), ("classifier.3", "1x4096x1x1"),
           ("classifier.2", "1x4096x1x1"), ("classifier.1", "1x4096x1x1"), ("classifier.0", "1x256x6x6"), ("avgpool", "1x256x6x6"),
           ("features.12", "1x256x8x13"), ("features.11", "1x256x17x27"), ("features.10", "1x256x17x27"), ("features.9", "1x256x17x27"),
           ("features.8", "1x256x17x27"), ("features.7", "1x384x17x27"), ("features.6", "1x384x17x27"), ("features.5", "1x192x17x27"),
           ("features.4", "1x192x36x55"), ("features.3", "1x192x36x55"), ("features.2", "1x64x36x55"), ("features.1", "1x64x74x112"),
           ("features.0", "1x64x74x112")]


def in_sight(window, name, above, below):
    """Waits until a control lies whole between two heights of the screen."""
    for _ in range(20):
        _, top, _, bottom = window.read()[0].get(name, (0, -1, 0, -1))
        if top >= above and bottom <= below:
            return
        window.frames(1)
    raise AssertionError(f"{name} lies from {top} to {bottom}, not between {above} and {below}")


def only_what_is_seen(drawn, expected):
    """Of long lists, only the rows on the screen are drawn."""
    rows, count = map(int, drawn.split(" of "))
    assert count == expected and 0 < rows < 200, drawn


def crowded(path, checkpoint):
    """Writes a checkpoint of LargeNet with 2000 arrays that are left over, some with hostile names."""
    with open(checkpoint, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header, values = json.loads(file.read(size)), file.read()
    for i in range(2000):
        at = len(values) + 4 * i
        header[f"left.{i}" + "\n\x1b[2J" * (i % 10 == 0)] = {"dtype": "F32", "shape": [1], "data_offsets": [at, at + 4]}
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + values + bytes(8000))
    return path


def alexnet(window):
    window.key("ctrl+5")
    window.wait("AlexNet's cards, and its first convolution", lambda s: READY(s) and s["layers"] == "21" and s["layer"] == "features.0")
    for _ in ALEXNET:
        window.key("period")
    window.wait("as far as the trained weights go", lambda s: READY(s) and s["layer"] == "classifier.0" and s["output"] == "1x256x6x6")
    window.shot("1-alexnet")
    window.key("ctrl+r")
    window.wait("all layers with random weights", lambda s: READY(s) and s["kernels"].startswith("AlexNet, random"))
    for _ in ALEXNET[1:]:
        window.key("period")
    for layer, shape in ALEXNET:
        states = window.wait(f"{layer} {shape}", lambda s: READY(s) and s["layer"] == layer and s["output"] == shape)
        if layer == "classifier.6":
            only_what_is_seen(states["bars"], 1000)
        in_sight(window, f"layer.{layer}", window.read()[0]["chain"][3], 680)
        if layer in ("classifier.6", "features.8"):
            window.shot(f"2-{layer}")
        window.key("comma")


def where_one_is(window):
    """A mark for each layer, to click; the marked one of many kernels is scrolled into view."""
    window.click("chain", across=8.5 / len(ALEXNET), down=0.8)
    window.wait("features.8 by its mark", lambda s: READY(s) and s["layer"] == "features.8" and s["output"] == "1x256x17x27")
    in_sight(window, "layer.features.8", window.read()[0]["chain"][3], 680)
    window.park()
    for _ in range(26):
        window.key("Down")
    window.wait("a kernel far down", lambda s: READY(s) and s["selected"] == "200")
    strip = window.read()[0]["kernels"]
    assert strip[3] - strip[1] > 700, "the strip is lower than expected: it fits"
    in_sight(window, "kernel.selected", 130, 460)
    window.shot("2-marked")
    window.click("chain", across=0.1, down=0.2)
    window.wait("the same layer", lambda s: READY(s) and s["layer"] == "features.8")


def largenet(window, checkpoints, shots):
    window.key("ctrl+4")
    window.wait("LargeNet's first convolution", lambda s: READY(s) and s["input"] == "1x3x32x32" and s["output"] == "1x5x28x28" and s["layers"] == "9")
    for _ in range(8):
        window.key("period")
    window.wait("its last layer", lambda s: READY(s) and s["output"] == "1x1x1x1")
    many = crowded(os.path.join(os.path.abspath(shots), "crowded.safetensors"), os.path.join(checkpoints, "largenet.safetensors"))
    for name in ("largenet.safetensors", "largenet_training_checkpoint.pth", many):
        window.key("ctrl+o")
        window.click("browser.path")
        window.key("ctrl+a")
        window.type(os.path.join(checkpoints, name))
        window.key("Return")
        window.wait("the match table", lambda s: READY(s) and s.get("report", "").startswith(os.path.basename(name)) and "8 of 8 arrays loaded" in s["report"])
    window.click("report")
    states = window.wait("the rows, the first 8 of which match", lambda s: READY(s) and "report_rows" in s and "2000 left over" in s["report"])
    only_what_is_seen(states["report_rows"], 2008)
    window.shot("3-report")


def misfit(window):
    """A second pooling behind pool2 leaves fc1 with too few numbers: its card says so, the last good picture stays."""
    window.key("ctrl+4")
    window.wait("LargeNet afresh, at the same layer", lambda s: READY(s) and s["kernels"].startswith("LargeNet, random") and s["output"] == "1x1x1x1")
    for _ in range(3):
        window.key("comma")
    window.wait("pool2", lambda s: READY(s) and s["layer"] == "pool2" and s["output"] == "1x10x5x5")
    window.click("layer.add")
    window.click("add.MaxPool2d")
    states = window.wait("the sentence on fc1's card", lambda s: READY(s) and "fc1" in s["stopped"])
    assert "250" in states["stopped"] and "40" in states["stopped"], states["stopped"]
    assert states["layer"] == "pool3" and states["output"] == "1x10x2x2", states
    window.shot("4-misfit")
    window.key("ctrl+z")
    window.wait("the network before", lambda s: READY(s) and s["stopped"] == "-")


def main():
    program, shots, assets, checkpoints = sys.argv[1:5]
    with Window(program, shots) as window:
        window.wait("the first grid", lambda s: READY(s) and s["output"] == "1x64x74x112")
        alexnet(window)
        where_one_is(window)
        largenet(window, checkpoints, shots)
        misfit(window)
        window.quit()


main()
