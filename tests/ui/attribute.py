"""Attribution: every map appears beside its twin; the slider, other weights, another channel and the images that fool start what is needed."""
import json
import os
import shutil
import sys

from driver import Window

READY = lambda s: s.get("busy") == "0" and "output" in s


def study(s):
    """The explained layer, steps done, all steps, and the rank correlations of the methods that are complete."""
    layer, steps, *ranks = s.get("attribute", "- 0/1").split()
    done, work = steps.split("/")
    return layer, int(done), int(work), [r for r in ranks if r != "-"]


DONE = lambda s: READY(s) and study(s)[1] == study(s)[2] > 1 and len(study(s)[3]) == 7


def maps(window):
    window.key("a")
    window.wait("a growing map of occlusion", lambda s: study(s)[1] < study(s)[2] and study(s)[2] > 14, 400)
    window.click("attribute.play")
    window.wait("rest", lambda s: s["busy"] == "0", 60)
    window.click("attribute.play")
    states = window.wait("all maps and their twins", DONE, 400)
    assert study(states)[0] == "features.6" and states["attribute.error"] == "-" and states["attribute.random"] == "6", states
    window.park()
    window.shot("1-maps")
    before = study(states)[3]
    window.click("attribute.random", 0.1)
    states = window.wait("random weights everywhere", lambda s: DONE(s) and s["attribute.random"] == "0", 400)
    assert study(states)[3] != before, states
    window.shot("2-random")
    everywhere = study(states)[3]
    window.click("attribute.seed")
    window.wait("other weights", lambda s: DONE(s) and study(s)[3] != everywhere, 400)
    assert study(states)[1] == study(states)[2] and states["attribute.field"].startswith("99x99 "), states
    window.click("attribute.stride", 0.7)
    window.wait("a patch that moves further", lambda s: DONE(s) and study(s)[2] < study(states)[2], 400)
    window.click("attribute.stride", button=3)
    window.click("attribute.patch", 0.3)
    window.wait("a larger patch", lambda s: DONE(s) and study(s)[2] < study(states)[2], 400)
    window.click("attribute.patch", button=3)
    window.wait("the usual patch", lambda s: DONE(s) and study(s)[2] == study(states)[2], 400)
    window.click("attribute.save")
    saved = window.wait("the sheet", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
    with open(saved, "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n", saved
    assert "attribution" in saved, saved


def another_channel(window):
    channel = window.read()[1]["attribute.channel"]
    window.key("Escape")
    window.wait("the grid", lambda s: s["tool"] == "grid")
    window.click("grid", 0.02, 0.02)
    selected = window.wait("a selected channel", lambda s: s["selected"] not in ("-", channel))["selected"]
    window.key("a")
    window.wait("the maps of that channel", lambda s: DONE(s) and s["attribute.channel"] == selected, 400)


def fooling(window):
    window.click("attribute.fool")
    first = window.wait("a result", lambda s: READY(s) and "attribute.fooled" in s, 300)["attribute.fooled"].split()
    assert len(first) == 2, first
    window.park()
    window.shot("3-fooled")
    window.click("attribute.several")
    window.wait("one step", READY, 300)
    window.click("attribute.epsilon", button=3)
    window.set_number("attribute.epsilon", 0)
    same = window.wait("no change", lambda s: READY(s) and len(set(s.get("attribute.fooled", "0 1").split())) == 1, 300)
    assert same["attribute.error"] == "-", same
    window.click("attribute.maps")
    window.wait("the maps again", DONE, 400)


def small(program, folder, image):
    """A first layer has no earlier convolution: Grad-CAM says so. In a low window the texts are small."""
    with Window(program, os.path.join(folder, "small"), arguments=[image, "--resize", "96x64", "--ui-scale", "2"]) as window:
        window.wait("the grid", READY)
        window.key("a")
        states = window.wait("all maps but Grad-CAM", lambda s: READY(s) and study(s)[1] == study(s)[2] > 1 and len(study(s)[3]) == 6, 300)
        assert study(states)[0] == "conv1" and states["attribute.error"] == "-", states
        window.shot("4-low")
        window.click("attribute.fool")
        window.wait("a result", lambda s: READY(s) and "attribute.fooled" in s, 300)
        window.shot("5-low-fooled")
        window.quit()


def named(program, folder, assets, image):
    """The classes of a network that was trained on Fashion-MNIST have names."""
    weights = os.path.join(assets, "weights", "largenet_fashion_mnist.safetensors")
    layers = [{"name": "conv1", "type": "Conv2d", "in_channels": 3, "out_channels": 5, "kernel_size": 5}, {"name": "relu1", "type": "ReLU"},
              {"name": "pool1", "type": "MaxPool2d", "kernel_size": 2}, {"name": "conv2", "type": "Conv2d", "in_channels": 5, "out_channels": 10, "kernel_size": 5},
              {"name": "relu2", "type": "ReLU"}, {"name": "pool2", "type": "MaxPool2d", "kernel_size": 2},
              {"name": "fc1", "type": "Linear", "in_features": 250, "out_features": 32}, {"name": "relu3", "type": "ReLU"},
              {"name": "fc2", "type": "Linear", "in_features": 32, "out_features": 10}]
    network = os.path.join(folder, "files", "ten.json")
    with open(network, "w") as file:
        json.dump({"name": "ten", "layers": layers}, file)
    with Window(program, os.path.join(folder, "named"), arguments=[image, "--gray", "--resize", "32x32", "--network", network, "--weights", weights]) as window:
        window.wait("the output", READY)
        window.key("a")
        window.wait("all maps", lambda s: READY(s) and study(s)[1] == study(s)[2] > 1, 300)
        window.shot("6-named-maps")
        window.click("attribute.fool")
        states = window.wait("a result", lambda s: READY(s) and "attribute.class" in s, 300)
        assert states["attribute.class"].endswith(")") and states["attribute.class"].split()[0] == states["attribute.fooled"].split()[0], states
        window.shot("7-named-classes")
        window.quit()


def main():
    program, shots, assets = sys.argv[1:4]
    folder = os.path.join(os.path.abspath(shots), "files")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    image = shutil.copy(os.path.join(assets, "images", "cat.png"), folder)
    with Window(program, shots, arguments=[image, "--resize", "112x96", "--network", "alexnet", "--layer", "features.6"]) as window:
        window.wait("the first grid", READY)
        maps(window)
        another_channel(window)
        fooling(window)
        window.quit()
    small(program, os.path.abspath(shots), image)
    named(program, os.path.abspath(shots), assets, image)


main()
