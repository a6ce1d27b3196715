"""Makes the pictures of the user guide from scenes: docs/make_pictures.py PROGRAM. They are what the program draws, so they can't rot."""
import os
import shutil
import subprocess
import sys
import tempfile

DOCS = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.abspath(sys.argv[1])
GUIDE = {4: "edges", 6: "random", 8: "pooling", 12: "alexnet"}

with tempfile.TemporaryDirectory() as folder:
    subprocess.run([PROGRAM, "render", "--scenes", os.path.join(DOCS, "../assets/lectures/cnn.json"), "--out-folder", folder, "--legend", "--scene-width", "640"], check=True)
    os.makedirs(os.path.join(DOCS, "guide"), exist_ok=True)
    for name in sorted(os.listdir(folder)):
        if int(name[:2]) in GUIDE:
            shutil.move(os.path.join(folder, name), os.path.join(DOCS, "guide", GUIDE[int(name[:2])] + ".png"))
subprocess.run([PROGRAM, "render", "--weights", "edges", "--microscope", os.path.join(DOCS, "guide/microscope.png"), "--spot", "21,120,75", "--pixels", "30"], check=True)
