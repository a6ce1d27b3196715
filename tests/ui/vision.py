"""The window as people see it who tell fewer colors apart: every pixel is changed by the matrix, gray stays, and the usual colors come back."""
import os
import random
import sys

from driver import Window
from driver.values import READY

# Machado, Oliveira and Fernandes 2009, severity 1.0
MATRICES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def simulated(pixel, matrix):
    light = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (p / 255 for p in pixel)]
    made = [min(max(sum(m * v for m, v in zip(row, light)), 0), 1) for row in matrix]
    return [255 * (v * 12.92 if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055) for v in made]


def pixels(window, name):
    window.park()
    window.rest()
    window.shot(name)
    path = os.path.join(window.shots, name)
    os.system(f"convert {path}.png -depth 8 rgb:{path}.rgb")
    with open(path + ".rgb", "rb") as file:
        data = file.read()
    # without the status bar, which has a note
    return [data[i:i + 3] for i in range(0, len(data) * 9 // 10, 3)]


def see(window, vision, words):
    window.key("ctrl+p")
    window.type(words)
    window.key("Return")
    window.wait(vision, lambda s: s["vision"] == vision and s["note"] != "-")


def story(window):
    window.wait("the first grid", READY)
    before = pixels(window, "1-usual")
    places = random.Random(1).sample(range(len(before)), 4000)
    assert sum(len(set(before[i])) > 1 for i in places) > 100, "the window has no colors"
    for vision, matrix in MATRICES.items():
        see(window, vision, vision)
        seen = pixels(window, f"2-{vision}")
        worst = max(abs(a - b) for i in places for a, b in zip(seen[i], simulated(before[i], matrix)))
        assert worst < 3, f"{vision}: a pixel is off by {worst:.1f} of 255"
    see(window, "usual", "color vision: usual")
    assert pixels(window, "3-usual") == before, "the usual colors are not the same as before"
    window.quit()


with Window(sys.argv[1], os.path.abspath(sys.argv[2])) as window:
    story(window)
