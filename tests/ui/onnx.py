"""ONNX files in the window: opened, dropped, read in part, exported and opened again; batch normalization is folded, undone and redone."""
import os
import shutil
import sys

from driver import Window
from driver.drop import drop

READY = lambda s: s.get("busy") == "0" and "output" in s


def command(window, words):
    window.key("ctrl+p")
    window.type(words)
    window.key("Return")


def drop_on_grid(window, path):
    x0, y0, x1, y1 = window.read()[0]["grid"]
    drop(window, [path], (x0 + x1) // 2, (y0 + y1) // 2)


def main():
    program, shots, assets, checkpoints = sys.argv[1:5]
    networks = os.path.join(checkpoints, "..", "onnx")
    folder = os.path.join(os.path.abspath(shots), "files")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    image = shutil.copy(os.path.join(assets, "images", "cat.png"), folder)
    network = shutil.copy(os.path.join(networks, "viewed_13.onnx"), folder)
    with Window(program, shots, arguments=[image, network]) as window:
        states = window.wait("the classifier", lambda s: READY(s) and s["output"] == "1x5x1x1")
        assert states["layers"] == "12" and states["layer"] == "classifier.4" and states["input"] == "1x3x12x15", states
        assert states["report"].startswith("viewed_13.onnx: 11 of 11 arrays loaded"), states["report"]
        window.shot("1-opened")

        command(window, "foldbatch")
        window.wait("one layer fewer", lambda s: READY(s) and s["layers"] == "11" and s["kernels"].endswith("1 BatchNorm2d folded"))
        window.key("ctrl+z")
        window.wait("the layer again", lambda s: READY(s) and s["layers"] == "12")
        window.key("ctrl+y")
        window.wait("folded again", lambda s: READY(s) and s["layers"] == "11")

        command(window, "exportnetwork")
        saved = window.wait("the file", lambda s: s["note"].startswith("saved "))["note"][len("saved "):]
        assert saved.endswith("cat-network.onnx") and os.path.getsize(saved) > 1000, saved
        drop_on_grid(window, saved)
        window.wait("the exported network", lambda s: READY(s) and s["layers"] == "11" and "cat-network.onnx" in s.get("report", ""))

        drop_on_grid(window, os.path.abspath(os.path.join(networks, "residual.onnx")))
        window.wait("the network with its branch", lambda s: READY(s) and s["layers"] == "5" and s["output"] == "1x4x8x8")
        drop_on_grid(window, os.path.abspath(os.path.join(networks, "missing.onnx")))
        states = window.wait("the layers before the operator", lambda s: READY(s) and s["layers"] == "2" and s["output"].startswith("1x2x"))
        assert "Sin \"s_node\" is not supported, nor are 1 Cos, 1 more Sin" in states["report"], states
        window.shot("2-in-part")

        broken = os.path.join(folder, "broken.onnx")
        with open(network, "rb") as whole, open(broken, "wb") as file:
            file.write(whole.read(700))
        drop_on_grid(window, broken)
        states = window.wait("a sentence", lambda s: READY(s) and "broken.onnx" in s["error"])
        assert states["layers"] == "2" and states["output"].startswith("1x2x"), states
        window.quit()


main()
