"""The graph of a network: a ResNet-18 from an ONNX file, a layer found by its name, a value explained across a branch, the grid exported;
inputs of layers changed in the network panel; a network of hundreds of layers."""
import json
import os
import shutil
import subprocess
import sys

from driver import Window
from driver.values import READY

LAYER = "layer2.0.conv1"


def write_network(program, folder):
    """Writes a ResNet-18 with random weights as ONNX."""
    path = os.path.join(folder, "resnet18.onnx")
    done = subprocess.run([program, "network", "sample:cat", "--network", "resnet18", "--weights", "random:1", "--resize", "96x96",
                           "--save-onnx", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return path


def walk(window):
    """Finds a layer by its name, goes along the edges by arrow keys and clicks."""
    window.key("slash")
    window.wait("the graph", lambda s: READY(s) and s["tool"] == "graph" and s["graph"].startswith("70 "))
    window.shot("1-opened")
    window.type("layer2.0")
    window.wait("the layers of the block", lambda s: s["graph.found"] == "9")
    window.key("ctrl+a")
    window.type(LAYER)
    window.wait("one layer", lambda s: s["graph.found"] == "1")
    window.key("Return")
    window.wait(LAYER, lambda s: READY(s) and s["layer"] == LAYER and s["output"] == "1x128x12x12")
    window.wait_control("graph.box." + LAYER)
    window.park()
    window.shot("2-found")
    window.key("Escape")
    window.key("Down")
    window.wait("the layer that reads it", lambda s: READY(s) and s["layer"] == "layer2.0.bn1")
    window.key("Up")
    window.wait("back", lambda s: READY(s) and s["layer"] == LAYER)
    window.click("graph.box.layer2.0.downsample.0")
    window.wait("the other branch", lambda s: READY(s) and s["layer"] == "layer2.0.downsample.0")


def buttons(window):
    window.click("graph.measure")
    states = window.wait("measured layers", lambda s: READY(s) and s["graph.measured"].startswith("69 "))
    assert states["layer"] == "layer2.0.downsample.0", states["layer"]
    count, low, high = states["graph.values"].split(" ")
    assert int(count) == 128 * 12 * 12 and float(low) < 0 < float(high), states["graph.values"]
    window.park()
    window.shot("3-measured")
    for name in ("parameters", "memory of the output", "time", "dead channels"):
        window.click("graph.bars")
        window.click("graph.bars." + name)
        window.park()
        window.shot("3-" + name.split(" ")[0])
    window.click("graph.bars")
    window.click("graph.bars.multiply-accumulates")
    window.click("graph.fit")
    window.wait("a small drawing", lambda s: float(s["graph"].split(" ")[2]) < 0.5)
    window.park()
    window.shot("4-fit")
    window.key("F")
    window.click("graph.normal")
    window.wait("a readable drawing", lambda s: s["graph"].endswith(" 1.000"))
    window.click("graph.maps")
    window.park()
    window.shot("5-alone")
    window.click("graph.table")
    saved = window.wait("the table", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
    lines = open(saved).read().splitlines()
    assert len(lines) == 70 and lines[0].startswith("layer,type,inputs") and lines[0].endswith("time (ms),dead channels,min,5%,25%,median,75%,95%,max"), lines[:2]
    window.click("graph.maps")


def explain(window):
    """The sum at the end of a block: a value is explained across the branch, and the grid is exported."""
    window.click("graph.search")
    window.key("ctrl+a")
    window.type("layer2.0.add")
    window.key("Return")
    window.wait("the sum", lambda s: READY(s) and s["layer"].startswith("layer2.0.add") and s["output"] == "1x128x12x12")
    window.key("Escape")
    window.click("grid", across=0.3, down=0.3)
    window.wait("its explanation", lambda s: READY(s) and s["pin"] != "-" and s["why"].startswith("layer2.0.add"))
    window.park()
    window.shot("6-explained")
    window.key("ctrl+e")
    saved = window.wait("the picture", lambda s: s["note"].startswith("saved ") and s["note"].endswith(".png"))["note"][len("saved "):]
    assert os.path.getsize(saved) > 1000, saved
    window.key("G")
    window.wait("the grid", lambda s: s["tool"] == "grid")
    window.key("Escape")


def inputs(window):
    """Gives the sum other inputs in its card: they fit, or its card says why not."""
    window.click("input.add")
    window.wait_control("input.2")
    window.wait("an input more", lambda s: READY(s) and s["stopped"] == "-")
    window.click("input.2")
    window.click("input.filter")
    window.type("maxpool")
    window.click("input.from.maxpool")
    states = window.wait("a sentence", lambda s: "layer2.0.add" in s["stopped"])
    assert "1x64x24x24" in states["stopped"] and "1x128x12x12" in states["stopped"], states["stopped"]
    window.shot("7-misfit")
    window.click("input.remove.2")
    window.wait("the inputs before", lambda s: READY(s) and s["stopped"] == "-")


def large(window):
    """DenseNet-121: the drawing of hundreds of layers."""
    window.wait("hundreds of layers", lambda s: READY(s) and int(s["layers"]) > 400, 120)
    window.click("tool.graph")
    window.wait("its graph", lambda s: READY(s) and int(s["graph"].split(" ")[0]) > 400)
    window.shot("8-densenet")
    window.key("F")
    window.frames(10)
    window.park()
    window.shot("8-densenet-fit")
    print("longest work on a frame:", window.read()[1]["slowest"], "ms")


def lecture(program, shots, size, network):
    """A scene with the graph, in lecture mode."""
    path = os.path.join(os.path.abspath(shots), "graph.json")
    scene = {"title": "A residual block", "text": "Two branches, one sum.", "document": {"input": {"images": ["sample:cat"]}, "layer": "layer2.0.add",
             "network": {"name": network, "weights": {"file": network}}}, "view": {"tool": "graph"}}
    with open(path, "w") as file:
        json.dump({"convlens": "lecture", "version": 1, "title": "Graphs", "scenes": [scene]}, file)
    with Window(program, shots, size=size, arguments=["--scenes", path]) as window:
        window.wait("the scene", lambda s: READY(s) and s["scene"] == "1 of 1")
        window.key("F5")
        window.wait("lecture mode", lambda s: READY(s) and s["lecture"] == "1" and s["layer"] == "layer2.0.add" and s["tool"] == "graph")
        window.park()
        window.shot(f"9-lecture-{size[0]}")
        window.click("graph.box.layer2.0.bn2")
        window.wait("another layer", lambda s: READY(s) and s["layer"] == "layer2.0.bn2")
        window.quit()


def main():
    program, shots = os.path.abspath(sys.argv[1]), sys.argv[2]
    folder = os.path.join(os.path.abspath(shots), "files")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    image = shutil.copy(os.path.join(sys.argv[3], "images", "cat.png"), folder)
    network = write_network(program, folder)
    with Window(program, shots, arguments=[image, network]) as window:
        window.wait("the network", lambda s: READY(s) and s["layers"] == "69" and s["output"] == "1x1000x1x1")
        walk(window)
        buttons(window)
        explain(window)
        inputs(window)
        window.quit()
    with Window(program, shots, arguments=[image, "--network", "densenet121", "--weights", "random", "--resize", "96x96"]) as window:
        large(window)
        window.quit()
    for size in ((1280, 720), (1920, 1080)):
        lecture(program, shots, size, network)
    with Window(program, shots, size=(1920, 1080), arguments=[image, network]) as window:
        window.wait("the network", lambda s: READY(s) and s["layers"] == "69")
        window.key("G")
        window.wait("the graph", lambda s: READY(s) and s["tool"] == "graph")
        window.park()
        window.shot("9-large")
        window.quit()


main()
